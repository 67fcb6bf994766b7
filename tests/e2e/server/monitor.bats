# How the server tells how it is: over HTTP, to the operator, in the log; and what is ready-made for Prometheus and Grafana.

load ../helper

setup_file() {
    MONITOR=127.0.0.1:$(free_port)
    export MONITOR
    world_open --monitor-listen "$MONITOR" --queue-limit 1234 --calls-limit 77 --connections-limit 123 \
        --search-lanes 3 --search-timeout-ms 1500
    drip >"$HERE/drip" 2>/dev/null 3>&- &
    echo $! >"$HERE/drip.pid"
}

teardown_file() {
    local file
    for file in "$HERE"/{drip,prometheus}.pid; do
        kill "$(cat "$file")" 2>/dev/null || true
    done
    world_close
}

# A request whose head never ends, a line a second; prints how many lines the server bore, 40 if all.
drip() {
    local n line
    exec 7<>"/dev/tcp/${MONITOR%:*}/${MONITOR##*:}"
    printf 'GET /metrics HTTP/1.1\r\nHost: x\r\n' >&7
    for ((n = 0; n < 40; n++)); do
        printf 'X-Drip: %s\r\n' "$n" >&7 || break
        # Nothing to read is a timeout (above 128); anything else is the end.
        read -r -t 1 -u 7 line || [ $? -gt 128 ] || break
    done
    echo "$n"
}

