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
-- Plans that were made while the tables were small would go through all of them.
ANALYZE team, team_span, member;
SELECT cmp_ok(pg_temp.rows_of($$ UPDATE jiayi.member SET manager_id = pg_temp.member('gina') WHERE name = 'head1' $$), '<=',
    60 * 20::bigint * 815, 'case M12: when all of them move, each row is looked at some times, and not once for each other');

-- The dated tree. What it has of today is the tree; a day belongs to who is above at its end.
CREATE FUNCTION pg_temp.spans(name text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(format('%s %s..%s', m.name, s.from_on - company_day(m.company_id, now()),
        coalesce(nullif(s.to_on, 'infinity') - company_day(m.company_id, now()), 99)), ', '
        ORDER BY s.from_on, m.name), '')
    FROM team_span AS s JOIN member AS m ON m.id = s.manager_id WHERE s.member_id = pg_temp.member($1)
$$;
CREATE FUNCTION pg_temp.is_tree(description text) RETURNS text LANGUAGE sql AS $$
    SELECT is((SELECT count(*) FROM team AS t FULL JOIN (SELECT s.manager_id, s.member_id FROM team_span AS s
        WHERE s.to_on = 'infinity') AS s USING (manager_id, member_id)
        WHERE t IS NULL OR s IS NULL), 0::bigint, 'the open spans are the tree: ' || $1)
$$;
CREATE FUNCTION pg_temp.days_go_by(days int) RETURNS void LANGUAGE sql AS $$
    UPDATE team_span SET from_on = from_on - days, to_on = to_on - days
$$;
SELECT pg_temp.is_tree('after all of that, on one day');
SELECT is((SELECT count(*)::int FROM team_span WHERE to_on <> 'infinity'), 0, 'what was not so for a day is not kept');
SELECT pg_temp.join_company(name, 'gamma', 'salesperson', manager)
FROM (VALUES (1, 'top', NULL), (2, 'left', 'top'), (3, 'right', 'top'), (4, 'mid', 'left'), (5, 'low', 'mid')) AS x(n, name, manager)
ORDER BY n \g /dev/null
SELECT is(pg_temp.spans('low'), 'left 0..99, mid 0..99, top 0..99', 'from the day on, those above those above too');
SELECT pg_temp.days_go_by(10) \g /dev/null
UPDATE member SET manager_id = pg_temp.member('right') WHERE name = 'mid';
SELECT is(pg_temp.spans('low'), 'left -10..0, mid -10..99, top -10..99, right 0..99',
       'those who went end, those who came begin, and who stays above is not touched');
SELECT is(pg_temp.spans('mid'), 'left -10..0, top -10..99, right 0..99', 'of who moved as well');
UPDATE member SET manager_id = pg_temp.member('left') WHERE name = 'mid';
SELECT is(pg_temp.spans('low'), 'left -10..99, mid -10..99, top -10..99', 'back on the same day: nothing was');
UPDATE member SET manager_id = pg_temp.member('top') WHERE name = 'mid';
SELECT pg_temp.days_go_by(5) \g /dev/null
UPDATE member SET manager_id = NULL WHERE name = 'mid';
SELECT is(pg_temp.spans('low'), 'left -15..-5, mid -15..99, top -15..0', 'under nobody');
UPDATE member SET name = 'mid' WHERE name = 'mid';
SELECT pg_temp.days_go_by(5) \g /dev/null
UPDATE member SET manager_id = pg_temp.member('left') WHERE name = 'mid';
SELECT is(pg_temp.spans('low'), 'left -20..-10, mid -20..99, top -20..-5, left 0..99, top 0..99', 'and under somebody again');
UPDATE member SET state = 'removed' WHERE name = 'low';
SELECT is(pg_temp.spans('low'), 'left -20..-10, mid -20..99, top -20..-5, left 0..99, top 0..99',
       'who left stays where they were, as in the tree');
SELECT pg_temp.is_tree('after some days');
-- The day is the company's; a clock that goes west does not make it yesterday.
SELECT set_config('test.zone', CASE WHEN (now() AT TIME ZONE 'UTC')::time < '12:00' THEN 'Pacific/Pago_Pago'
       ELSE 'Pacific/Kiritimati' END, true) AS zone \gset
UPDATE company_profile SET time_zone = :'zone' WHERE company_id = pg_temp.company('beta');
UPDATE member SET manager_id = pg_temp.member('vito') WHERE name = 'vera';
SELECT is(from_on, (now() AT TIME ZONE :'zone')::date, 'days are those of the company: ' || :'zone')
FROM team_span WHERE member_id = pg_temp.member('vera');
UPDATE company_profile SET time_zone = 'Pacific/Kiritimati' WHERE company_id = pg_temp.company('gamma');
UPDATE member SET manager_id = pg_temp.member('right') WHERE name = 'mid';
UPDATE company_profile SET time_zone = 'Pacific/Pago_Pago' WHERE company_id = pg_temp.company('gamma');
UPDATE member SET manager_id = pg_temp.member('top') WHERE name = 'mid';
-- By one pass in their order: a join of the spans with one another has no statistics here to be planned by.
SELECT is(count(*)::int, 0, 'no two spans of the same two overlap, and none runs backwards')
FROM (SELECT s.from_on, s.to_on, max(s.to_on) OVER (PARTITION BY s.manager_id, s.member_id ORDER BY s.from_on, s.to_on
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM team_span AS s) AS s
WHERE s.before > s.from_on OR s.to_on <= s.from_on;
SELECT pg_temp.is_tree('where the clock went west');
SELECT is(string_agg(DISTINCT has_table_privilege(r, 'team_span', 'SELECT')::text, ''), 'false', 'no call reads it')
FROM unnest(ARRAY['jiayi_app', 'jiayi_login', 'jiayi_job']) AS r;

SELECT * FROM finish();
ROLLBACK;
