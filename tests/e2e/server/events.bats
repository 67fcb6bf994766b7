# Events across servers, restarts, lines and backups: what is told is told to each once, in the order of transactions.
# Run with: bats tests/e2e/server/events.bats

load ../helper

export BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup_file() {
    world_open
    sign_in_again
}

# After the server came back at another port.
sign_in_again() {
    local who
    for who in sales manager admin; do sign_in "$who" "$who@acme.example" >&2; done
    sign_in beta-vendor vendor@beta.example >&2
    sign_in operator "$OPERATOR" >&2
}

teardown_file() {
    world_close
}

setup() {
    WATCHERS=()
}

teardown() {
    local pid
    for pid in "${WATCHERS[@]}"; do kill "$pid" 2>/dev/null || true; done
    second_close || true
}

# watching PROFILE FILE [ARG…]
watching() {
    local who=$1 file=$2
    shift 2
    "$JIAYI" --profile "$who" -o json watch "$@" >"$file" 2>"$file.err" &
    WATCHERS+=($!)
}

# moves FILE DEAL: where the lines say that the deal was moved to, in their order.
moves() {
    jq -rs "map(select(.on == \"deal/$2\") | .to // empty) | join(\" \")" "$1"
}

# saw FILE DEAL MOVES: for eventually.
saw() {
    [ "$(moves "$1" "$2")" = "$3" ]
}

held() {
    [ "$("$JIAYI" --profile operator -o json server status | jq .held_calls)" = "$1" ]
}

all_told() {
    [ "$(sql 'SELECT count(*) FROM jiayi.event WHERE position IS NULL')" = 0 ]
}

# Nothing is there twice, and numbers rise.
in_order() {
    local ids
    ids=$(jq -r .id "$1")
    [ "$ids" = "$(sort -nu <<<"$ids")" ] || complain "out of order, or twice: $ids"
}

@test "events: a transaction that ends late is told, and nothing before it twice" {
    local early late file=$BATS_TEST_TMPDIR/seen
    early=$(new_deal sales)
    late=$(new_deal sales)
    eventually all_told
    watching sales "$file"
    eventually held 1
    # An event of a transaction that has begun and not ended; others come behind it meanwhile.
    hold "INSERT INTO jiayi.event (company_id, kind, on_kind, on_id, member_ids, data)
          SELECT d.company_id, 'deal.moved', 3, d.id, ARRAY[d.owner_id], '{\"to\": \"late\"}' FROM jiayi.deal AS d WHERE d.id = $late"
    as manager deal move "$early" quoted
    ok
    sleep 2.5
    [ ! -s "$file" ] || complain "told before its turn: $(cat "$file")"
    release
    eventually saw "$file" "$late" late
    eventually saw "$file" "$early" quoted
    in_order "$file"
    [ "$(jq -r .on "$file" | xargs)" = "deal/$late deal/$early" ]
}

@test "events: who is removed, whose partnership ended and who is a rival are told nothing" {
    local deal told
    deal=$(new_deal sales --vendor beta)
    as beta-vendor follow "deal/$deal"
    ok
    eventually all_told
    told=$(sql "SELECT max(id) FROM jiayi.inbox")
    as admin partner suspend beta
    ok
    as manager deal move "$deal" contacted
    as manager comment add "deal/$deal" --text 'To @vendor@beta.example as well'
    as admin deal update "$deal" --no-vendor
    eventually all_told
    [ "$(sql "SELECT count(*) FROM jiayi.inbox AS i JOIN jiayi.member AS m ON m.id = i.member_id
              WHERE i.id > $told AND i.on_kind = 3 AND m.email LIKE '%beta.example'")" = 0 ]
    as admin partner resume beta
    ok
    as manager deal move "$deal" quoted
    as manager comment add "deal/$deal" --text 'And to @vendor@beta.example'
    eventually all_told
    [ "$(sql "SELECT count(*) FROM jiayi.inbox AS i JOIN jiayi.member AS m ON m.id = i.member_id
              WHERE i.id > $told AND i.on_kind = 3 AND m.email LIKE '%beta.example'")" = 0 ]
}