# get PATH [CURL-ARG…]: the status in `code`, the body in `output`.
get() {
    output=$(curl -s -m 30 -w '%{http_code}' "${@:2}" "http://$MONITOR$1") || complain "no answer to $1"
    code=${output##*$'\n'}
    output=${output%$'\n'*}
}

# The value of a sample, with its labels: sample 'jiayi_calls_total{method="M",status="OK"}'; empty where there is none.
sample() {
    curl -s -m 30 "http://$MONITOR/metrics" | awk -v name="$1" 'index($0, name " ") == 1 { print $NF }'
}

# until_is VALUE COMMAND…: until the command prints that.
until_is() {
    eventually prints "$@" || complain "it prints: $("${@:2}" 2>&1)"
}

prints() {
    [ "$("${@:2}" 2>/dev/null)" = "$1" ]
}

ready() {
    curl -s -m 30 "http://$MONITOR/readyz"
}

descriptors() {
    find "/proc/$(cat "$DATA.pid")/fd" -mindepth 1 | wc -l
}

@test "monitor: /metrics is Prometheus's text format, and counts calls" {
    local name='jiayi_calls_total{method="AuthService/WhoAmI",status="OK"}' before
    before=$(sample "$name")
    json sales whoami
    [ "$(sample "$name")" = $((before + 1)) ] || complain "$(sample "$name")"
    [ "$(sample 'jiayi_call_seconds_count{method="AuthService/WhoAmI"}')" = $((before + 1)) ]
    get /metrics
    promtool check metrics <<<"$output"
    get /metrics -I
    [[ $output = *'text/plain; version=0.0.4; charset=utf-8'* ]]
    [ "$code" = 200 ]
}

@test "monitor: refused calls are counted by status" {
    local name='jiayi_calls_total{method="DealService/GetDeal",status="NOT_FOUND"}' before
    before=$(sample "$name")
    refused "$NOT_FOUND" "no deal" sales deal show 999999
    [ "$(sample "$name")" = $((${before:-0} + 1)) ]
}

@test "monitor: levels are what was configured" {
    [ "$(sample 'jiayi_queue_limit{kind="normal"}')" = 1234 ]
    [ "$(sample 'jiayi_lanes_connected{kind="normal"}')" = 4 ]
    [ "$(sample 'jiayi_lanes{kind="write",state="idle"}')" = 8 ]
    [ "$(sample 'jiayi_lanes{kind="heavy",state="idle"}')" = 2 ]
    [ "$(sample 'jiayi_lanes{kind="search",state="idle"}')" = 3 ]
    [ "$(sample jiayi_ready)" = 1 ]
    [ "$(sample jiayi_calls_limit)" = 77 ]
    [ "$(sample jiayi_connections_limit)" = 123 ]
    [ "$(sample process_open_fds)" -gt 10 ]
    local not_after
    not_after=$(date -d "$(openssl x509 -noout -enddate -in "$DATA/tls/server.pem" | cut -d= -f2)" +%s)
    [ "$(sample jiayi_tls_certificate_not_after_timestamp_seconds)" = "$not_after" ]
}

@test "monitor: the log of changes is read on lanes of its own" {
    server_psql "$DATA" -XAtqc "BEGIN; LOCK TABLE jiayi.audit_log; SELECT pg_sleep(600)" 3>&- >/dev/null 2>&1 &
    until_is t sql "SELECT count(*) = 1 FROM pg_locks WHERE relation = 'jiayi.audit_log'::regclass AND mode = 'AccessExclusiveLock' AND granted"
    "$JIAYI" --profile auditor audit list >/dev/null 2>&1 3>&- &
    until_is 1 sample 'jiayi_lanes{kind="heavy",state="busy"}'
    until_is 0 sample 'jiayi_lanes{kind="normal",state="busy"}'
    sql "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'jiayi.audit_log'::regclass AND granted"
    until_is 0 sample 'jiayi_lanes{kind="heavy",state="busy"}'
    wait
}

@test "monitor: changes have lanes of their own, and reads do not wait behind them" {
    local deal move status=0
    deal=$(new_deal sales)
    server_psql "$DATA" -XAtqc "BEGIN; SELECT FROM jiayi.deal WHERE id = $deal FOR UPDATE; SELECT pg_sleep(600)" \
        3>&- >/dev/null 2>&1 &
    until_is t sql "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%FOR UPDATE; SELECT pg_sleep(600)' AND wait_event = 'PgSleep'"
    "$JIAYI" --profile sales deal move "$deal" contacted >/dev/null 2>&1 3>&- &
    move=$!
    until_is 1 sample 'jiayi_lanes{kind="write",state="busy"}'
    until_is 0 sample 'jiayi_lanes{kind="normal",state="busy"}'
    json sales deal show "$deal"
    is .stage new
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%FOR UPDATE; SELECT pg_sleep(600)' AND wait_event = 'PgSleep'"
    wait "$move" || status=$?
    [ "$status" -eq 0 ]
    until_is 0 sample 'jiayi_lanes{kind="write",state="busy"}'
}

@test "monitor, case H2: searches have lanes of their own, and a time limit that is said" {
    server_psql "$DATA" -XAtqc "BEGIN; LOCK TABLE jiayi.deal; SELECT pg_sleep(600)" 3>&- >/dev/null 2>&1 &
    until_is t sql "SELECT count(*) = 1 FROM pg_locks WHERE relation = 'jiayi.deal'::regclass AND mode = 'AccessExclusiveLock' AND granted"
    "$JIAYI" --profile sales deal list --search 甲 >"$HERE/search" 2>&1 3>&- &
    local search=$! status=0
    until_is 1 sample 'jiayi_lanes{kind="search",state="busy"}'
    until_is 0 sample 'jiayi_lanes{kind="normal",state="busy"}'
    wait "$search" || status=$?
    [ "$status" -eq "$DEADLINE_EXCEEDED" ]
    grep -q 'the search took too long' "$HERE/search"
    sql "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'jiayi.deal'::regclass AND granted AND mode = 'AccessExclusiveLock'"
    wait
}

in_flight() {
    [ "$(sample jiayi_calls_in_flight)" -ge "$1" ]
}

@test "monitor: a connection has no more calls in the server than it may, however many it sends at once" {
    mkfifo "$HERE/go"
    "$BUILD/tests/peer" "$SERVER" "$CA" known 70 "$(jq -r .token "$XDG_CONFIG_HOME/jiayi/profiles/sales")" <"$HERE/go" >"$HERE/known" 3>&- &
    local crowd=$!
    exec 8>"$HERE/go"
    eventually [ -s "$HERE/known" ]
    hold 'LOCK TABLE jiayi.session'
    echo >&8
    eventually in_flight 32
    sleep 0.5
    [ "$(sample jiayi_calls_in_flight)" -eq 32 ] # calls_per_connection
    release
    wait "$crowd"
    exec 8>&-
    [ "$(tail -n 1 "$HERE/known")" = 70 ]
}

@test "monitor: of who has not signed in on a connection few calls are taken at a time, and all are answered" {
    hold 'LOCK TABLE jiayi.session'
    "$BUILD/tests/peer" "$SERVER" "$CA" crowd 10 >"$HERE/crowd" 3>&- &
    local crowd=$!
    eventually in_flight 4
    sleep 0.5
    [ "$(sample jiayi_calls_in_flight)" -eq 4 ]
    release
    wait "$crowd"
    [ "$(cat "$HERE/crowd")" = 10 ]
}

@test "monitor: /healthz and /readyz; other paths are 404, other methods 405" {
    get /healthz
    [ "$code $output" = "200 alive" ]
    get /readyz
    [ "$code $output" = "200 ready" ]
    get /readyz -I
    [ "$code" = 200 ]
    for path in / /metricsx /metrics/ /../metrics '/%2e%2e/etc/passwd'; do
        get "$path" --path-as-is
        [ "$code" = 404 ] || complain "$path gives $code"
    done
    for method in POST PUT DELETE OPTIONS TRACE NONSENSE; do
        get /metrics -X "$method" -D "$HERE/head"
        [ "$code" = 405 ] || complain "$method gives $code"
        grep -qi '^allow: GET, HEAD' "$HERE/head"
    done
}

@test "monitor: no other address than the loopback, unless it is demanded" {
    run --separate-stderr "$JIAYID" serve --data "$DATA" --monitor-listen 0.0.0.0:9464
    [ "$status" -ne 0 ]
    [[ $stderr = *"monitor_public = yes"* ]]
}

@test "monitor: /readyz says when the database does not answer" {
    local pids
    mapfile -t pids < <(pgrep -f "postgres.*$DATA" && pgrep -P "$(pgrep -o -f "postgres.*$DATA")")
    kill -STOP "${pids[@]}"
    until_is "database: the database did not answer in time" ready
    get /readyz
    [ "$code" = 503 ]
    get /healthz
    [ "$code" = 200 ]
    [ "$(sample jiayi_database_up)" = 0 ]
    [ "$(sample jiayi_ready)" = 0 ]
    kill -CONT "${pids[@]}"
    until_is ready ready
    [ "$(sample jiayi_database_up)" = 1 ]
}

@test "monitor: /readyz says when the schema is another one's" {
    sql "INSERT INTO jiayi.schema_migration (version, name, sha256) VALUES (9999, '9999_later.sql', 'x')"
    until_is "schema: the database is at version 9999, this program at $(sample jiayi_schema_version_wanted)" ready
    sql "DELETE FROM jiayi.schema_migration WHERE version = 9999"
    until_is ready ready
}

@test "monitor: a lost database connection of the probe is made again" {
    local old probes="FROM pg_stat_activity WHERE query LIKE '%schema_version%' AND pid <> pg_backend_pid()"
    old=$(sql "SELECT pid $probes")
    sql "SELECT pg_terminate_backend($old)"
    until_is t sql "SELECT count(*) = 1 $probes AND pid <> $old"
    [ "$(ready)" = ready ]
}

@test "monitor: a call that waits for a connection is not counted as begun again" {
    local postmaster backends
    MONITOR=127.0.0.1:$(free_port)
    world_start "$HERE/one" --monitor-listen "$MONITOR" --lanes 1 --heavy-lanes 1
    json sales whoami
    postmaster=$(head -n 1 "$HERE/one/data/pg/postmaster.pid")
    mapfile -t backends < <(server_psql "$HERE/one/data" -XAtqc "SELECT pid FROM pg_stat_activity WHERE usename = 'jiayi_app'")
    kill -STOP "$postmaster"
    kill -TERM "${backends[@]}"
    as sales --timeout 1 whoami
    # The client may give up before the lane has.
    until_is 1 sample 'jiayi_calls_total{method="AuthService/WhoAmI",status="DEADLINE_EXCEEDED"}'
    kill -CONT "$postmaster"
    was_refused "$DEADLINE_EXCEEDED" "deadline"
    json sales whoami
    [ "$(sample jiayi_call_retries_total)" = 0 ] || complain "$(sample jiayi_call_retries_total) retries"
    server_stop "$HERE/one/data"
}

@test "monitor: a call is refused for its address's memory by that name, not as one too many" {
    local i
    MONITOR=127.0.0.1:$(free_port)
    world_start "$HERE/full" --monitor-listen "$MONITOR" --buffers-limit-bytes 1048576
    head -c 40000 /dev/zero | tr '\0' a >"$HERE/report"
    coproc LOCK { server_psql "$HERE/full/data" -XAtq 2>/dev/null; }
    echo "BEGIN; LOCK TABLE jiayi.report; SELECT 1;" >&"${LOCK[1]}"
    read -r -u "${LOCK[0]}" i
    for i in {1..20}; do
        "$JIAYI" --profile sales --timeout 50 report submit --kind daily --period 2026-11-20 --to acme \
            --title "Long $i" --file "$HERE/report" >/dev/null 2>&1 3>&- &
    done
    eventually grep -q 'message="the requests of your address take too much memory just now; try again"' "$HERE/full/data.log"
    [ "$(sample 'jiayi_refused_total{cause="buffers_limit"}')" -ge 1 ]
    [ "$(sample 'jiayi_refused_total{cause="calls_limit"}')" = 0 ]
    echo "COMMIT; \\q" >&"${LOCK[1]}"
    # They come again as they are told, and find room.
    eventually all_submitted
    server_stop "$HERE/full/data"
}

all_submitted() {
    [ "$(server_psql "$HERE/full/data" -XAtqc "SELECT count(*) FROM jiayi.report")" = 20 ]
}

@test "monitor attacked: a huge head is refused" {
    head -c 3000000 /dev/zero | tr '\0' a >"$HERE/huge"
    run curl -s -m 30 -o /dev/null -w '%{http_code}' -H "@$HERE/huge" -H "X: $(head -c 30000 "$HERE/huge")" "http://$MONITOR/metrics"
    [[ $output = 431 || $output = 400 || $output = 000 ]] || complain "a huge head"
    run curl -s -m 30 -o /dev/null -w '%{http_code}' "http://$MONITOR/$(head -c 30000 "$HERE/huge")"
    [[ $output = 414 || $output = 431 || $output = 400 || $output = 000 ]] || complain "a huge path"
    get /metrics
    [ "$code" = 200 ]
}

@test "monitor attacked: garbage, resets and endless bodies" {
    local text
    for text in 'garbage' $'\x16\x03\x01\x02\x00' 'GET' $'GET /metrics HTTP/9.9\r\n\r\n' $'GET /metrics\r\n\r\n' \
        $'POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nabc' \
        $'GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n' \
        $'GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n' $'\r\n\r\n\r\n\r\n'; do
        for _ in {1..10}; do
            printf '%s' "$text" >"/dev/tcp/${MONITOR%:*}/${MONITOR##*:}" || true
        done
    done
    head -c 200000 /dev/urandom >"/dev/tcp/${MONITOR%:*}/${MONITOR##*:}" || true
    get /metrics
    [ "$code" = 200 ]
    json sales whoami
}

@test "monitor attacked: many requests at once on one connection get one answer, and it ends" {
    trap '' PIPE
    exec 8<>"/dev/tcp/${MONITOR%:*}/${MONITOR##*:}"
    for _ in {1..50}; do
        printf 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n' >&8
    done 2>/dev/null || true
    [ "$(timeout 5 cat <&8 | grep -c '^HTTP/1.1 200')" -le 1 ]
    exec 8>&-
    get /healthz
    [ "$code" = 200 ]
}

# The log's last line with all of these texts.
logged() {
    local lines text
    lines=$(cat "$DATA.log")
    for text in "$@"; do
        lines=$(grep -F -- "$text" <<<"$lines") || complain "no line has $text"
    done
    tail -n 1 <<<"$lines"
}

@test "log: a line for every call, with who, what, how and how long" {
    local line id=0123456789abcdef0123456789abcdef
    as sales deal create Logged --customer C --request-id $id
    ok
    line=$(logged request_id=$id)
    [[ $line =~ \ level=debug\ event=call\ method=DealService/CreateDeal\ status=OK\ ms=[0-9]+\.[0-9]{3}\ request_id=$id\ company=acme\ member=sales@acme.example\ peer=127.0.0.1$ ]] ||
        complain "$line"
    refused "$PERMISSION_DENIED" "kpi.define" sales kpi define logged --name L --unit u --period month --request-id ${id/0/f}
    line=$(logged request_id=${id/0/f})
    [[ $line = *' level=info event=call method=KpiService/DefineKpi status=PERMISSION_DENIED ms='* ]] || complain "$line"
    [[ $line = *' company=acme member=sales@acme.example '*' message="your role salesperson lacks '* ]] || complain "$line"
}

@test "log: a slow call says where its time went" {
    local id line
    id=$(new_deal sales)
    hold_deal "$id"
    as sales --timeout 3 deal move "$id" contacted
    [ "$status" -eq "$DEADLINE_EXCEEDED" ] || complain "exit status $status"
    release
    until_is 1 grep -c 'event=slow_call method=DealService/MoveDeal status=DEADLINE_EXCEEDED' "$DATA.log"
    line=$(logged event=slow_call method=DealService/MoveDeal status=DEADLINE_EXCEEDED)
    [[ $line = *' status=DEADLINE_EXCEEDED '* ]] || complain "$line"
    # The phases add up to the whole, and most of it was the database's.
    awk -v line="$line" 'BEGIN {
        n = split(line, words, " ")
        for (i = 1; i <= n; i++)
            if (match(words[i], /^[a-z]*_?ms=/)) {
                split(words[i], pair, "=")
                if (pair[1] == "ms") whole = pair[2]; else { sum += pair[2]; of[pair[1]] = pair[2] }
            }
        off = whole - sum
        exit !(whole >= 1000 && off < 0.01 && off > -0.01 && of["database_ms"] + of["results_ms"] > 900)
    }' || complain "$line"
    [ "$(sample jiayi_calls_slow_total)" -ge 1 ]
}

