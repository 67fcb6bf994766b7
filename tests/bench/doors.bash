# What one call costs the server by each of the ways that it can come: SP, gRPC, Connect. Sourced by bench.sh.

# The server's CPU time so far, in clock ticks.
server_ticks() {
    awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$SERVER_PID/stat"
}

# one_door WAY TYPE BODY: its CPU for a call, by a client that nobody here wrote. Every answer is 200, and has a deal in it.
one_door() {
    local calls=$((3000 * MEASURED)) before after
    before=$(server_ticks)
    h2load -n "$calls" -c 16 -m 1 -t 1 -H "content-type: $2" -H 'te: trailers' -H "authorization: Bearer $(printf %043d 8)" \
        -d "$3" "https://$SERVER/jiayi.v1.DealService/GetDeal" >"$SCRATCH/h2load" 2>&1
    after=$(server_ticks)
    grep -q "^status codes: $calls 2xx" "$SCRATCH/h2load" || return 1
    sed -n 's/^traffic:.*(\([0-9]*\)) data$/\1/p' "$SCRATCH/h2load" | awk -v n="$calls" '{ exit !($1 > 100 * n) }' || return 1
    awk -v way="$1" -v ticks=$((after - before)) -v hz="$TICKS_PER_S" -v n="$calls" 'BEGIN { print way, ticks * 1e6 / hz / n }'
}

part_doors() {
    local round
    printf '{"deal_id":"8"}' >"$SCRATCH/body.json"
    printf '\x08\x08' >"$SCRATCH/body.proto"
    printf '\0\0\0\0\2\x08\x08' >"$SCRATCH/body.grpc"
    : >"$SCRATCH/doors"
    for ((round = 1; round <= ROUNDS; round++)); do
        {
            "$LOAD" --server "$SERVER" --ca "$CA" --pid "$SERVER_PID" --op get --callers 16 --seconds "$MEASURED" |
                awk '{ print "SP", $5 }'
            one_door gRPC application/grpc "$SCRATCH/body.grpc"
            one_door Connect application/proto "$SCRATCH/body.proto"
            one_door JSON application/json "$SCRATCH/body.json"
        } >>"$SCRATCH/doors" || {
            say "calls by HTTP/2 failed: $(tail -n 5 "$SCRATCH/h2load")"
            return 1
        }
    done
    awk "$AWK_MEDIAN"'
        { seen[$1] = seen[$1] " " $2 }
        END {
            sp = median(seen["SP"])
            n = split("SP gRPC Connect JSON", ways, " ")
            for (i = 1; i <= n; i++)
                rows = rows sprintf("%s{\"way\":\"%s\",\"cpu_us\":%.1f,\"ratio\":%.2f}", i > 1 ? "," : "", ways[i], \
                    median(seen[ways[i]]), median(seen[ways[i]]) / sp)
            printf "[%s]\n", rows
        }' "$SCRATCH/doors" >"$SCRATCH/doors.json"
}

print_doors() {
    jq -r '"GetDeal by 16 callers, CPU of the server for a call in µs, and of that by SP:", (.[] | "\(.way) \(.cpu_us) \(.ratio)")' "$1"
}
