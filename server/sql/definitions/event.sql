-- Events: what happened, whom it is told, and what they find of it in their inbox.
--
-- A trigger TABLE_tell(), which CALL told('TABLE', ...) attaches, writes the event in the
-- transaction in which it happens: one narrow row, and no look at who is to know. A thread of each
-- server that runs jobs (server/jobs/dispatcher.c) calls dispatch() as jiayi_job; one of them at a
-- time makes rows of inbox of it. Since it alone makes them, their numbers are in the order in
-- which they can be seen, and who asks for those above the last one misses none.
--
-- What is told is looked up when it is read, under the reader's policies.

CREATE OR REPLACE PROCEDURE told("table" regclass, event text, condition text DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
    name text := 'tell_' || lower(split_part(event, ' ', 1));
BEGIN
    IF condition IS NULL THEN
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s REFERENCING %s NEW TABLE AS added '
                       'FOR EACH STATEMENT EXECUTE FUNCTION jiayi.%I()', name, event, "table",
                       CASE event WHEN 'UPDATE' THEN 'OLD TABLE AS before' ELSE '' END,
                       (SELECT c.relname FROM pg_class AS c WHERE c.oid = "table") || '_tell');
    ELSE
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s FOR EACH ROW WHEN (%s) '
                       'EXECUTE FUNCTION jiayi.%I()', name, event, "table", condition,
                       (SELECT c.relname FROM pg_class AS c WHERE c.oid = "table") || '_tell');
    END IF;
END
$$;
COMMENT ON PROCEDURE told(regclass, text, text) IS
    'Has the function TABLE_tell() write what happens to a table''s rows into event: for each '
    'statement, with the rows in "added" and what they were in "before"; or, with a condition, for '
    'each row that meets it, where few of the table''s many changes are to be told.';

CREATE OR REPLACE FUNCTION partner_people(company_id bigint) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT m.id FROM jiayi.member AS m
        JOIN jiayi.role_permission AS p ON p.role_id = m.role_id AND p.permission = 'partner.manage'
        WHERE m.company_id = partner_people.company_id AND m.state = 'active'
        ORDER BY m.id LIMIT 20);
END
$$;
COMMENT ON FUNCTION partner_people(bigint) IS
    'Who looks after a company''s partnerships, 20 at most.';
