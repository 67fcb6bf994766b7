#!/usr/bin/env bats
# A bad line between client and server: delay, loss, a black hole, connections cut in the handshake and after sending.
# What the client says of a change is what happened: nothing was sent, or it was sent and nobody knows.

load ../helper

setup() {
    unset LINE_PID
    TITLE="Line $BATS_TEST_NUMBER-$RANDOM"
}

teardown() {
    line_end
}

# line [WHAT…]: a line to the server, bad as tests/faults/proxy.c says, that the profile `line` of sales uses.
line() {
    local tries profile=$XDG_CONFIG_HOME/jiayi/profiles/line
    LINE=127.0.0.1:$(free_port)
    "$BUILD/tests/proxy" "${LINE#*:}" "${SERVER#*:}" "${SEED:-1}" "$@" >"$BATS_TEST_TMPDIR/line" 3>&- &
    LINE_PID=$!
    for ((tries = 0; tries < 100; tries++)); do
        grep -q listening "$BATS_TEST_TMPDIR/line" && break
        sleep 0.05
    done
    jq --arg server "$LINE" '.server = $server' "$XDG_CONFIG_HOME/jiayi/profiles/sales" >"$profile"
    chmod 600 "$profile"
    rm -f "$profile.tls"
}

line_end() {
    [ -z "${LINE_PID:-}" ] || kill "$LINE_PID" 2>/dev/null || true
    [ -z "${LINE_PID:-}" ] || wait "$LINE_PID" || true
    unset LINE_PID
}

# The line is good again from now on.
line_mended() {
    jq --arg server "$SERVER" '.server = $server' "$XDG_CONFIG_HOME/jiayi/profiles/sales" >"$XDG_CONFIG_HOME/jiayi/profiles/line"
}

# How many deals of this test there are.
deals() {
    sql "SELECT count(*) FROM jiayi.deal WHERE title = '$TITLE'"
}

# says_of_change STATUS TEXT: the last command failed so, in one line, and maybe a second with what to go on with.
says_of_change() {
    [ "$status" -eq "$1" ] || complain "exit status $status instead of $1"
    [[ $(head -n 1 <<<"$stderr") = *"$2"* ]] || complain "does not say \"$2\""
    [ "$(wc -l <<<"$stderr")" -le 2 ] || complain "too many lines"
}

# The command that the last one told to go on with.
go_on() {
    local command
    command=$(sed -n 's/^go on with[^:]*: //p' <<<"$stderr")
    [ -n "$command" ] || complain "names no command to go on with"
    run --separate-stderr bash -c "PATH=$BUILD:\$PATH; $command"
}

@test "case 50: slow, 150 ms for each piece: done" {
    line slow 150
    as line deal create "$TITLE" --customer C
    ok
    [ "$(deals)" = 1 ]
}

@test "case 50: cut twice in the handshake: tried again, done once" {
    line cut 0 2
    as line deal create "$TITLE" --customer C
    ok
    [ "$(deals)" = 1 ]
    [ -z "$stderr" ]
}

@test "case 50: cut in the handshake again and again: nothing was sent, and nobody asks whether it is a jiayid" {
    line cut 0 1000
    as line --timeout 1.5 deal create "$TITLE" --customer C
    says_of_change $UNAVAILABLE 'was cut before it was secure (nothing was sent)'
    [[ $stderr != *jiayid* && $stderr != *request-id* ]] || complain "asks for what is known"
    [ "$(deals)" = 0 ]
}

@test "case 50: where nobody signed in before, what hangs up at once may be no jiayid" {
    line cut 0 1000
    rm "$XDG_CONFIG_HOME/jiayi/profiles/line"
    as line login --server "$LINE" --ca "$CA" --user sales@acme.example --password-file "$(password_file sales)"
    says_of_change $UNAVAILABLE 'is it a jiayid? (nothing was sent)'
}

@test "case 50: a black hole in the handshake: nothing was sent" {
    line hole 0 1000
    as line --timeout 1 deal create "$TITLE" --customer C
    says_of_change $DEADLINE_EXCEEDED 'came about before the deadline'
    says_of_change $DEADLINE_EXCEEDED '(nothing was sent)'
    [[ $stderr != *request-id* ]] || complain "asks again for what was never asked"
    [ "$(deals)" = 0 ]
}

@test "case 50: lost with the request in the pipe: sent again, done once" {
    line lose 3 2
    as line deal create "$TITLE" --customer C
    ok
    [ "$(deals)" = 1 ]
}

@test "case 50: cut after sending: sent again under its number, done once" {
    line cut 3 2
    as line deal create "$TITLE" --customer C
    ok
    [ "$(deals)" = 1 ]
}

@test "case 50: cut after sending, again and again: it may have been done, and the command that goes on does it once" {
    TITLE="it's a \"line\" 线路 $RANDOM"
    line cut 3 1000
    as line --timeout 1.5 deal create "$TITLE" --customer 'C & D'
    says_of_change $UNAVAILABLE '(it was sent, and no answer came: it may have been done)'
    line_end
    line_mended
    go_on
    ok
    [ "$(sql "SELECT count(*) FROM jiayi.deal WHERE title LIKE '%线路 ${TITLE##* }'")" = 1 ]
    says "$TITLE"
}

