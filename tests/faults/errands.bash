# shellcheck shell=bash disable=SC2034
# What nobody called for - jobs, events, the index of searches, exports - while servers and PostgreSQL are killed. Read by run.

# jobs_come EVERY: jobs whose work is a row in public.tick, one for each of eight companies.
jobs_come() {
    sql >/dev/null <<END
CREATE TABLE public.tick (company_id bigint, slot timestamptz);
GRANT INSERT ON public.tick TO jiayi_auth;
CREATE FUNCTION jiayi.job_tick(company_id bigint, slot timestamptz) RETURNS bigint LANGUAGE sql
    AS 'INSERT INTO public.tick VALUES (company_id, slot) RETURNING 1::bigint';
GRANT EXECUTE ON FUNCTION jiayi.job_tick(bigint, timestamptz) TO jiayi_auth;
INSERT INTO jiayi.job (name, company_id, every, catch_up, next_slot, due_at)
SELECT 'tick', c, '$1', true, t, t FROM generate_series(1, 8) AS c,
    (SELECT date_bin('$1', now(), '2000-01-01 00:00Z') AS t) AS x;
END
    JOBS=1
}

# Every slot was run once and noted once, from each job's first to its last; PostgreSQL counts them by itself.
check_jobs() {
    local wrong
    wrong=$(sql -F ' ' <<'END'
SELECT 'company', j.company_id, 'ran', t.n, 'noted', r.n, 'of', s.n
FROM jiayi.job AS j
CROSS JOIN LATERAL (SELECT count(*) AS n, min(k.slot) AS first FROM public.tick AS k WHERE k.company_id = j.company_id) AS t
CROSS JOIN LATERAL (SELECT count(*) AS n FROM jiayi.job_run AS k WHERE k.name = 'tick' AND k.company_id = j.company_id) AS r
CROSS JOIN LATERAL (SELECT count(*) AS n FROM generate_series(t.first, j.next_slot - interval '1 us', j.every)) AS s
WHERE j.name = 'tick' AND (t.n <> s.n OR r.n <> s.n OR t.n < 3
    OR t.n <> (SELECT count(DISTINCT k.slot) FROM public.tick AS k WHERE k.company_id = j.company_id))
END
    )
    [ -z "$wrong" ] || fail "slots of jobs: $wrong"
    NOTE+="$(sql -c 'SELECT count(*) FROM public.tick') slots; "
}

# Until none is due, on the clock that PostgreSQL sees, and each has had slots enough to tell something.
jobs_are_run() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        [ "$(sql -c "SELECT count(*) FROM jiayi.job AS j WHERE j.name = 'tick' AND (j.due_at <= now()
            OR (SELECT count(*) FROM jiayi.job_run AS r WHERE r.name = 'tick' AND r.company_id = j.company_id) < 3)")" -gt 0 ] ||
            return 0
        sleep 0.1
    done
    fail "jobs that are due are not run"
}

# A second server on the same database, from a folder of its own.
second_up() {
    mkdir "$DIR/second"
    cp -a "$DIR/data/tls" "$DIR/data/keys" "$DIR/data/jiayid.conf" "$DIR/data/VERSION" "$DIR/second/"
    chmod 700 "$DIR/second"
    [ "$(id -u)" -ne 0 ] || chown postgres "$DIR/second"
    "$JIAYID" serve --data "$DIR/second" --listen "127.0.0.1:$(free_port)" "${DATABASE[@]}" </dev/null \
        >"$DIR/second.out" 2>>"$DIR/second.log" 3>&- &
    SECOND_PID=$!
    for _ in {1..500}; do
        ! grep -q '^listening' "$DIR/second.out" || return 0
        sleep 0.02
    done
    fail "the second server did not start: $(tail -n 3 "$DIR/second.log")"
}

# jobs_ran_by LOG: that server ran some, too.
jobs_ran_by() {
    grep -q 'event=job name=tick' "$1" || fail "$1: it ran no job"
}

# killed_beside POINT MOST: a server begins beside the second one and is killed when it comes to the point for the n-th time, n
# being MOST at most. That may be before it listens; and it does come there, as the other one stands still meanwhile.
killed_beside() {
    local at
    chosen 1 "$2"
    at=$N
    SERVER_ENV=("JIAYI_FAULT=$1:$at")
    server_begins
    nap 300 900
    kill -STOP "$SECOND_PID"
    server_ends 60 || fail "the server never came to $1 number $at"
    kill -CONT "$SECOND_PID"
    [ "$STATUS" -eq 137 ] || fail "the server ended with $STATUS"
    NOTE+="$1 $at; "
}

