#!/usr/bin/env bats
# Bad input: a clear one-line error, the right status, nothing changed.

load ../helper

setup() {
    BEFORE=$(changes)
}

teardown() {
    [ "$(changes)" = "$BEFORE" ] || complain "something changed"
}

@test "usage: an unknown command, verb or flag" {
    refused $USAGE fly sales fly
    refused $USAGE fly sales deal fly
    refused $USAGE --fly sales deal list --fly
    refused $USAGE yaml sales -o yaml deal list
    refused $USAGE --profile --profile
}

@test "usage: a missing word or flag, a word too many, a flag without its value" {
    refused $USAGE '' sales deal show
    refused $USAGE customer sales deal create T
    refused $USAGE '' sales deal show 1 2
    refused $USAGE --stage sales deal list --stage
    refused $USAGE '' sales deal move 1
}

@test "usage: a number that is none" {
    refused $USAGE '' sales deal show x
    refused $USAGE '' sales deal show 1.5
    refused $USAGE '' sales deal show ''
    refused $USAGE '' sales deal list --page-size many
    refused $USAGE '' sales deal show 99999999999999999999
}

@test "a missing field, told by the server" {
    refused $INVALID_ARGUMENT customer sales api call DealService/CreateDeal '{"title": "T"}'
    refused $INVALID_ARGUMENT amount.currency sales api call DealService/CreateDeal \
        '{"title": "T", "customer": "C", "amount": {"amount": "5"}}'
    refused $INVALID_ARGUMENT title sales api call DealService/CreateDeal '{"title": "", "customer": "C"}'
}

@test "over-long text: the limit counts characters and stands in the message" {
    local ascii chinese
    ascii=$(printf 'x%.0s' {1..201})
    chinese=$(printf '长%.0s' {1..201})
    refused $INVALID_ARGUMENT 200 sales deal create "$ascii" --customer C
    refused $INVALID_ARGUMENT 200 sales deal create "$chinese" --customer C
    refused $INVALID_ARGUMENT title sales deal create "$ascii" --customer C
    printf 'x%.0s' {1..100001} >"$BATS_TEST_TMPDIR/long"
    refused $INVALID_ARGUMENT 100000 sales report submit --kind daily --period 2026-11-20 --to acme --title T \
        --file "$BATS_TEST_TMPDIR/long"
}

@test "over-long text: as long as the limit is fine" {
    local chinese
    chinese=$(printf '长%.0s' {1..200})
    as sales deal create "$chinese" --customer C
    ok
    BEFORE=$(changes)
}