GRANT EXECUTE ON FUNCTION partner_people(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION object_sides(on_kind smallint, on_id bigint, OUT noun int,
    OUT owner_id bigint, OUT second_id bigint, OUT company_id bigint, OUT partner_id bigint,
    OUT needs_partnership boolean)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    span int; -- in which it was given to the partner; NULL: it is the partner's for good
BEGIN
    noun := kind_noun(object_sides.on_kind);
    needs_partnership := object_sides.on_kind NOT IN (kind('partner'), kind('invitation'), kind('contract'),
        kind('payment'), kind('registration'), kind('case'));
    CASE object_sides.on_kind
    WHEN kind('customer') THEN
        SELECT o.owner_id, o.company_id INTO owner_id, company_id
        FROM customer AS o WHERE o.id = object_sides.on_id;
    WHEN kind('contact') THEN
        SELECT c.owner_id, o.company_id INTO owner_id, company_id
        FROM contact AS o JOIN customer AS c ON c.id = o.customer_id WHERE o.id = object_sides.on_id;
    WHEN kind('deal') THEN
        SELECT o.owner_id, o.company_id, o.vendor_id, o.shared_span INTO owner_id, company_id, partner_id, span
        FROM deal AS o WHERE o.id = object_sides.on_id;
    WHEN kind('activity') THEN
        SELECT d.owner_id, CASE o.audience WHEN 'internal' THEN o.author_company_id ELSE o.company_id END,
               CASE o.audience WHEN 'internal' THEN NULL ELSE d.vendor_id END, d.shared_span
        INTO owner_id, company_id, partner_id, span
        FROM activity AS o JOIN deal AS d ON d.id = o.deal_id WHERE o.id = object_sides.on_id;
        IF NOT FOUND THEN
            SELECT c.owner_id, c.company_id INTO owner_id, company_id
            FROM activity AS o JOIN customer AS c ON c.id = o.customer_id WHERE o.id = object_sides.on_id;
        END IF;
    WHEN kind('report') THEN
        SELECT o.author_id, o.company_id, nullif(o.to_company_id, o.company_id)
        INTO owner_id, company_id, partner_id FROM report AS o WHERE o.id = object_sides.on_id;
    WHEN kind('task') THEN
        SELECT o.assignee_id, o.created_by, o.company_id, o.vendor_id, o.shared_span
        INTO owner_id, second_id, company_id, partner_id, span FROM task AS o WHERE o.id = object_sides.on_id;
    WHEN kind('kpi_line') THEN
        SELECT o.member_id, o.company_id, o.vendor_id, o.shared_span INTO owner_id, company_id, partner_id, span
        FROM kpi_line AS o WHERE o.id = object_sides.on_id;
    WHEN kind('contract') THEN
        -- A draft is of the drafting side alone.
        SELECT o.owner_id, o.vendor_owner_id, CASE o.audience WHEN 'shared' THEN o.company_id ELSE o.author_company_id END,
               CASE o.audience WHEN 'shared' THEN o.vendor_id END
        INTO owner_id, second_id, company_id, partner_id
        FROM contract AS o WHERE o.id = object_sides.on_id;
    WHEN kind('payment') THEN
        SELECT o.owner_id, o.vendor_owner_id, o.company_id, o.vendor_id INTO owner_id, second_id, company_id, partner_id
        FROM payment AS o WHERE o.id = object_sides.on_id;
    WHEN kind('case') THEN
        SELECT o.handler_id, o.opened_by, o.company_id, o.vendor_id INTO owner_id, second_id, company_id, partner_id
        FROM case_file AS o WHERE o.id = object_sides.on_id;
    WHEN kind('registration') THEN
        SELECT o.owner_id, o.member_id, o.company_id, o.vendor_id INTO owner_id, second_id, company_id, partner_id
        FROM registration AS o WHERE o.id = object_sides.on_id;
    WHEN kind('playbook') THEN
        SELECT o.author_id, o.company_id INTO owner_id, company_id FROM playbook AS o WHERE o.id = object_sides.on_id;
    WHEN kind('partner') THEN
        SELECT o.principal_id, o.vendor_id INTO company_id, partner_id
        FROM partnership AS o WHERE o.id = object_sides.on_id;
    WHEN kind('invitation') THEN
        SELECT o.principal_id, c.id INTO company_id, partner_id
        FROM invitation AS o LEFT JOIN company AS c ON c.slug = o.slug WHERE o.id = object_sides.on_id;
    WHEN kind('member') THEN
        SELECT o.id, o.company_id INTO owner_id, company_id
        FROM member AS o WHERE o.id = object_sides.on_id;
    ELSE
        NULL; -- nobody's
    END CASE;
    IF span <> partner_span(company_id, partner_id) THEN
        partner_id := NULL;
    END IF;
END
$$;
COMMENT ON FUNCTION object_sides(smallint, bigint) IS
    'Whose a thing is: the noun that says how far it is seen, its owner, who else it belongs to in '
    'the same way, its company, and the one that it was given to in this span of their partnership, while a '
    'contract is in force or always. NULLs where there is none. For those who are told of it; a call''s policies say more.';
GRANT EXECUTE ON FUNCTION object_sides(smallint, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION member_sees(m member, on_kind smallint, on_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    o   record;
    far int;
    part boolean := EXISTS (SELECT FROM participant AS p WHERE p.on_kind = member_sees.on_kind
        AND p.on_id = member_sees.on_id AND p.member_id = m.id
        AND (p.span IS NULL OR p.span = partner_span(p.company_id, p.member_company_id)));
BEGIN
    SELECT * INTO o FROM object_sides(on_kind, on_id);
    SELECT ascii(substr(r.sights, o.noun, 1)) & 15 INTO far FROM role AS r WHERE r.id = m.role_id;
    IF m.state <> 'active' THEN
        RETURN false;
    ELSIF on_kind = kind('case') THEN
        RETURN case_member_sees(m, on_id);
    ELSIF on_kind = kind('member') THEN
        RETURN o.company_id = m.company_id;
    ELSIF o.company_id = m.company_id THEN
        RETURN part OR far & 4 <> 0 OR (far & 1 <> 0 AND m.id IN (o.owner_id, o.second_id))
            OR (far & 2 <> 0 AND EXISTS (SELECT FROM team AS t
                WHERE t.manager_id = m.id AND t.member_id IN (o.owner_id, o.second_id)));
    ELSIF o.partner_id = m.company_id THEN
        RETURN CASE WHEN o.needs_partnership
            THEN (part OR far & 8 <> 0) AND EXISTS (SELECT FROM partnership AS p
                WHERE p.state = 'active' AND p.shares @> now()
                  AND ((p.principal_id = o.company_id AND p.vendor_id = o.partner_id)
                       OR (p.principal_id = o.partner_id AND p.vendor_id = o.company_id)))
            ELSE far & 4 <> 0 OR (far & 1 <> 0 AND m.id = o.second_id)
                OR (far & 2 <> 0 AND EXISTS (SELECT FROM team AS t
                    WHERE t.manager_id = m.id AND t.member_id = o.second_id)) END;
    END IF;
    RETURN false;
END
$$;
COMMENT ON FUNCTION member_sees(member, smallint, bigint) IS
    'Whether a member sees a thing, by what the rows say just now: by role, team and partnership, or '
    'by taking part. '
    'It is for telling; what is read goes by the policies.';
GRANT EXECUTE ON FUNCTION member_sees(member, smallint, bigint) TO jiayi_auth;

-- Planned once for as long as its connection lasts, and that may be while there is hardly an event: were it not for
-- enable_seqscan, all of them would be read for each one, until somebody analyses the table.
CREATE OR REPLACE FUNCTION dispatch(most int, OUT events bigint, OUT told bigint, OUT late_ms bigint,
    OUT is_mine boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    events := 0;
    told := 0;
    SELECT extract(epoch FROM clock_timestamp() - e.at) * 1000 INTO late_ms
    FROM event AS e WHERE e.position IS NULL ORDER BY e.xid, e.id LIMIT 1;
    IF late_ms IS NULL THEN
        late_ms := 0;
        RETURN;
    END IF;
    -- Held until the end, when what was told can be seen: the next one goes on behind it.
    is_mine := pg_try_advisory_xact_lock(hashtextextended('jiayi dispatch', 0));
    IF NOT is_mine THEN
        RETURN;
    END IF;
    -- Whatever may still commit is later than what is taken: a transaction that runs, and those that
    -- began after it, wait. A row of a transaction that this cluster has not come to yet is from
    -- another one, by a backup. The order is set here, once; transactions are not asked again.
    WITH waiting AS MATERIALIZED (
        SELECT w.id, nextval('event_position') AS position FROM (
            SELECT e.id FROM event AS e, pg_current_snapshot() AS s
            WHERE e.position IS NULL AND (e.xid < pg_snapshot_xmin(s) OR e.xid >= pg_snapshot_xmax(s))
            ORDER BY e.xid, e.id LIMIT most) AS w
    ), placed AS (
        UPDATE event AS e SET position = w.position FROM waiting AS w WHERE e.id = w.id
        RETURNING e.id, e.position, e.at, e.company_id, e.partner_id, e.kind, e.on_kind, e.on_id,
            e.actor_id, e.member_ids, e.data
    ), made AS (
        INSERT INTO inbox (member_id, event_id, at, kind, on_kind, on_id, actor_id, data)
        SELECT m.id, p.id, p.at, p.kind, p.on_kind, p.on_id, p.actor_id, p.data
        FROM placed AS p LEFT JOIN event_kind AS k ON k.kind = p.kind
        CROSS JOIN LATERAL (
            SELECT i FROM unnest(p.member_ids) AS i
            UNION
            SELECT s.member_id FROM subscription AS s
            WHERE s.on_kind = p.on_kind AND s.on_id = p.on_id AND s.at <= p.at
            UNION
            SELECT t.member_id FROM participant AS t
            WHERE t.on_kind = p.on_kind AND t.on_id = p.on_id
              AND p.kind IN ('deal.moved', 'deal.won', 'deal.lost', 'deal.reopened')
            UNION
            SELECT o.manager_id FROM object_sides(p.on_kind, p.on_id) AS x
            JOIN member AS o ON o.id = x.owner_id WHERE k.to_manager
        ) AS r(member_id)
        JOIN member AS m ON m.id = r.member_id
        WHERE m.id IS DISTINCT FROM p.actor_id AND m.company_id IN (p.company_id, p.partner_id)
          AND member_sees(m, p.on_kind, p.on_id)
        ORDER BY p.position, m.id
        RETURNING id
    )
    SELECT (SELECT count(*) FROM placed), (SELECT count(*) FROM made) INTO events, told;
END
$$;
COMMENT ON FUNCTION dispatch(int) IS
    'Tells so many of the events that wait, in the order of their transactions, and says how many '
    'these were, how many people were told of one, and how long the first had waited. is_mine: no '
    'other server is at it; NULL: nothing waits.';
GRANT EXECUTE ON FUNCTION dispatch(int) TO jiayi_job;

CREATE OR REPLACE FUNCTION hearers(on_kind smallint, on_id bigint, company bigint, author bigint, audience text, partner bigint,
    OUT company_id bigint, OUT partner_id bigint) RETURNS SETOF record LANGUAGE plpgsql STABLE ROWS 1
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF audience = 'internal' THEN
        company_id := author;
        RETURN NEXT;
    ELSIF hearers.on_kind = kind('case') THEN
        RETURN QUERY SELECT h.company_id, h.partner_id FROM case_hearers(hearers.on_id, author) AS h;
    ELSE
        company_id := company;
        partner_id := partner;
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION hearers(smallint, bigint, bigint, bigint, text, bigint) IS
    'For whose people, as events have it, something is that somebody of the company author put on a thing of company, which partner '
    'sees: what is internal, for its own.';
GRANT EXECUTE ON FUNCTION hearers(smallint, bigint, bigint, bigint, text, bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION followers_tell(kind text, on_kind smallint, on_id bigint, company_id bigint, author_company_id bigint,
    audience text, member_id bigint) RETURNS void LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, actor_id, member_ids)
    SELECT h.company_id, h.partner_id, followers_tell.kind, followers_tell.on_kind, followers_tell.on_id,
           followers_tell.member_id, '{}'
    FROM object_sides(followers_tell.on_kind, followers_tell.on_id) AS o
    CROSS JOIN LATERAL hearers(followers_tell.on_kind, followers_tell.on_id, followers_tell.company_id,
        followers_tell.author_company_id, audience, o.partner_id) AS h
    WHERE EXISTS (SELECT FROM subscription AS s
        WHERE s.on_kind = followers_tell.on_kind AND s.on_id = followers_tell.on_id);
END
$$;
COMMENT ON FUNCTION followers_tell(text, smallint, bigint, bigint, bigint, text, bigint) IS
    'Tells those who follow a thing, if anybody does, that somebody put something on it; what is internal, their own '
    'company alone.';
GRANT EXECUTE ON FUNCTION followers_tell(text, smallint, bigint, bigint, bigint, text, bigint) TO jiayi_auth;

-- What the days bring. Between two runs a company comes into another day, or into several where no server ran: what
-- they are over for is told once, for each day is between two runs only once. A company's day, not the server''s: so it
-- is asked every hour.
CREATE OR REPLACE FUNCTION job_due(company_id bigint, slot timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    last  timestamptz := (SELECT max(r.slot) FROM job_run AS r WHERE r.name = 'due' AND r.slot < job_due.slot);
    told  bigint := 0;
    n     bigint;
    c     record;
    sides bigint[];
BEGIN
    FOR c IN SELECT x.id, d.was, d.day,
            -- The days from which and up to which what is due is a working day away, and what was due three ago.
            greatest(add_working_days(x.id, d.was, 1) + 1, d.day) AS soon_from, add_working_days(x.id, d.day, 1) AS soon_to,
            add_working_days(x.id, d.was, -3) AS long_from, add_working_days(x.id, d.day, -3) AS long_to
        FROM company AS x, LATERAL (SELECT company_day(x.id, coalesce(last, slot - interval '1 hour')) AS was,
            company_day(x.id, slot) AS day) AS d WHERE d.was < d.day ORDER BY x.id
    LOOP
        INSERT INTO event (company_id, partner_id, kind, on_kind, on_id, member_ids)
        SELECT t.company_id, t.vendor_id, CASE WHEN t.due_on < c.day THEN 'task.overdue' ELSE 'task.due' END,
               kind('task'), t.id, CASE WHEN t.assignee_id IS NULL AND t.side = 'vendor' THEN partner_people(t.vendor_id)
                   ELSE ARRAY[t.assignee_id] END || CASE WHEN t.due_on < c.day THEN t.created_by END
        FROM task AS t WHERE t.company_id = c.id AND t.state = ANY ('{open,rejected}')
            AND t.due_at > day_begins(c.id, c.was) AND t.due_at <= day_begins(c.id, c.soon_to + 1)
            AND ((t.due_on >= c.was AND t.due_on < c.day) OR (t.due_on >= c.soon_from AND t.due_on <= c.soon_to))
        ORDER BY t.due_at, t.id;
        GET DIAGNOSTICS n = ROW_COUNT;
        told := told + n;
        -- Each side of a deal looks after it by itself.
        sides := c.id || ARRAY(SELECT p.principal_id FROM partnership AS p WHERE p.vendor_id = c.id);
        INSERT INTO event (company_id, kind, on_kind, on_id, member_ids)
        SELECT c.id, CASE WHEN p.touch_by < c.long_to THEN 'deal.neglected' ELSE 'deal.overdue' END, kind('deal'), p.deal_id,
               CASE WHEN p.touch_by < c.long_to THEN ARRAY[(SELECT m.manager_id FROM member AS m WHERE m.id = p.member_id)]
                   WHEN p.member_id IS NULL THEN partner_people(c.id) ELSE ARRAY[p.member_id] END
        FROM deal_pulse AS p WHERE p.company_id = c.id AND p.open AND p.deal_company_id = ANY (sides)
            AND p.touch_by >= c.long_from AND p.touch_by < c.day AND (p.touch_by >= c.was OR p.touch_by < c.long_to)
        ORDER BY p.touch_by, p.deal_id;
        GET DIAGNOSTICS n = ROW_COUNT;
        told := told + n;
    END LOOP;
    RETURN told;
END
$$;
COMMENT ON FUNCTION job_due(bigint, timestamptz) IS
    'The job that tells, with a company''s new day, of tasks that are due a working day later, of those that should have '
    'been done, of deals that somebody should have done something about by then, and the manager of those of three '
    'working days ago. What was so when the job first ran, nobody is told of.';

CREATE OR REPLACE FUNCTION events_late() RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM event AS e
        WHERE e.position IS NULL AND e.at < now() - interval '1 minute');
END
$$;
COMMENT ON FUNCTION events_late() IS
    'How many events wait for longer than a minute to be told. For the operator.';
GRANT EXECUTE ON FUNCTION events_late() TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION inbox_shown(i inbox) RETURNS TABLE (
    id bigint, at timestamptz, kind text, "on" text, title text, "from" text, "to" text,
    member text, member_company text, read_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT i.id, i.at, CASE WHEN v.seen THEN i.kind END, jiayi.ref(i.on_kind, i.on_id),
           CASE WHEN v.seen THEN jiayi.object_title(i.on_kind, i.on_id) END,
           CASE WHEN v.seen THEN i.data ->> 'from' END, CASE WHEN v.seen THEN i.data ->> 'to' END,
           CASE WHEN v.seen THEN jiayi.email_of(i.actor_id) END,
           CASE WHEN v.seen THEN nullif(jiayi.company_of(i.actor_id), jiayi.me_slug()) END, i.read_at
    FROM (SELECT jiayi.object_visible(i.on_kind, i.on_id) AS seen OFFSET 0) AS v
$$;
COMMENT ON FUNCTION inbox_shown(inbox) IS
    'A row of the inbox as calls answer it; of a thing that the caller does not see any more the '
    'reference alone.';
GRANT EXECUTE ON FUNCTION inbox_shown(inbox) TO jiayi_app;

CREATE OR REPLACE FUNCTION inbox_newest() RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(max(i.id), 0) FROM inbox AS i);
END
$$;
COMMENT ON FUNCTION inbox_newest() IS 'The number of what was told last, to anybody; 0: nothing was.';

CREATE OR REPLACE FUNCTION inbox_is_after(cursor bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN cursor > inbox_newest();
END
$$;
COMMENT ON FUNCTION inbox_is_after(bigint) IS
    'Whether that number is above all that there are: who has it saw data that the database has no more.';
GRANT EXECUTE ON FUNCTION inbox_is_after(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION inbox_watch(since bigint, OUT items jsonb, OUT "cursor" bigint)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF since IS NULL OR inbox_is_after(since) THEN
        "cursor" := coalesce((SELECT max(i.id) FROM inbox AS i WHERE i.member_id = me_member()), 0);
        RETURN;
    END IF;
    SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(v)) ORDER BY v.id), max(v.id) INTO items, "cursor"
    FROM (SELECT * FROM inbox AS i WHERE i.member_id = me_member() AND i.id > since
          ORDER BY i.id LIMIT 100) AS i, inbox_shown(i) AS v;
    "cursor" := coalesce("cursor", since);
END
$$;
COMMENT ON FUNCTION inbox_watch(bigint) IS
    'What the caller was told above a number, a hundred at most, and the last number of these; that '
    'number itself where there is none. NULL, or a number that the database has not come to: the '
    'last that there is, with nothing.';
GRANT EXECUTE ON FUNCTION inbox_watch(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION inbox_since(last bigint, OUT newest bigint, OUT is_other boolean,
    OUT sessions bigint[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    newest := inbox_newest();
    is_other := last IS NULL OR last > newest;
    IF newest > last THEN
        sessions := ARRAY(SELECT s.id FROM session AS s
            WHERE s.member_id IN (SELECT i.member_id FROM inbox AS i WHERE i.id > last)
              AND s.revoked_at IS NULL AND s.expires_at > now());
    END IF;
END
$$;
COMMENT ON FUNCTION inbox_since(bigint) IS
    'For servers that hold calls: the number of what was told last, and the sessions of those who '
    'were told something above the number given. is_other: no number was given, or one that the '
    'database has not come to, so that it is another one or from before: everybody has to look.';
GRANT EXECUTE ON FUNCTION inbox_since(bigint) TO jiayi_job;

CREATE OR REPLACE FUNCTION sessions_over(ids bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT i FROM unnest(ids) AS i
    WHERE NOT EXISTS (SELECT FROM session AS s WHERE s.id = i AND s.grants IS NOT NULL
        AND s.revoked_at IS NULL AND NOT s.needs_factor
        AND s.expires_at > now() AND s.last_seen_at + s.idle_timeout > now());
END
$$;
COMMENT ON FUNCTION sessions_over(bigint[]) IS
    'For servers that hold calls: which of these sessions authorize() would refuse any call. It is no '
    'use of them.';
GRANT EXECUTE ON FUNCTION sessions_over(bigint[]) TO jiayi_job;

CREATE OR REPLACE FUNCTION inbox_read(item_id bigint, "all" boolean) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    IF item_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM inbox AS i WHERE i.id = item_id) THEN
        PERFORM refuse('JY005', 'nothing in your inbox has the number %s', ROW(item_id));
    END IF;
    UPDATE inbox AS i SET read_at = now()
    WHERE i.member_id = me_member() AND i.read_at IS NULL
      AND ("all" OR i.id = item_id);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION inbox_read(bigint, boolean) IS
    'Marks one row of the caller''s inbox as read, or all, and says how many were not. The call ends '
    'where there is no such row.';
GRANT EXECUTE ON FUNCTION inbox_read(bigint, boolean) TO jiayi_app;

CREATE OR REPLACE FUNCTION follow(ref text) RETURNS SETOF subscription LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    o record;
BEGIN
    SELECT * INTO o FROM object_seen(ref);
    INSERT INTO subscription (member_id, on_kind, on_id) VALUES (me_member(), o.on_kind, o.on_id)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse('JY006', 'you follow %s already', ROW(ref));
    END IF;
    RETURN QUERY SELECT s.* FROM subscription AS s
    WHERE s.on_kind = o.on_kind AND s.on_id = o.on_id AND s.member_id = me_member();
END
$$;
COMMENT ON FUNCTION follow(text) IS 'Has the caller told of all that happens to a thing that they see.';
GRANT EXECUTE ON FUNCTION follow(text) TO jiayi_app;

-- Of what one does not see any more as well.
CREATE OR REPLACE FUNCTION unfollow(ref text) RETURNS SETOF subscription LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    DELETE FROM subscription AS s USING object_kind AS k
    WHERE k.kind = split_part(ref, '/', 1) AND s.on_kind = k.no
      AND s.on_id = split_part(ref, '/', 2)::bigint AND s.member_id = me_member()
    RETURNING s.*;
    IF NOT FOUND THEN
        PERFORM refuse('JY005', 'you do not follow %s', ROW(ref));
    END IF;
END
$$;
COMMENT ON FUNCTION unfollow(text) IS 'Has the caller not told of a thing because of following it.';
GRANT EXECUTE ON FUNCTION unfollow(text) TO jiayi_app;

---- Tables

CALL protect('event_kind', 'kind', '');
CREATE POLICY everybody ON event_kind FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON event_kind TO jiayi_app;
CALL open_to_auth('event_kind', 'SELECT');

CALL protect('event', NULL);
CALL open_to_auth('event', 'SELECT, INSERT, UPDATE, DELETE');
GRANT USAGE ON SEQUENCE event_position TO jiayi_auth;

CALL protect('inbox', NULL);
CALL shape('inbox', 'named', owner => 'member_id');
GRANT SELECT, UPDATE (read_at) ON inbox TO jiayi_app;
CALL open_to_auth('inbox', 'SELECT, INSERT, DELETE');

CALL protect('subscription', NULL);
CREATE POLICY own ON subscription TO jiayi_app USING (member_id = me_member())
    WITH CHECK (member_id = me_member() AND object_visible(on_kind, on_id));
GRANT SELECT, INSERT (member_id, on_kind, on_id), DELETE ON subscription TO jiayi_app;
CALL open_to_auth('subscription', 'SELECT, INSERT, DELETE');