@test "case 50: a black hole after sending: it may have been done; of a question that is not said" {
    line hole 3 1000
    as line --timeout 1 deal create "$TITLE" --customer C
    says_of_change $DEADLINE_EXCEEDED 'without an answer'
    says_of_change $DEADLINE_EXCEEDED '(it was sent, and no answer came: it may have been done)'
    as line --timeout 1 deal list
    says_of_change $DEADLINE_EXCEEDED 'without an answer'
    [[ $stderr != *'it was sent'* && $stderr != *'go on'* ]] || complain "a question changes nothing"
}

@test "case 50: nobody answers: nothing was sent" {
    line cut 0 1
    line_end
    as line --timeout 2 deal create "$TITLE" --customer C
    says_of_change $UNAVAILABLE 'connection refused'
    says_of_change $UNAVAILABLE '(nothing was sent)'
    [ "$(deals)" = 0 ]
}

# An editor that writes $TEXT.
editor() {
    printf '#!/bin/sh\nprintf %%s "$TEXT" >"$1"\n' >"$BATS_TEST_TMPDIR/editor"
    chmod 755 "$BATS_TEST_TMPDIR/editor"
    export EDITOR=$BATS_TEST_TMPDIR/editor TEXT="$1" TMPDIR=$BATS_TEST_TMPDIR
    unset VISUAL
}

# submit PROFILE [ARG…]
submit() {
    as "$1" report submit --kind daily --period 2026-11-19 --to acme --title "$TITLE" --editor "${@:2}"
}

@test "case 50: what was written is kept, and the command that goes on sends it" {
    editor '今天拜访了客户。'
    line hole 0 1000
    submit line --timeout 1
    says_of_change $DEADLINE_EXCEEDED 'your text is kept in'
    [[ $stderr != *request-id* ]] || complain "nothing was sent"
    line_end
    line_mended
    go_on
    ok
    says "$TITLE"
    [ "$(sql "SELECT count(*) FROM jiayi.revision WHERE title = '$TITLE'")" = 1 ]
}

@test "case 50: sent with the editor and unanswered: both ways to ask again give the one report" {
    editor '今天拜访了客户。'
    line cut 3 1000
    submit line --timeout 1.5
    says_of_change $UNAVAILABLE 'your text is kept in'
    local id
    id=$(grep -o 'request-id [0-9a-f]*' <<<"$stderr")
    [ -n "$id" ] || complain "no request-id"
    line_end
    line_mended
    go_on
    ok
    says "$TITLE"
    # The same words as before do as well: the editor begins with what was kept, and it may stay as it is.
    EDITOR=true
    # shellcheck disable=SC2086
    submit line --$id
    ok
    says "$TITLE"
    [ "$(sql "SELECT count(*) FROM jiayi.revision WHERE title = '$TITLE'")" = 1 ]
    [ -z "$(ls "$BATS_TEST_TMPDIR"/*.md 2>/dev/null)" ] || complain "the draft is still there"
}

@test "case 50: delays, stalls, splits and resets: every acknowledged change is there once, and no other is said to be" {
    local round good=0 open=0
    SEED=7 line
    kill -USR1 "$LINE_PID"
    for ((round = 0; round < 30; round++)); do
        as line --timeout 6 deal create "$TITLE" --customer "C$round"
        if [ "$status" -eq 0 ]; then
            good=$((good + 1))
        elif [[ $stderr = *'may have been done'* ]]; then
            open=$((open + 1))
        else
            [[ $stderr = *'(nothing was sent)'* ]] || complain "does not say what is known"
        fi
    done
    [ "$good" -gt 20 ] || complain "only $good of 30 were done"
    [ "$(deals)" -ge "$good" ] && [ "$(deals)" -le $((good + open)) ] || complain "$(deals) deals, $good acknowledged, $open open"
    [ "$(sql "SELECT count(*) - count(DISTINCT customer_id) FROM jiayi.deal WHERE title = '$TITLE'")" = 0 ]
    kill -TERM "$LINE_PID"
    wait "$LINE_PID" || true
    unset LINE_PID
    grep -q 'splits [1-9]' "$BATS_TEST_TMPDIR/line" || complain "the line was too good: $(cat "$BATS_TEST_TMPDIR/line")"
}

# whole PROFILE REF: what is put on the thing is the file `large`, once.
whole() {
    json "$1" file list "$2"
    is '.files | length' 1
    "$JIAYI" --profile "$1" file get "$(jq -r '.files[0].id' <<<"$output")" - | cmp - large
}

