-- How deep teams are, and what they cost (case M12).
\ir fixture.psql
SELECT no_plan();

-- A chain under boss: m1, m2, …
CREATE FUNCTION pg_temp.chain(first int, last int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN first .. last LOOP
        PERFORM pg_temp.join_company('m' || n, 'acme', 'salesperson', CASE WHEN n > 1 THEN 'm' || (n - 1) ELSE 'boss' END);
    END LOOP;
END
$$;
CREATE FUNCTION pg_temp.under(name text, manager text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act('boss', 'member.manage', format('SELECT manager FROM member_set_manager(%L, %L)',
           $1 || '@acme.example', $2 || '@acme.example'))
$$;
CREATE FUNCTION pg_temp.not_under(name text, manager text, description text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.refused('boss', 'member.manage', format('SELECT manager FROM member_set_manager(%L, %L)',
           $1 || '@acme.example', $2 || '@acme.example'), 'JY009',
           format('teams are 20 levels deep at most, and %s@acme.example under %s@acme.example would make more; '
                  'name a manager further up', $1, $2), $3)
$$;

SELECT pg_temp.chain(1, 20) \g /dev/null
SELECT is(count(*)::int, 20, 'case M12: a member has 20 managers above') FROM team WHERE member_id = pg_temp.member('m20');
SELECT throws_ok($$ SELECT pg_temp.chain(21, 21) $$, 'JY009', NULL, 'case M12: and no more');
SELECT pg_temp.not_under('dora', 'm20', 'case M12: nor by moving');
SELECT is(pg_temp.under('dora', 'm19'), 'm19@acme.example', 'one level further up');
-- anna has ben below, and ben cleo.
SELECT is(team_height(pg_temp.member(n))::int, h, 'below ' || n || ' are ' || h || ' levels')
FROM (VALUES ('anna', 2), ('ben', 1), ('cleo', 0), ('m1', 19)) AS x(n, h);
SELECT pg_temp.not_under('anna', 'm18', 'case M12: those below count');
SELECT is(pg_temp.under('anna', 'm17'), 'm17@acme.example', 'as far as they fit');

-- Teams from before there was a limit can be made flatter, even where they stay too deep.
ALTER TABLE member DISABLE TRIGGER guard;
SELECT pg_temp.chain(21, 30) \g /dev/null
ALTER TABLE member ENABLE TRIGGER guard;
SELECT is(pg_temp.under('m26', 'm22'), 'm22@acme.example', 'a deep team may become flatter');
SELECT is(pg_temp.act('boss', 'member.manage', 'SELECT state FROM member_remove(''m5@acme.example'')'), 'removed',
    'and somebody in it removed');
SELECT pg_temp.not_under('m26', 'm25', 'but not deeper');

-- What it costs: the rows of team are as many as members and levels, not their square.
-- How many rows of teams and members a statement reads and writes.
CREATE FUNCTION pg_temp.rows_of(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
BEGIN
    before := (SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_del)
        FROM pg_stat_xact_user_tables WHERE schemaname = 'jiayi' AND relname IN ('team', 'member'));
    EXECUTE statement;
    RETURN (SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_del)
        FROM pg_stat_xact_user_tables WHERE schemaname = 'jiayi' AND relname IN ('team', 'member')) - before;
END
$$;
SELECT pg_temp.join_company('head' || i, 'gamma', 'salesperson', CASE WHEN i > 1 THEN 'head' || (i - 1) END)
FROM generate_series(1, 15) AS i \g /dev/null
SELECT pg_temp.join_company('leaf' || i, 'gamma', 'salesperson', 'head15') FROM generate_series(1, 800) AS i \g /dev/null
SELECT cmp_ok((SELECT count(*) FROM team AS t JOIN member AS m ON m.id = t.member_id WHERE m.company_id = pg_temp.company('gamma')),
    '<=', 20::bigint * 815, 'case M12: 800 members, 15 levels: 20 rows each at most');
SELECT cmp_ok(pg_temp.rows_of($$ UPDATE jiayi.member SET manager_id = pg_temp.member('gina') WHERE name = 'head1' $$), '<=',
    12 * 20::bigint * 815, 'case M12: when all of them move, each row is looked at some times, and not once for each other');

SELECT * FROM finish();
ROLLBACK;
