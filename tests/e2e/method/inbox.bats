#!/usr/bin/env bats
# The inbox: who is told what, and what they see of it.

load ../helper

# told PROFILE FILTER: for eventually: the inbox of PROFILE has an item that FILTER (jq) fits.
told() {
    "$JIAYI" --profile "$1" -o json inbox list | jq -e ".items // [] | any($2)" >/dev/null
}

@test "inbox list: what others do with one's deal, in words of the reader" {
    local deal
    deal=$(new_deal sales)
    as manager deal move "$deal" quoted
    ok
    eventually told sales ".on == \"deal/$deal\" and .kind == \"deal.moved\""
    json sales inbox list --unread
    is ".items[] | select(.on == \"deal/$deal\") | [.kind, .title, .from, .to, .member, .read_at] | map(. // \"-\") | join(\" \")" \
        'deal.moved Deal of sales new quoted manager@acme.example -'
    LC_ALL=C.UTF-8 LANGUAGE=zh_CN as sales inbox list
    ok
    says "deal/$deal"
    # Whoever did it is not told.
    json manager inbox list
    is "[.items // [] | .[] | select(.on == \"deal/$deal\")] | length" 0
}

@test "inbox read: one, all, and what is not there" {
    local deal id
    deal=$(new_deal sales)
    as manager deal move "$deal" quoted
    eventually told sales ".on == \"deal/$deal\""
    id=$("$JIAYI" --profile sales -o json inbox list | jq -r "first(.items[] | select(.on == \"deal/$deal\")).id")
    json sales inbox read "$id"
    is .read 1
    json sales inbox read "$id"
    is .read 0
    json sales inbox list --unread
    is "[.items // [] | .[] | select(.id == \"$id\")] | length" 0
    json sales inbox list
    is ".items[] | select(.id == \"$id\") | .read_at != null" true
    json sales inbox read --all
    json sales inbox list --unread
    is '.items // [] | length' 0
    refused $NOT_FOUND "nothing in your inbox has the number $id" manager inbox read "$id"
    refused $NOT_FOUND 'nothing in your inbox has the number 999999999' sales inbox read 999999999
    refused $INVALID_ARGUMENT '' sales api call InboxService/MarkRead '{}'
    refused $INVALID_ARGUMENT '' sales api call InboxService/MarkRead '{"item_id": "-1"}'
    refused $USAGE '' sales inbox read x
    refused $INVALID_ARGUMENT '' sales api call InboxService/MarkRead "{\"item_id\": \"$id\", \"all\": true}"
}

@test "inbox list: pages, the newest first" {
    local deal first
    deal=$(new_deal sales)
    for stage in contacted quoted deciding; do as manager deal move "$deal" $stage; done
    eventually told sales ".on == \"deal/$deal\" and .to == \"deciding\""
    json sales inbox list --page-size 2
    is '[.items[].to] | join(" ")' 'deciding quoted'
    first=$(jq -r .next_page_token <<<"$output")
    json sales inbox list --page-size 1 --page-token "$first"
    is '.items[0].to' contacted
    refused $INVALID_ARGUMENT page_token sales inbox list --page-token x
}

@test "follow: one is told of what one sees, and of what one does not see any more by number alone" {
    local deal
    deal=$(new_deal sales --vendor beta)
    json beta-vendor follow "deal/$deal"
    is .on "deal/$deal"
    refused $ALREADY_EXISTS "you follow deal/$deal already" beta-vendor follow "deal/$deal"
    json beta-vendor inbox following
    is '[.following[] | .on, .title] | join(" ")' "deal/$deal Deal of sales"
    as sales deal move "$deal" contacted
    eventually told beta-vendor ".on == \"deal/$deal\" and .kind == \"deal.moved\" and .member_company == \"acme\""
    as admin deal update "$deal" --no-vendor
    ok
    as sales deal move "$deal" quoted
    as sales follow "deal/$deal"
    as manager deal move "$deal" deciding
    eventually told sales ".on == \"deal/$deal\" and .to == \"deciding\""
    json beta-vendor inbox list
    is "[.items[] | select(.on == \"deal/$deal\")] | length" 1
    is ".items[] | select(.on == \"deal/$deal\") | keys | join(\" \")" 'at id on'
    json beta-vendor inbox following
    is '.following[0] | keys | join(" ")' 'on since'
    json beta-vendor unfollow "deal/$deal"
    is .on "deal/$deal"
    refused $NOT_FOUND "you do not follow deal/$deal" beta-vendor unfollow "deal/$deal"
}

