# What connections that are only there cost the server. Sourced by bench.sh.

# A server that has done nothing yet but some calls, so that what the connections cost is all that is added.
part_idle() {
    server_stop "$SCRATCH/data"
    server_begin data
    run_load get 16 0
    # Each connection is a descriptor of the load's, too.
    (ulimit -n $((IDLE + 200)) && "$LOAD" --server "$SERVER" --ca "$CA" --pid "$SERVER_PID" --idle --callers "$IDLE") \
        >"$SCRATCH/idle" || {
        say "the idle connections failed"
        return 1
    }
    awk '{
        printf "{\"connections\":%d,\"before_kib\":%d,\"usual_kib\":%.1f,\"large_kib\":%.1f}\n", $1, $2, ($3 - $2) / $1, ($4 - $2) / $1
    }' "$SCRATCH/idle" >"$SCRATCH/idle.json"
}

print_idle() {
    jq -r '"\(.connections) idle connections, signed in: \(.usual_kib) KiB each after a call of usual size,
\(.large_kib) KiB each after an answer of 500 deals as well (the server without them: \(.before_kib) KiB; proportional set size)."' "$1"
}