# --- The frame of those with two servers, one of which is killed at points of its code, over and over.

# two_begin [COMMAND…]: all is at work, COMMAND begins what else there is; the second server is there, and the first one stops.
two_begin() {
    JIAYID=$KILLABLE
    begin
    "${@:-:}"
    second_up
    server_stops
}

# two_killed MOST POINT…: it begins anew and is killed at each of the points, as killed_beside has it.
two_killed() {
    local point
    for point in "${@:2}"; do
        killed_beside "$point" "$1"
    done
    SERVER_ENV=()
}

# two_end COMMAND…: the first one is there again, the second one dies; COMMAND says what came of it. The clients stand still
# meanwhile; what they asked for before is done.
two_end() {
    server_up
    more 60
    kill -KILL "$SECOND_PID"
    more 60
    kill -STOP "$CLIENTS_PID"
    sleep 1
    "$@"
    kill -CONT "$CLIENTS_PID"
}

# Both servers had jobs, and all that are due are run.
both_ran_jobs() {
    jobs_are_run
    sleep 2
    jobs_ran_by "$DIR/jiayid.log"
    jobs_ran_by "$DIR/second.log"
}

# Two servers run jobs.
fault_kill-jobs() {
    two_begin jobs_come '1 second'
    two_killed 9 job_look job_done job_committed job_done job_committed
    two_end both_ran_jobs
}

# Two of the people watch what they are told from the beginning, whatever becomes of the server.
watchers_up() {
    local who
    export XDG_CONFIG_HOME=$DIR/config SERVER=127.0.0.1:$PORT CA=$DIR/data/tls/ca.pem
    for who in sales manager; do
        sign_in "$who" "$who@acme.example" >/dev/null || fail "$who cannot sign in"
        "$JIAYI" --profile "$who" -o json watch --since 0 >"$DIR/watch.$who" 2>>"$DIR/watch.log" 3>&- &
        WATCHERS+=($!)
    done
}