@test "follow: nothing that is not seen, nor what is no thing" {
    local deal
    deal=$(new_deal sales)
    refused $NOT_FOUND "there is no deal/$deal that you can see" gamma-admin follow "deal/$deal"
    refused $NOT_FOUND "you do not follow deal/$deal" gamma-admin unfollow "deal/$deal"
    refused $INVALID_ARGUMENT 'there is no such kind of thing' sales follow rabbit/1
    refused $NOT_FOUND 'you do not follow rabbit/1' sales unfollow rabbit/1
    refused $INVALID_ARGUMENT 'should be a kind of thing and its number' sales follow 7
    refused $INVALID_ARGUMENT 'should be a kind of thing and its number' sales unfollow "deal/1;"
    refused $INVALID_ARGUMENT on sales api call InboxService/Follow '{}'
}

@test "follow: sent again under its request_id it is done once, and answers the same" {
    local deal id=00112233445566778899aabbccddeeff
    deal=$(new_deal sales)
    as sales --request-id $id follow "deal/$deal"
    ok
    as sales --request-id $id follow "deal/$deal"
    ok
    json sales inbox following
    is "[.following[] | select(.on == \"deal/$deal\")] | length" 1
}

# watching PROFILE FILE [ARG…]: a watch in the background, whose lines go to FILE; its process is left in WATCHER.
watching() {
    local who=$1 file=$2
    shift 2
    # What a script has in the background would not hear of ^C.
    env --default-signal=INT "$JIAYI" --profile "$who" -o json watch "$@" >"$file" 2>"$file.err" &
    WATCHER=$!
    WATCHERS+=("$WATCHER")
}
WATCHERS=()

