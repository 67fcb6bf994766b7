# shellcheck shell=bash disable=SC2034
# PostgreSQL, or the server, is stopped, killed or frozen. Read by run.

# PostgreSQL is stopped at once, and is back a moment later.
fault_postgres-immediate() {
    begin
    for _ in 1 2; do
        "${AS_POSTGRES[@]}" "$PG_BIN/pg_ctl" -D "$DIR/data/pg" -m immediate stop >/dev/null
        wait "$PG_PID" || true
        nap 50 1500
        pg_up || fail "PostgreSQL did not start"
        more 60
    done
}

# One backend is killed; PostgreSQL then ends all others and recovers.
fault_backend-killed() {
    local pid
    begin
    for _ in 1 2; do
        pid=$(sql -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'jiayid' ORDER BY random() LIMIT 1")
        [ -n "$pid" ] || fail "there is no backend"
        kill -KILL "$pid"
        more 60
    done
}

# Every connection is ended, over and over, while commits are slow.
fault_backends-terminated() {
    local round ended=0
    begin
    sql <<'END'
CREATE FUNCTION public.linger() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM pg_sleep(0.02); RETURN NULL; END $f$;
CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON jiayi.call_record DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.linger();
END
    for round in 1 2 3 4 5 6; do
        nap 100 500
        N=$(sql -c "SELECT count(*) FILTER (WHERE wait_event = 'PgSleep' AND pg_terminate_backend(pid)
                                            OR wait_event IS DISTINCT FROM 'PgSleep' AND NOT pg_terminate_backend(pid))
                    FROM pg_stat_activity WHERE application_name = 'jiayid'")
        ended=$((ended + N))
    done
    [ "$ended" -gt 0 ] || fail "no connection was ended in mid-commit"
    NOTE="$ended ended in mid-commit; "
    more 60
}

# PostgreSQL stands still, and goes on.
fault_postgres-frozen() {
    local pids
    begin
    for _ in 1 2; do
        mapfile -t pids < <(pg_children)
        kill -STOP "$PG_PID" "${pids[@]}" 2>/dev/null || true
        nap 500 6000
        kill -CONT "$PG_PID" "${pids[@]}" 2>/dev/null || true
        more 60
    done
    # Frozen for good: the server answers each call soon after its deadline all the same, and ends in its time of grace.
    server_stops
    SERVER_FLAGS=(--drain-timeout-s 1)
    server_up
    more 60
    mapfile -t pids < <(pg_children)
    kill -STOP "$PG_PID" "${pids[@]}" 2>/dev/null || true
    sleep 10
    kill -TERM "$SERVER_PID"
    server_ends 8 || fail "jiayid did not end soon after its 1 s of grace"
    [ "$STATUS" -eq 0 ] || fail "jiayid ended with $STATUS"
    kill -CONT "$PG_PID" "${pids[@]}" 2>/dev/null || true
    N=$(slowest_ms)
    [ "$N" -gt 2000 ] || fail "nothing stood still: the slowest answer came after $N ms"
    [ "$N" -lt 5500 ] || fail "a call was answered after $N ms, its deadline was at 2500"
    NOTE="the slowest answer after $N ms; "
    server_up
    more 60
}

# What the slowest call took in the server, in milliseconds.
slowest_ms() {
    grep -E 'event=(call|slow_call) ' "$DIR/jiayid.log" | grep -o ' ms=[0-9]*' | cut -d= -f2 | sort -n | tail -n 1
}

fault_server-frozen() {
    begin
    for _ in 1 2; do
        kill -STOP "$SERVER_PID"
        nap 500 6000
        kill -CONT "$SERVER_PID"
        more 60
    done
}
