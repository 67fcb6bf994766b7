# What those who watch cost while nothing happens. Sourced by bench.sh.

# The CPU time of PostgreSQL's processes so far, in hundredths of a second.
database_ticks() {
    local pid
    for pid in $(pgrep -P "$(sql -Atc "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")"); do
        cut -d' ' -f14,15 "/proc/$pid/stat" 2>/dev/null || true
    done | awk '{ n += $1 + $2 } END { print n + 0 }'
}

# Those who wait for news, beside those who are only there.
part_held() {
    local line began=0 ended=0
    server_stop "$SCRATCH/data"
    server_begin data
    run_load get 16 0
    while read -r line; do
        case $line in
        begin) began=$(database_ticks) ;;
        end*)
            ended=$(database_ticks)
            echo "${line#end } $((ended - began))" >"$SCRATCH/held"
            ;;
        esac
    done < <(ulimit -n $((HELD + 200)) && "$LOAD" --server "$SERVER" --ca "$CA" --pid "$SERVER_PID" --held --callers "$HELD" --seconds 60)
    awk '{
        printf "{\"watchers\":%d,\"idle_kib\":%.1f,\"held_kib\":%.2f,\"server_cpu\":%.4f,\"database_cpu\":%.4f,\"failed\":%d}\n",
            $1, ($3 - $2) / $1, ($4 - $3) / $1, $5 / 60000, $7 / 6000, $6
    }' "$SCRATCH/held" >"$SCRATCH/held.json"
}

print_held() {
    jq -r '"\(.watchers) who watch: \(.held_kib) KiB each beside an idle connection of \(.idle_kib) KiB; while nothing happens \(100 * .server_cpu) % of a core
for the server and \(100 * .database_cpu) % for the database."' "$1"
}