# Every event is told, to each whom it is for once, and in order; and who watched saw all that they were told, once.
check_events() {
    local who wrong tries
    for ((tries = 0; tries < 600; tries++)); do
        [ "$(sql -c 'SELECT count(*) FROM jiayi.event WHERE position IS NULL')" -gt 0 ] || break
        sleep 0.1
    done
    wrong=$(sql -F ' ' <<'END'
SELECT 'waits', e.id FROM jiayi.event AS e WHERE e.position IS NULL
UNION ALL
SELECT 'twice', min(i.id) FROM jiayi.inbox AS i GROUP BY i.member_id, i.event_id HAVING count(*) > 1
UNION ALL
SELECT 'untold', e.id FROM jiayi.event AS e CROSS JOIN unnest(e.member_ids) AS r JOIN jiayi.member AS m ON m.id = r
WHERE e.kind LIKE 'deal.%' AND e.position IS NOT NULL AND m.id <> e.actor_id AND m.company_id = e.company_id
  AND NOT EXISTS (SELECT FROM jiayi.inbox AS i WHERE i.event_id = e.id AND i.member_id = m.id)
UNION ALL
SELECT 'out of order', i.id FROM (SELECT i.id, e.position, max(e.position) OVER (ORDER BY i.id) AS before
    FROM jiayi.inbox AS i JOIN jiayi.event AS e ON e.id = i.event_id) AS i WHERE i.position < i.before
LIMIT 20
END
    )
    [ -z "$wrong" ] || fail "events: $wrong"
    for who in sales manager; do
        for ((tries = 0; tries < 900; tries++)); do
            wrong=$(diff <(jq -r .id "$DIR/watch.$who") <(sql -c "SELECT i.id FROM jiayi.inbox AS i JOIN jiayi.member AS m ON m.id = i.member_id
                WHERE m.email = '$who@acme.example' ORDER BY i.id")) || { sleep 0.1; continue; }
            break
        done
        [ -z "$wrong" ] || fail "$who saw other things than were told: $(head -5 <<<"$wrong" | xargs)"
        NOTE+="$who saw $(wc -l <"$DIR/watch.$who"); "
    done
    kill "${WATCHERS[@]}"
    WATCHERS=()
}

# Two servers tell of events, and answer who watches; people watch there meanwhile.
fault_kill-events() {
    WATCHERS=()
    two_begin watchers_up
    two_killed 3 dispatch_look dispatch_told dispatch_committed watch_woken watch_answer dispatch_told dispatch_committed watch_answer
    two_end check_events
}

# Every text is found by the words that it has, and nothing waits to be.
check_search() {
    local wrong tries
    for ((tries = 0; tries < 600; tries++)); do
        [ "$(sql -c 'SELECT count(*) FROM jiayi.search_todo')" -gt 0 ] || break
        sleep 0.1
    done
    wrong=$(sql -F ' ' <<'END'
SET search_path = jiayi, pg_catalog;
SELECT 'waits', t.kind, t.on_id FROM search_todo AS t
UNION ALL
SELECT CASE WHEN d.id IS NULL THEN 'is not found' ELSE 'is found by other words' END, w.kind, w.id
FROM (SELECT 'activity' AS kind, w.id, w.text FROM search_words_of('activity', (SELECT array_agg(id) FROM activity)) AS w
      UNION ALL
      SELECT 'deal', w.id, w.text FROM search_words_of('deal', (SELECT array_agg(id) FROM deal)) AS w) AS w
LEFT JOIN search_doc AS d ON d.kind = w.kind AND d.id = w.id
WHERE d.text IS DISTINCT FROM searchable(w.text)
LIMIT 20
END
    )
    [ -z "$wrong" ] || fail "searches: $wrong"
    NOTE+="$(sql -c 'SELECT count(*) FROM jiayi.search_doc') texts; "
}

# Two servers have found what is written.
fault_kill-search() {
    two_begin
    two_killed 3 index_look index_kept index_committed index_kept index_committed
    two_end check_search
}

# Until every export is made that was asked for.
exports_are_made() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        [ "$(sql -c "SELECT count(*) FROM jiayi.export WHERE state = 'running'")" -gt 0 ] || return 0
        sleep 0.1
    done
    fail "an export is not made"
}

export_is_asked() {
    sql -c "INSERT INTO jiayi.export (company_id, member_id) SELECT m.company_id, m.id FROM jiayi.member AS m WHERE m.email = 'manager@acme.example'"
}

# Each export is whole, and the last one has what there is.
check_exports() {
    local wrong
    wrong=$(sql -F ' ' <<'END'
SELECT 'is not made', e.id, e.state FROM jiayi.export AS e WHERE e.state <> 'done'
UNION ALL
SELECT 'is not whole', f.export_id, f.name FROM jiayi.export_file AS f CROSS JOIN LATERAL (
    SELECT count(*) AS n, coalesce(max(p.seq) + 1, 0) AS last, coalesce(sum(array_length(string_to_array(p.data, e'\n'), 1)), 0) AS rows
    FROM jiayi.export_piece AS p WHERE p.export_id = f.export_id AND p.no = f.no) AS p
WHERE f.pieces <> p.n OR f.pieces <> p.last OR f.n_rows <> p.rows
UNION ALL
SELECT 'has other than all', f.export_id, f.name FROM jiayi.export_file AS f JOIN jiayi.export AS e ON e.id = f.export_id
WHERE e.id = (SELECT max(x.id) FROM jiayi.export AS x) AND f.name = 'deal'
  AND f.n_rows <> (SELECT count(*) FROM jiayi.deal AS d WHERE d.company_id = e.company_id)
UNION ALL
SELECT 'has no deals', max(e.id), '' FROM jiayi.export AS e
HAVING NOT EXISTS (SELECT FROM jiayi.export_file AS f WHERE f.export_id = max(e.id) AND f.name = 'deal')
LIMIT 20
END
    )
    [ -z "$wrong" ] || fail "exports: $wrong"
    NOTE+="$(sql -c "SELECT count(*) || ' exports at the ' || max(attempts) || '. attempt' FROM jiayi.export"); "
}

# The last export, of which all is known.
check_last_export() {
    export_is_asked
    exports_are_made
    check_exports
}

# A server makes an export and is killed at one of its pieces, while the other one stands still; then that one makes it.
fault_kill-exports() {
    two_begin
    for _ in 1 2 3; do
        exports_are_made
        kill -STOP "$SECOND_PID"
        export_is_asked
        two_killed 20 export_piece
    done
    exports_are_made
    two_end check_last_export
}

# PostgreSQL dies while two servers run jobs.
fault_postgres-jobs() {
    begin
    jobs_come '1 second'
    second_up
    for _ in 1 2; do
        more 60
        "${AS_POSTGRES[@]}" "$PG_BIN/pg_ctl" -D "$DIR/data/pg" -m immediate stop >/dev/null
        wait "$PG_PID" || true
        nap 50 1500
        pg_up || fail "PostgreSQL did not start"
    done
    more 60
    jobs_are_run
    kill -TERM "$SECOND_PID"
}
