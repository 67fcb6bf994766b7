-- To-do lists: what waits for somebody, from several tables, in one order.

CREATE OR REPLACE FUNCTION todo_of(noun int, team boolean, email text) RETURNS bigint[]
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN email IS NOT NULL THEN ARRAY[jiayi.member_seen(email)]
        WHEN team THEN jiayi.me_owners(noun) ELSE ARRAY[jiayi.me_member()] END;
END
$$;
COMMENT ON FUNCTION todo_of(int, boolean, text) IS
    'Whose things of a noun a to-do list has: a member''s; the caller''s and those of the members below, '
    'as far as the sight of the noun reaches; or the caller''s alone.';
GRANT EXECUTE ON FUNCTION todo_of(int, boolean, text) TO jiayi_app;

-- Where the page before ended: the moment, the number of the reason, that of the thing. With CASE, which
-- the planner knows to tell nothing of a row, as it does not of coalesce(): so indexes begin there.
CREATE OR REPLACE FUNCTION todo_at(key text) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN key IS NULL THEN '-infinity' ELSE split_part(key, '/', 1)::timestamptz END $$;
COMMENT ON FUNCTION todo_at(text) IS 'The moment of a to-do list''s key; before all where there is none.';
GRANT EXECUTE ON FUNCTION todo_at(text) TO jiayi_app;

-- A moment before that, whose day it is: the day that ends then, or that in which it is.
CREATE OR REPLACE FUNCTION todo_day(key text) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jiayi.company_day(jiayi.me_company(), jiayi.todo_at(key) - interval '1 microsecond');
END
$$;
COMMENT ON FUNCTION todo_day(text) IS
    'The first day, where the caller''s company is, whose end may come behind a to-do list''s key.';
GRANT EXECUTE ON FUNCTION todo_day(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION todo_no(key text) RETURNS int LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN key IS NULL THEN 0 ELSE split_part(key, '/', 2)::int END $$;
COMMENT ON FUNCTION todo_no(text) IS 'The number of the reason in a to-do list''s key.';
GRANT EXECUTE ON FUNCTION todo_no(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION todo_id(key text) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN key IS NULL THEN 0 ELSE split_part(key, '/', 3)::bigint END $$;
COMMENT ON FUNCTION todo_id(text) IS 'The number of the thing in a to-do list''s key.';
GRANT EXECUTE ON FUNCTION todo_id(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION todo_reviews() RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT g.bits FROM jiayi.caller_grants() AS g
        WHERE g.permission = 'report.review'), 0)
$$;
COMMENT ON FUNCTION todo_reviews() IS 'How far the caller reviews reports; bits as in table scope.';
GRANT EXECUTE ON FUNCTION todo_reviews() TO jiayi_app;

CREATE OR REPLACE FUNCTION todo_does() RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT g.bits FROM jiayi.caller_grants() AS g
        WHERE g.permission = 'task.update'), 0)
$$;
COMMENT ON FUNCTION todo_does() IS 'How far the caller does tasks; bits as in table scope.';
GRANT EXECUTE ON FUNCTION todo_does() TO jiayi_app;

CREATE OR REPLACE FUNCTION todo_registrations() RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT g.bits FROM jiayi.caller_grants() AS g
        WHERE g.permission = 'registration.decide'), 0)
$$;
COMMENT ON FUNCTION todo_registrations() IS 'How far the caller decides on registrations; bits as in table scope.';
GRANT EXECUTE ON FUNCTION todo_registrations() TO jiayi_app;

CREATE OR REPLACE FUNCTION todo_cases() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jiayi.sight(jiayi.noun('case')) & 6 <> 0
        AND EXISTS (SELECT FROM jiayi.caller_grants() AS g WHERE g.permission = 'case.open');
END
$$;
COMMENT ON FUNCTION todo_cases() IS 'Whether the caller sees a team''s or all of the company''s cases, and speaks in them.';
GRANT EXECUTE ON FUNCTION todo_cases() TO jiayi_app;

CREATE OR REPLACE FUNCTION todo_when(due timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    here bigint := jiayi.me_company();
    day  date := jiayi.today(here);
BEGIN
    RETURN CASE WHEN due = 'infinity' THEN NULL
        WHEN due <= now() THEN 'overdue'
        WHEN due <= jiayi.day_ends(here, day) THEN 'today'
        WHEN due <= jiayi.day_ends(here, jiayi.add_working_days(here, day, 3)) THEN 'soon'
        ELSE 'later' END;
END
$$;
COMMENT ON FUNCTION todo_when(timestamptz) IS
    'How soon something is due: overdue, today, soon - within three working days - or later; NULL: on no '
    'day in particular.';
GRANT EXECUTE ON FUNCTION todo_when(timestamptz) TO jiayi_app;

-- What is due by its day is compared by the moment at which that ends where the company is, which costs ten times what reading it does.
CREATE OR REPLACE FUNCTION todo_ahead(people bigint[], forgotten boolean, key text, most bigint)
    RETURNS TABLE (id bigint, latest date) LANGUAGE plpgsql STABLE ROWS 10 AS $$
DECLARE
    mine  bigint := jiayi.me_company();
    day   date := jiayi.todo_day(key);
    at    timestamptz := jiayi.todo_at(key);
    no    int := jiayi.todo_no(key);
    after bigint := jiayi.todo_id(key);
BEGIN
    IF cardinality(people) < 4 THEN
        RETURN QUERY SELECT p.id, 'infinity'::date FROM unnest(people) AS p(id);
    ELSIF forgotten THEN
        RETURN QUERY SELECT h.id, CASE WHEN count(*) OVER () = most THEN max(h.first) OVER () ELSE 'infinity' END
        FROM (SELECT o.id, h.first FROM unnest(people) AS o(id) CROSS JOIN LATERAL (
                  SELECT p.touch_by AS first FROM jiayi.deal_pulse AS p
                  WHERE p.member_id = o.id AND p.open AND p.company_id = mine AND p.next_due_on IS NULL
                    AND p.touch_by >= day AND p.touch_by < jiayi.due_until(0)
                    AND (jiayi.day_ends(mine, p.touch_by), 3, p.deal_id) > (at, no, after)
                  ORDER BY p.touch_by, p.deal_id LIMIT 1) AS h
              ORDER BY h.first LIMIT most) AS h;
    ELSE
        RETURN QUERY SELECT h.id, CASE WHEN count(*) OVER () = most THEN max(h.first) OVER () ELSE 'infinity' END
        FROM (SELECT o.id, h.first FROM unnest(people) AS o(id) CROSS JOIN LATERAL (
                  SELECT p.next_due_on AS first FROM jiayi.deal_pulse AS p
                  WHERE p.member_id = o.id AND p.open AND p.company_id = mine AND p.next_due_on >= day
                    AND (jiayi.day_ends(mine, p.next_due_on), 3, p.deal_id) > (at, no, after)
                  ORDER BY p.next_due_on, p.deal_id LIMIT 1) AS h
              ORDER BY h.first LIMIT most) AS h;
    END IF;
END
$$;
COMMENT ON FUNCTION todo_ahead(bigint[], boolean, text, bigint) IS
    'As deals_ahead(), of a to-do list''s next steps, or of deals that were forgotten: of those people who has some on a page of that many, '
    'and the last day that it comes to.';
GRANT EXECUTE ON FUNCTION todo_ahead(bigint[], boolean, text, bigint) TO jiayi_app;