@test "log: refused peers are counted, one line for a cause and second" {
    local before seconds=$SECONDS lines count
    before=$(sample 'jiayi_refused_total{cause="handshake_failed"}')
    lines=$(grep -c 'event=refused cause=handshake_failed' "$DATA.log" || true)
    for _ in {1..60}; do
        printf 'GET / HTTP/1.1\r\n\r\n' >"/dev/tcp/${SERVER%:*}/${SERVER##*:}" || true
    done
    until_is $((before + 60)) sample 'jiayi_refused_total{cause="handshake_failed"}'
    # What the lines tell adds up to what was counted.
    until_is $((before + 60)) told_refused
    count=$(($(grep -c 'event=refused cause=handshake_failed' "$DATA.log") - lines))
    [ "$count" -ge 1 ]
    [ "$count" -le $((SECONDS - seconds + 2)) ] || complain "$count lines"
}

# How many failed handshakes the log's lines tell.
told_refused() {
    awk '/event=refused cause=handshake_failed/ { sub(/.* count=/, ""); n += $1 } END { print n + 0 }' "$DATA.log"
}

@test "log: every event that the sources have stands in docs/MONITORING.md, and no other" {
    local there told
    there=$(cd "$ROOT" && find server -name '*.c' -print0 | xargs -0 perl -0ne 'while (/\blog_(?:event|fields)\(\s*[^,]*,([^,)]*)/g) {
            my $words = $1;
            print "$1\n" while $words =~ /"([a-z_]+)"/g;
        }
        # Which an errand has, for the log to say when the database is lost.
        print "$1\n" while /\.lost = "([a-z_]+)"/g' | sort -u)
    [ "$(wc -w <<<"$there")" -gt 15 ]
    told=$(sed -n '/^| event |/,/^$/p' "$ROOT/docs/MONITORING.md" | cut -d '|' -f 2 | grep -oE '`[a-z_]+`' | tr -d '`' | sort -u)
    diff <(echo "$there") <(echo "$told")
}

