#!/usr/bin/env bats
# What a session has of its member and role, while all of these change at once.

load ../helper

setup_file() {
    world_open
}

# race CLIENTS TRANSACTIONS: the statements of standard input, as one transaction that may be refused, but for a deadlock; it
# stays open for a moment, so that the others come in between.
race() {
    local body
    body=$(cat)
    with_psql "$DATA" pgbench --no-vacuum --client "$1" --transactions "$2" --file - <<END >>"$BATS_TEST_TMPDIR/races" 2>&1
\\set who random(1, 6)
\\set what random(1, 3)
DO \$do\$ BEGIN $body PERFORM pg_sleep(0.004);
EXCEPTION WHEN sqlstate 'JY016' OR sqlstate 'JY009' THEN NULL; END \$do\$;
END
}

# Sessions that have other rights than their member, and roles that have others than they grant.
stale() {
    server_psql "$DATA" -Atc "SELECT count(*) FROM jiayi.session AS s JOIN jiayi.member AS m ON m.id = s.member_id
        JOIN jiayi.role AS r ON r.id = m.role_id WHERE s.revoked_at IS NULL
        AND CASE m.state WHEN 'active' THEN (s.grants, s.sights, s.wider) IS DISTINCT FROM (r.grants, r.sights, r.wider)
            ELSE s.grants IS NOT NULL END"
    server_psql "$DATA" -Atc "SELECT count(*) FROM jiayi.role AS r WHERE r.grants IS DISTINCT FROM jiayi.role_grants(r.id)
        AND r.grants <> '{0 0 1,0 0 2,0 0 3}'"
}

@test "decisions 5: a thousand sign-ins race set-role, remove and revoke: no session is left with other rights" {
    server_psql "$DATA" -v ON_ERROR_STOP=1 -q <<'END'
CREATE TABLE public.racer AS SELECT row_number() OVER () AS n, m.id, m.company_id FROM jiayi.member AS m
    JOIN jiayi.company AS c ON c.id = m.company_id
    JOIN jiayi.role AS r ON r.id = m.role_id WHERE r.name = 'salesperson' OR r.name = 'manager' ORDER BY m.id LIMIT 6;
INSERT INTO jiayi.role (company_id, name) SELECT DISTINCT company_id, 'racer' FROM public.racer;
END
    local racer="(SELECT w.id FROM public.racer AS w ORDER BY random() LIMIT 1)"
    race 4 250 <<<"PERFORM jiayi.login_open($racer, sha256(gen_random_uuid()::text::bytea), 'race', '127.0.0.1');" &
    local pids=($!)
    race 2 200 <<<"UPDATE jiayi.member AS m SET role_id = (SELECT r.id FROM jiayi.role AS r
        WHERE r.company_id = m.company_id OR (r.company_id IS NULL AND r.name IN ('salesperson', 'manager'))
        ORDER BY random(), m.id LIMIT 1) WHERE m.id = $racer;" &
    pids+=($!)
    race 2 100 <<<"UPDATE jiayi.member SET state = CASE state WHEN 'active' THEN 'removed' ELSE 'active' END WHERE id = $racer;" &
    pids+=($!)
    race 2 100 <<<"IF random() < 0.5 THEN
            INSERT INTO jiayi.role_permission (role_id, permission, scope)
            SELECT r.id, p.name, 'company' FROM jiayi.role AS r, jiayi.permission AS p WHERE r.name = 'racer'
                AND p.name LIKE '%.read' ORDER BY random() LIMIT 1 ON CONFLICT DO NOTHING;
        ELSE DELETE FROM jiayi.role_permission AS p USING jiayi.role AS r WHERE r.id = p.role_id AND r.name = 'racer'
            AND random() < 0.3; END IF;" &
    pids+=($!)
    race 2 100 <<<"UPDATE jiayi.session SET revoked_at = now() WHERE id = (SELECT s.id FROM jiayi.session AS s
        WHERE s.revoked_at IS NULL AND s.client = 'race' ORDER BY random() LIMIT 1);" &
    pids+=($!)
    # What one moment leaves wrong the next change may mend: so it is looked at again and again, each time at one moment.
    local pid
    while kill -0 "${pids[@]}" 2>/dev/null; do
        run stale
        [ "$output" = $'0\n0' ] || complain "stale sessions, roles: $output"
    done
    for pid in "${pids[@]}"; do wait "$pid" || complain "$(tail -n 20 "$BATS_TEST_TMPDIR/races")"; done
    [ "$(server_psql "$DATA" -Atc "SELECT count(*) FROM jiayi.session WHERE client = 'race'")" -gt 100 ]
    run stale
    [ "$output" = $'0\n0' ] || complain "stale sessions, roles: $output"
}