@test "bad UTF-8" {
    local bytes
    for bytes in $'\xff' $'\xc3' $'a\xc0\x80' $'\xed\xa0\x80' $'\xf5\x80\x80\x80'; do
        as sales deal create "$bytes" --customer C
        [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took $(od -An -tx1 <<<"$bytes")"
        [ "$(wc -l <<<"$stderr")" -eq 1 ] || complain "not one line"
        [[ $stderr = *UTF-8* ]] || complain "does not say what is wrong"
    done
    printf 'a\xff' >"$BATS_TEST_TMPDIR/bad"
    as sales report submit --kind daily --period 2026-11-20 --to acme --title T --file "$BATS_TEST_TMPDIR/bad"
    [[ $status = "$LOCAL" || $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took a report of bad UTF-8"
    [[ $stderr = *UTF-8* ]] || complain "does not say what is wrong"
}

@test "NUL" {
    as sales api call DealService/CreateDeal '{"title": "a\u0000b", "customer": "C"}'
    [[ $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took a NUL"
    [[ $stderr = *NUL* || $stderr = *U+0000* || $stderr = *u0000* ]] || complain "does not say what is wrong"
    printf 'a\0b' >"$BATS_TEST_TMPDIR/nul"
    as sales report submit --kind daily --period 2026-11-20 --to acme --title T --file "$BATS_TEST_TMPDIR/nul"
    [[ $status = "$LOCAL" || $status = "$USAGE" || $status = "$INVALID_ARGUMENT" ]] || complain "took a report with a NUL"
}

@test "control characters in a title do not reach a terminal" {
    # Where they are taken at all, a table must not send them on.
    as sales deal create $'red \e[31m title\nsecond line' --customer Esc
    if [ "$status" -eq 0 ]; then
        as sales deal list --search red
        lacks $'\e'
    else
        was_refused $INVALID_ARGUMENT title
    fi
    BEFORE=$(changes)
}

@test "an amount: negative, malformed, too great, without currency, in an unknown one" {
    refused $INVALID_ARGUMENT amount sales deal create T --customer C --amount=-5 --currency CNY
    refused $INVALID_ARGUMENT amount sales deal create T --customer C --amount 5,0,0 --currency CNY
    refused $INVALID_ARGUMENT amount sales deal create T --customer C --amount NaN --currency CNY
    refused $INVALID_ARGUMENT amount sales deal create T --customer C --amount 99999999999999999999 --currency CNY
    refused $USAGE --currency sales deal create T --customer C --amount 5
    refused $USAGE --amount sales deal create T --customer C --currency CNY
    refused $INVALID_ARGUMENT currency sales deal create T --customer C --amount 5 --currency ZZZ
    refused $INVALID_ARGUMENT currency sales deal create T --customer C --amount 5 --currency cn
}

@test "a stage, a kind, a period, a date that is none" {
    refused $INVALID_ARGUMENT negotiating sales deal list --stage nowhere
    refused $INVALID_ARGUMENT period sales kpi list --period 2026-13
    refused $INVALID_ARGUMENT since auditor audit list --since 2026-02-30
    refused $INVALID_ARGUMENT since auditor audit list --since 20261121
}

@test "an id that does not exist or is not mine: the same words" {
    local theirs
    theirs=$(sql "SELECT nextval(pg_get_serial_sequence('jiayi.deal', 'id'))")
    refused $NOT_FOUND "no deal $theirs" sales deal show "$theirs"
    refused $NOT_FOUND 'no deal 0' sales deal show 0
    refused $NOT_FOUND 'no deal -1' sales deal show -- -1
    refused $NOT_FOUND 'no deal 9223372036854775807' sales deal show 9223372036854775807
}

@test "no permission: the role and the permission are named" {
    refused $PERMISSION_DENIED 'your role auditor lacks the permission deal.create' auditor deal create T --customer C
}

@test "no session" {
    refused $UNAUTHENTICATED 'login --server' nobody deal list
}

@test "server unreachable" {
    cp -a "$XDG_CONFIG_HOME" "$BATS_TEST_TMPDIR/config"
    find "$BATS_TEST_TMPDIR/config" -type f -exec sed -i "s|$SERVER|127.0.0.1:1|g" {} +
    XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config refused $UNAVAILABLE 127.0.0.1:1 sales deal list
    as lost login --server 127.0.0.1:1 --ca "$CA" --user sales@acme.example --password-file "$(password_file sales)"
    was_refused $UNAVAILABLE 127.0.0.1:1
    as lost login --server nowhere.invalid:7443 --ca "$CA" --user sales@acme.example \
        --password-file "$(password_file sales)"
    was_refused $UNAVAILABLE nowhere.invalid
}

@test "a wrong CA, no CA, a CA that is none" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=other \
        -keyout "$BATS_TEST_TMPDIR/key" -out "$BATS_TEST_TMPDIR/ca.pem" 2>/dev/null
    as lost login --server "$SERVER" --ca "$BATS_TEST_TMPDIR/ca.pem" --user sales@acme.example \
        --password-file "$(password_file sales)"
    was_refused $UNAVAILABLE certificate
    as lost login --server "$SERVER" --ca "$BATS_TEST_TMPDIR/missing.pem" --user sales@acme.example \
        --password-file "$(password_file sales)"
    was_refused $LOCAL missing.pem
    echo nonsense >"$BATS_TEST_TMPDIR/nonsense.pem"
    as lost login --server "$SERVER" --ca "$BATS_TEST_TMPDIR/nonsense.pem" --user sales@acme.example \
        --password-file "$(password_file sales)"
    was_refused $LOCAL nonsense.pem
}

@test "the server by a name that its certificate lacks" {
    # 127.0.0.2 reaches nothing on Linux unless somebody listens there; the name localhost.localdomain is not in it.
    as named login --server "localhost:${SERVER#*:}" --ca "$CA" --user sales@acme.example \
        --password-file "$(password_file sales)"
    ok
    BEFORE=$(changes)
}

@test "deadline passed" {
    # Somebody holds the row; the call gives up in time.
    local deal
    deal=$(new_deal sales)
    BEFORE=$(changes)
    hold_deal "$deal"
    as sales --timeout 1 deal move "$deal" quoted
    [[ $status = "$DEADLINE_EXCEEDED" || $status = "$ABORTED" ]] || complain "did not give up"
    [[ $stderr = *'may have been done'*$'\n''go on with this, it is done once: jiayi --request-id '* ]] || complain "does not say how to go on"
    [ "$(wc -l <<<"$stderr")" -eq 2 ]
    eventually hold_is_over
    release
    refused $USAGE '' sales --timeout 0 deal list
    refused $USAGE '' sales --timeout soon deal list
    json sales deal show "$deal"
    is .stage new
}

@test "message too large" {
    head -c 2000000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/huge"
    as sales report submit --kind daily --period 2026-11-20 --to acme --title T --file "$BATS_TEST_TMPDIR/huge"
    [[ $status = "$INVALID_ARGUMENT" || $status = "$RESOURCE_EXHAUSTED" || $status = "$LOCAL" ]] || complain "took 2 MB"
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
    as sales deal list
    ok
}

@test "a profile file that others can read" {
    cp -a "$XDG_CONFIG_HOME" "$BATS_TEST_TMPDIR/config"
    find "$BATS_TEST_TMPDIR/config" -type f -exec chmod 644 {} +
    XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config refused $LOCAL 'chmod 600' sales whoami
}

@test "a file that is not there" {
    refused $LOCAL missing sales report submit --kind daily --period 2026-11-20 --to acme --title T \
        --file "$BATS_TEST_TMPDIR/missing"
    as lost login --server "$SERVER" --ca "$CA" --user sales@acme.example --password-file "$BATS_TEST_TMPDIR/missing"
    was_refused $LOCAL missing
}
