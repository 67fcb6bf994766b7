#!/usr/bin/env bats
# What a company may change: a burst, then so much a second (case M10).

load ../helper

setup_file() {
    world_open --write-rate 1 --write-burst 300
}

@test "case M10: who changes too much is refused and told when to come again; others, and what only reads, are not" {
    local refused=0 said=
    # A report as long as one can be costs nearly a hundred changes.
    head -c 100000 /dev/zero | tr '\0' x | sed 's/x/😀/g' >"$BATS_TEST_TMPDIR/text"
    for _ in {1..5}; do # the first is its address's: nobody knows the token yet
        as sales --timeout 2 report submit --kind daily --period 2026-11-20 --to acme --title T --file "$BATS_TEST_TMPDIR/text"
        [ "$status" -eq 0 ] || { refused=$status said=$stderr; }
    done
    [ "$refused" = "$RESOURCE_EXHAUSTED" ] || complain "the last ended with $refused"
    [[ $said = *'your company changes more than the server takes'* ]] || complain "said: $said"
    # Nothing is left of it: the next is refused as well, each in the language of the caller (29).
    run --separate-stderr env LC_ALL=zh_CN.UTF-8 "$JIAYI" --profile sales --timeout 1 report submit --kind daily --period 2026-11-20 --to acme \
        --title T --file "$BATS_TEST_TMPDIR/text"
    was_refused $RESOURCE_EXHAUSTED 贵公司的修改超出了服务器可接受的数量
    json sales deal list
    json beta-vendor deal create D --customer C
    json peer deal create D --customer C # what is small has room still
}

@test "case M10: a file counts by its bytes: it says what it waits for, and goes on later" {
    local deal there
    cd "$BATS_TEST_TMPDIR"
    head -c 2000000 /dev/urandom >large
    deal=$(new_deal gamma-admin)
    as gamma-admin --timeout 2 file put "deal/$deal" large
    was_refused $RESOURCE_EXHAUSTED 'your company changes more than the server takes'
    was_refused $RESOURCE_EXHAUSTED 'the same command goes on from there'
    there=$(sql 'SELECT count(*) FROM jiayi.file_chunk')
    [ "$there" -ge 1 ] && [ "$there" -lt 8 ] || complain "$there chunks"
    # What is small has room still.
    json gamma-admin deal create D --customer C
    # A chunk is worth 65 changes: with the server's usual rate it waits for some tenths of a second, and no longer.
    server_stop "$DATA" && server_start "$DATA" --write-rate 500 --write-burst 100
    jq --arg server "$SERVER" '.server = $server' "$XDG_CONFIG_HOME/jiayi/profiles/gamma-admin" >profile
    cp profile "$XDG_CONFIG_HOME/jiayi/profiles/gamma-admin"
    json gamma-admin file put "deal/$deal" large
    is .state complete
    [ "$(sql 'SELECT count(*) FROM jiayi.file_chunk')" = 8 ]
    # On a terminal it says what it waits for.
    run env TERM=xterm SHELL=/bin/sh script -qec "stty cols 120; LC_ALL=C.UTF-8 '$JIAYI' --profile gamma-admin file put deal/$deal large --name again" /dev/null
    ok
    says 'your company changes more than the server takes'
}