teardown() {
    [ ${#WATCHERS[@]} -eq 0 ] || kill "${WATCHERS[@]}" 2>/dev/null || true
}

# ended STATUS: for eventually: WATCHER has ended so.
ended() {
    ! kill -0 "$WATCHER" 2>/dev/null || return 1
    local status=0
    wait "$WATCHER" || status=$?
    [ "$status" = "$1" ]
}

# held N: for eventually: so many calls are held.
held() {
    [ "$("$JIAYI" --profile operator -o json server status | jq .held_calls)" = "$1" ]
}

# printed FILE FILTER: for eventually.
printed() {
    jq -es "any(.[]; $2)" "$1" >/dev/null
}

@test "watch: what happens is printed at once, each once, in its order" {
    local deal file=$BATS_TEST_TMPDIR/seen
    deal=$(new_deal sales)
    eventually told_nothing_waits
    watching sales "$file"
    eventually held 1
    as manager deal move "$deal" quoted
    eventually printed "$file" ".on == \"deal/$deal\" and .to == \"quoted\""
    as manager deal move "$deal" deciding
    as manager deal move "$deal" negotiating
    eventually printed "$file" '.to == "negotiating"'
    [ "$(jq -rs 'map(.to // "-") | join(" ")' "$file")" = 'quoted deciding negotiating' ] || complain "$(cat "$file")"
    [ ! -s "$file.err" ]
    kill -INT $WATCHER
    eventually ended 130
    eventually held 0
}

told_nothing_waits() {
    [ "$(sql 'SELECT count(*) FROM jiayi.event WHERE position IS NULL')" = 0 ]
}

@test "watch --since: from there on, without waiting for what is there" {
    local deal first file=$BATS_TEST_TMPDIR/seen
    deal=$(new_deal sales)
    as manager deal move "$deal" contacted
    as manager deal move "$deal" quoted
    eventually told sales ".on == \"deal/$deal\" and .to == \"quoted\""
    first=$("$JIAYI" --profile sales -o json inbox list | jq -r ".items[] | select(.on == \"deal/$deal\" and .to == \"contacted\").id")
    watching sales "$file" --since "$first"
    eventually printed "$file" '.to == "quoted"'
    [ "$(jq -rs 'map(.to // "-") | join(" ")' "$file")" = quoted ]
    api sales InboxService/WatchInbox "{\"since\": \"$((first - 1))\"}"
    is '[.items[] | select(.on == "deal/'"$deal"'") | .to] | join(" ")' 'contacted quoted'
    refused $INVALID_ARGUMENT since sales api call InboxService/WatchInbox '{"since": "-1"}'
    refused $USAGE '' sales watch --since x
}

@test "watch --timeout: ends then, and well; what happened before is printed" {
    local deal file=$BATS_TEST_TMPDIR/seen
    deal=$(new_deal sales)
    eventually told_nothing_waits
    watching sales "$file" --timeout 3
    eventually held 1
    as manager deal move "$deal" quoted
    eventually printed "$file" ".on == \"deal/$deal\" and .to == \"quoted\""
    eventually ended 0
    [ ! -s "$file.err" ]
    as sales --timeout 0.3 watch
    ok
    [ -z "$output" ]
}

@test "watch: lines for people, and CSV with one head" {
    local deal file=$BATS_TEST_TMPDIR/seen
    deal=$(new_deal sales)
    as manager deal move "$deal" contacted
    eventually told sales ".on == \"deal/$deal\""
    "$JIAYI" --profile sales -o csv watch --since 0 >"$file" &
    WATCHERS+=($!)
    eventually grep -q "deal/$deal" "$file"
    as manager deal move "$deal" quoted
    eventually grep -q "deal/$deal.*quoted" "$file"
    [ "$(grep -c '^id,' "$file")" = 1 ]
    "$JIAYI" --profile sales watch --since 0 >"$file.text" &
    WATCHERS+=($!)
    eventually grep -qE "^ *[0-9]+  .*deal.moved  deal/$deal  Deal of sales  contacted  quoted  manager@acme.example\$" "$file.text"
}

@test "watch: a call without news is answered just before its deadline, with the cursor that it had" {
    local cursor from=$EPOCHREALTIME
    cursor=$("$JIAYI" --profile peer -o json api call InboxService/WatchInbox | jq -r .cursor)
    as peer --timeout 3 api call InboxService/WatchInbox "{\"since\": \"$cursor\"}"
    ok
    is '.items // [] | length' 0
    is .cursor "$cursor"
    [ $((${EPOCHREALTIME/./} - ${from/./})) -gt 1500000 ]
    # Too little time to wait: at once.
    as peer --timeout 0.9 api call InboxService/WatchInbox "{\"since\": \"$cursor\"}"
    ok
    # A cursor of another database.
    as peer --timeout 9 api call InboxService/WatchInbox '{"since": "999999999999"}'
    ok
    is .cursor "$cursor"
}

@test "watch: a session has eight calls held at most" {
    local i file=$BATS_TEST_TMPDIR/seen cursor
    cursor=$("$JIAYI" --profile peer -o json api call InboxService/WatchInbox | jq -r .cursor)
    for i in 1 2 3 4 5 6 7 8; do watching peer "$file.$i"; done
    eventually held 8
    refused $RESOURCE_EXHAUSTED '8 calls of this session wait for news already' peer --timeout 5 api call InboxService/WatchInbox "{\"since\": \"$cursor\"}"
    kill "$WATCHER"
    eventually held 7
    watching peer "$file.9"
    eventually held 8
    [ ! -s "$file.9.err" ]
}

@test "watch: a session that is revoked ends it" {
    local file=$BATS_TEST_TMPDIR/seen
    watching junior "$file"
    eventually held 1
    sql "UPDATE jiayi.session SET revoked_at = now() WHERE member_id = (SELECT id FROM jiayi.member WHERE email = 'junior@acme.example')" >/dev/null
    sql "INSERT INTO jiayi.event (company_id, kind, on_kind, on_id, member_ids) SELECT company_id, 'role.changed', 21, id, ARRAY[id]
         FROM jiayi.member WHERE email = 'junior@acme.example'" >/dev/null
    eventually ended 26
    grep -q 'sign in' "$file.err"
    [ ! -s "$file" ]
}

@test "follow: files, links and tags on what one follows, each by its kind, and nothing internal across the line" {
    local deal other
    deal=$(new_deal sales --vendor beta)
    other=$(new_deal sales)
    as manager follow "deal/$deal"
    as beta-vendor follow "deal/$deal"
    echo Minutes >"$BATS_TEST_TMPDIR/minutes.txt"
    as sales file put "deal/$deal" "$BATS_TEST_TMPDIR/minutes.txt" --shared
    ok
    as sales deal tag "$deal" intent=high
    ok
    as sales link add "deal/$deal" "deal/$other" --role about
    ok
    for kind in file.added tag.added link.added; do
        eventually told manager ".on == \"deal/$deal\" and .kind == \"$kind\""
    done
    eventually told beta-vendor ".on == \"deal/$deal\" and .kind == \"file.added\""
    json beta-vendor inbox list
    is "[.items[] | select(.on == \"deal/$deal\").kind] | sort | join(\" \")" file.added
    as manager deal update "$deal" --title Renamed
    eventually told sales ".on == \"deal/$deal\" and .kind == \"deal.updated\""
    eventually told beta-vendor ".on == \"deal/$deal\" and .kind == \"deal.updated\""
}