@test "deploy: promtool accepts the rules, the configuration and the rules' tests" {
    promtool check config "$ROOT/deploy/prometheus.yml"
    promtool check rules "$ROOT/deploy/jiayi.rules.yml"
    promtool test rules "$ROOT/tests/rules.yml"
}

# The names of metrics in the expressions on standard input.
metrics_in() {
    grep -oE '\b(jiayi|process)_[a-z_]+' | sed -E 's/_(bucket|sum|count)$//' | sort -u
}

@test "deploy: every metric of the rules, the dashboard and docs/MONITORING.md is one that the server has" {
    local there used
    get /metrics
    there=$(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' <<<"$output" | sort)
    used=$({
        grep -E '^ *(expr:|\(|/|sum|histogram)' "$ROOT/deploy/jiayi.rules.yml"
        jq -r '.. | .expr? // empty' "$ROOT/deploy/dashboard.json"
    } | metrics_in)
    [ "$(wc -w <<<"$used")" -gt 30 ]
    [ -z "$(comm -13 <(echo "$there") <(echo "$used"))" ] || complain "not in /metrics: $(comm -13 <(echo "$there") <(echo "$used"))"
    # The documentation names each, and no other; and each cause, and each alert.
    diff <(echo "$there") <(grep -oE '^\| `(jiayi|process)_[a-z_]+' "$ROOT/docs/MONITORING.md" | cut -c4- | sort -u)
    diff <(sed -n 's/^jiayi_refused_total{cause="\([a-z_]*\)"}.*/\1/p' <<<"$output" | sort) \
        <(sed -n '/^## Causes/,/^## /s/^| `\([a-z_]*\)`.*/\1/p' "$ROOT/docs/MONITORING.md" | sort)
    diff <(sed -n 's/.*- alert: //p' "$ROOT/deploy/jiayi.rules.yml" | sort) \
        <(sed -n 's/^| `\(Jiayi[A-Za-z]*\)`.*/\1/p' "$ROOT/docs/MONITORING.md" | sort)
}

# prometheus_says HOST:PORT PATH FILTER: jq's FILTER on an answer of the Prometheus that the test below starts.
prometheus_says() {
    curl -s -m 30 "http://$1/api/v1/$2" | jq -r "$3"
}

@test "deploy: Prometheus scrapes the server, evaluates every rule and expression, and nothing is alarming" {
    local listen
    listen=127.0.0.1:$(free_port)
    mkdir "$HERE/prometheus"
    cp "$ROOT/deploy/jiayi.rules.yml" "$HERE/prometheus/"
    {
        echo 'groups: [{name: dashboard, rules: ['
        jq -r '.. | .expr? // empty' "$ROOT/deploy/dashboard.json" |
            sed 's/\$__rate_interval/1m/g; s/\$instance/.*/g' | command jq -Rc '{record: "x\(input_line_number)", expr: .}' | sed 's/$/,/'
        echo ']}]'
    } >"$HERE/prometheus/dashboard.rules.yml"
    sed -e "s/127.0.0.1:9464/$MONITOR/; s/_interval: 15s/_interval: 1s/; s/- jiayi.rules.yml/- '*.rules.yml'/" \
        "$ROOT/deploy/prometheus.yml" >"$HERE/prometheus/prometheus.yml"
    prometheus --config.file="$HERE/prometheus/prometheus.yml" --storage.tsdb.path="$HERE/prometheus/data" \
        --web.listen-address="$listen" >"$HERE/prometheus/log" 2>&1 3>&- &
    echo $! >"$HERE/prometheus.pid"
    until_is up prometheus_says "$listen" targets '.data.activeTargets[0].health'
    # The rules, and the dashboard's expressions as rules; they wait for their turn.
    [ "$(prometheus_says "$listen" rules '[.data.groups[].rules[]] | length')" -gt 50 ]
    until_is ok prometheus_says "$listen" rules \
        '[.data.groups[].rules[] | if .lastError then "\(.query): \(.lastError)" else .health end] | unique | join("; ")'
    [ "$(prometheus_says "$listen" alerts '[.data.alerts[] | select(.state == "firing")] | length')" = 0 ]
    kill "$(cat "$HERE/prometheus.pid")"
    wait "$(cat "$HERE/prometheus.pid")" || true
}

@test "monitor attacked: a head that never ends is cut off" {
    until_is 1 bash -c "wc -l <'$HERE/drip'"
    [ "$(cat "$HERE/drip")" -lt 40 ] || complain "it was borne for $(cat "$HERE/drip") lines"
    get /healthz
    [ "$code" = 200 ]
}

# After the one before: of so many the oldest is cut.
@test "monitor attacked: 200 idle connections keep nobody out, and none is kept" {
    local before fds=() fd
    before=$(descriptors)
    for _ in {1..200}; do
        exec {fd}<>"/dev/tcp/${MONITOR%:*}/${MONITOR##*:}"
        fds+=("$fd")
    done
    for _ in {1..5}; do
        get /metrics
        [ "$code" = 200 ]
    done
    trap '' PIPE
    # Half a head each.
    for fd in "${fds[@]}"; do
        printf 'GET /metrics HTTP/1.1\r\nX-Slow: ' >&"$fd" || true
    done 2>/dev/null
    get /readyz
    [ "$code" = 200 ]
    for fd in "${fds[@]}"; do
        exec {fd}>&-
    done
    for _ in {1..100}; do
        [ "$(descriptors)" -gt $((before + 2)) ] || break
        sleep 0.1
    done
    [ "$(descriptors)" -le $((before + 2)) ] || complain "$before descriptors before, $(descriptors) after"
}

# The last: the server goes down.
@test "monitor: /readyz says when the server is going down" {
    local id
    id=$(new_deal sales)
    hold_deal "$id"
    "$JIAYI" --profile sales --timeout 30 deal move "$id" contacted >/dev/null 2>&1 3>&- &
    eventually hold_is_felt
    kill -TERM "$(cat "$DATA.pid")"
    until_is "draining: the server is going down" ready
    [ "$(sample jiayi_draining)" = 1 ]
    get /healthz
    [ "$code" = 200 ]
    release
    wait
    server_stop "$DATA" >&2
    server_start "$DATA" >&2
}
