# What those who watch cost while nothing happens. Sourced by bench.sh.

HELD_S=${HELD_S:-60}

# The CPU time of PostgreSQL's processes so far, in hundredths of a second.
database_ticks() {
    local pid
    for pid in $(pgrep -P "$(sql -Atc "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")"); do
        cut -d' ' -f14,15 "/proc/$pid/stat" 2>/dev/null || true
    done | awk '{ n += $1 + $2 } END { print n + 0 }'
}

# watch_by WAY: the program that watches so.
watch_by() {
    if [ "$1" = SP ]; then
        exec "$LOAD" --server "$SERVER" --ca "$CA" --pid "$SERVER_PID" --held --callers "$HELD" --seconds "$HELD_S"
    fi
    exec /usr/bin/python3 tests/bench/streams.py "$SERVER" "$CA" "$SERVER_PID" "$1" "$HELD" "$HELD_S"
}

# Those who wait for news, beside those who are only there.
part_held() {
    local way line began=0 ended=0
    : >"$SCRATCH/held"
    for way in SP grpc health; do
        server_stop "$SCRATCH/data"
        server_begin data
        run_load get 16 0
        while read -r line; do
            case $line in
            begin) began=$(database_ticks) ;;
            end*)
                ended=$(database_ticks)
                echo "$way ${line#end } $((ended - began))" >>"$SCRATCH/held"
                ;;
            esac
        done < <(ulimit -n $((HELD + 200)) && watch_by "$way")
    done
    awk -v ms=$((HELD_S * 1000)) '{
        printf "%s{\"way\":\"%s\",\"watchers\":%d,\"idle_kib\":%.1f,\"held_kib\":%.2f,\"server_cpu\":%.4f,\"database_cpu\":%.4f,\"failed\":%d}",
            (NR > 1 ? "," : "["), $1, $2, ($4 - $3) / $2, ($5 - $4) / $2, $6 / ms, $8 * 10 / ms, $7
    } END { print "]" }' "$SCRATCH/held" >"$SCRATCH/held.json"
}

print_held() {
    jq -r '.[] | "\(.way): \(.watchers) who watch: \(.held_kib) KiB each beside an idle connection of \(.idle_kib) KiB; while nothing happens \(100 * .server_cpu) % of a core
for the server and \(100 * .database_cpu) % for the database."' "$1"
}