@test "case 50: a file, cut after every third chunk: arrives whole" {
    cd "$BATS_TEST_TMPDIR"
    head -c 2000000 /dev/urandom >large
    local deal
    deal=$(new_deal sales)
    line cut 60 1000
    as line file put "deal/$deal" large
    ok
    [ -z "$stderr" ] || complain "says something, though there is no terminal"
    as line file get "$(sql 'SELECT max(id) FROM jiayi.file')" got
    ok
    cmp large got
    whole sales "deal/$deal"
}

@test "case 50: a file, the line dead in the middle of it: says that it goes on, and does" {
    cd "$BATS_TEST_TMPDIR"
    head -c 2000000 /dev/urandom >large
    local deal id there
    deal=$(new_deal sales)
    line hole 60 1000
    as line --timeout 2 file put "deal/$deal" large
    says_of_change $DEADLINE_EXCEEDED '(what has come over is kept, and the same command goes on from there)'
    [[ $stderr != *request-id* ]] || complain "asks for what is known"
    id=$(sql 'SELECT max(id) FROM jiayi.file')
    there=$(sql "SELECT count(*) FROM jiayi.file_chunk WHERE file_id = $id")
    [ "$there" -ge 1 ] && [ "$there" -lt 8 ] || complain "$there chunks arrived"
    sql 'DELETE FROM jiayi.call_record' >/dev/null
    line_end
    line_mended
    json line file put "deal/$deal" large
    is .id "$id"
    # Only what was missing was sent.
    [ "$(sql "SELECT count(*) FROM jiayi.call_record WHERE method = 'FileService/PutChunk'")" = $((8 - there)) ]
    whole sales "deal/$deal"
}

@test "case 50: a report with a file, the line dead in the middle of that: the report is there, and what goes on is said, and does" {
    cd "$BATS_TEST_TMPDIR"
    head -c 2000000 /dev/urandom >large
    echo small >'with a space'
    local id
    line hole 60 1000
    as line --timeout 2 report submit --kind daily --period 2026-11-20 --to acme --title "$TITLE" --file 'with a space' \
        --attach large --attach 'with a space'
    id=$(sql "SELECT on_id FROM jiayi.revision WHERE title = '$TITLE'")
    says_of_change $DEADLINE_EXCEEDED "report/$id is there, and large is missing: "
    [[ $stderr != *'may have been done'* && $stderr != *'request-id'* ]] || complain "asks for what is known"
    says "$TITLE"
    line_end
    line_mended
    go_on
    ok
    json sales file list "report/$id"
    is '[.files[] | "\(.name) \(.state)"] | sort | join(", ")' 'large complete, with a space complete'
    "$JIAYI" --profile sales file get "$(jq -r '.files[] | select(.name == "large") | .id' <<<"$output")" - | cmp - large
    [ "$(sql "SELECT count(*) FROM jiayi.revision WHERE title = '$TITLE'")" = 1 ]
}

@test "case 50: fetching a file over a line that dies again and again goes on, and nothing stands in its place before it is whole" {
    cd "$BATS_TEST_TMPDIR"
    head -c 2000000 /dev/urandom >large
    local deal id run=0
    deal=$(new_deal sales)
    json sales file put "deal/$deal" large
    id=$(jq -r .id <<<"$output")
    # A connection lets through what the file is and some chunks: fewer than it has.
    line hole 6 1000
    mkdir in
    for ((run = 1; run < 6; run++)); do
        as line --timeout 3 file get "$id" in
        [ "$status" -ne 0 ] || break
        says_of_change $DEADLINE_EXCEEDED '(what has come over is kept, and the same command goes on from there)'
        [ ! -e in/large ] || complain "half a file"
        [ $(($(stat -c %s in/.jiayi-*.part) % 262144)) = 0 ]
    done
    ok
    [ "$run" -gt 1 ] || complain "the line was too good"
    cmp large in/large
    [ "$(ls -A in)" = large ]
}

@test "watch: a line that is cut again and again, and then lost for a while: each event once, in order" {
    local id stages=(contacted quoted negotiating deciding) stage file=$BATS_TEST_TMPDIR/seen pid
    as sales deal create "$TITLE" --customer C
    ok
    id=$(sql "SELECT id FROM jiayi.deal WHERE title = '$TITLE'")
    line cut 4 6
    "$JIAYI" --profile line -o json watch --since 0 >"$file" 2>"$file.err" 3>&- &
    pid=$!
    for stage in "${stages[@]}"; do
        as manager deal move "$id" "$stage"
        ok
        eventually moved_to "$stage"
    done
    kill "$pid"
    wait "$pid" || true
    [ "$(jq -rs --arg on "deal/$id" 'map(select(.on == $on and .to)) | map(.to) | join(" ")' "$file")" = "${stages[*]}" ] ||
        complain "$(cat "$file" "$file.err")"
    [ -z "$(jq -r .id "$file" | sort | uniq -d)" ]
}

# moved_to STAGE: for eventually: the watch in the test above has said so.
moved_to() {
    jq -es --arg to "$1" 'any(.[]; .to == $to)' "$BATS_TEST_TMPDIR/seen" >/dev/null
}