@test "watch: two servers on one database; each event once, whichever is asked and whichever tells" {
    local deal file=$BATS_TEST_TMPDIR/seen
    second
    deal=$(new_deal sales)
    eventually all_told
    watching sales "$file.1"
    XDG_CONFIG_HOME=$SECOND_CONFIG watching sales "$file.2"
    eventually held 1
    as manager deal move "$deal" contacted
    XDG_CONFIG_HOME=$SECOND_CONFIG as manager deal move "$deal" quoted --force
    ok
    eventually saw "$file.1" "$deal" 'contacted quoted'
    eventually saw "$file.2" "$deal" 'contacted quoted'
    # The second goes and comes back; the first tells meanwhile, and nobody else.
    server_stop "$SECOND"
    as manager deal move "$deal" deciding --force
    ok
    eventually saw "$file.1" "$deal" 'contacted quoted deciding'
    DETACH='' restart_second
    eventually saw "$file.2" "$deal" 'contacted quoted deciding'
    as manager deal move "$deal" negotiating --force
    ok
    eventually saw "$file.1" "$deal" 'contacted quoted deciding negotiating'
    eventually saw "$file.2" "$deal" 'contacted quoted deciding negotiating'
    in_order "$file.1"
    in_order "$file.2"
}

# The second server again, at the same port.
restart_second() {
    "$JIAYID" serve --data "$SECOND" --listen "$SECOND_SERVER" --database "host=$DATA/run dbname=jiayi user=postgres" \
        </dev/null >"$SECOND.out" 2>>"$SECOND.log" 3>&- &
    echo $! >"$SECOND.pid"
}

@test "watch: a database that goes back beneath the server: everybody looks, and goes on from there" {
    local deal file=$BATS_TEST_TMPDIR/seen
    deal=$(new_deal sales)
    as manager deal move "$deal" contacted
    eventually all_told
    watching sales "$file"
    eventually held 1
    # As if it were of a backup from before all that was told.
    sql "DELETE FROM jiayi.inbox; SELECT setval('jiayi.inbox_id_seq', 1)" >/dev/null
    sleep 0.6
    as manager deal move "$deal" quoted
    eventually saw "$file" "$deal" quoted
    [ "$(jq -r .id "$file")" -lt 20 ]
    in_order "$file"
}

@test "watch: after a restore, with the number from before it: what is told then, once, and nothing again" {
    local deal file=$BATS_TEST_TMPDIR/seen backup=$HERE/backup cursor waiting other=$HERE/back
    deal=$(new_deal sales)
    eventually all_told
    # An event that nobody was told of when the backup was made, of a transaction of that cluster.
    sql "UPDATE jiayi.job SET due_at = due_at" >/dev/null
    server_stop "$DATA"
    server_start "$DATA" --no-jobs >&2
    sign_in_again
    as manager deal move "$deal" contacted
    ok
    waiting=$(sql "SELECT count(*) FROM jiayi.event WHERE position IS NULL")
    [ "$waiting" -gt 0 ]
    "$JIAYID" backup "$backup" --data "$DATA" >&2
    server_stop "$DATA"
    server_start "$DATA" >&2
    sign_in_again
    eventually all_told
    # What only this database knows, and the watcher has seen.
    as manager deal move "$deal" quoted
    as manager deal move "$deal" deciding
    eventually all_told
    cursor=$("$JIAYI" --profile sales -o json api call InboxService/WatchInbox | jq -r .cursor)
    server_stop "$DATA"
    "$JIAYID" restore "$backup" --data "$other" >&2
    server_start "$other" >&2
    for who in sales manager; do sign_in "$who" "$who@acme.example" >&2; done
    watching sales "$file" --since "$cursor"
    eventually saw "$file" "$deal" contacted # the restored server told it
    as manager deal move "$deal" negotiating
    eventually saw "$file" "$deal" 'contacted negotiating'
    in_order "$file"
    server_stop "$other"
    rm -rf "$other"
    server_start "$DATA" >&2
    sign_in_again
}

@test "watch: a company has a quarter of held_limit; others have the rest; who has left counts no more" {
    local file=$BATS_TEST_TMPDIR/seen cursor
    server_stop "$DATA"
    server_start "$DATA" --held-limit 8 >&2
    sign_in_again
    watching sales "$file.1"
    watching manager "$file.2"
    eventually held 2
    cursor=$("$JIAYI" --profile admin -o json api call InboxService/WatchInbox | jq -r .cursor)
    run --separate-stderr "$JIAYI" --profile admin --timeout 3 api call InboxService/WatchInbox "{\"since\": \"$cursor\"}"
    [ "$status" -ne 0 ]
    [[ $stderr = *'too many calls of your company wait for news just now'* ]]
    watching beta-vendor "$file.3"
    eventually held 3
    [ "$("$JIAYI" --profile operator -o json server status | jq -r .calls_in_flight)" = 1 ]
    kill "${WATCHERS[0]}"
    eventually held 2
    watching admin "$file.4"
    eventually held 3
    kill "${WATCHERS[@]}" 2>/dev/null || true
    eventually held 0
    [ "$("$JIAYI" --profile operator -o json server status | jq -r .calls_in_flight)" = 1 ]
    WATCHERS=()
}
