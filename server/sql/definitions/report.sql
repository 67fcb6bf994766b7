-- Reports, their versions and what reviewers said: who sees which, who may do what, and what the
-- calls do.

CREATE OR REPLACE FUNCTION report_reached(company bigint, author bigint, addressed bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    sight int := jiayi.sight(jiayi.noun('report'));
BEGIN
    IF company = jiayi.me_company() THEN
        RETURN sight & 4 <> 0 OR (sight & 1 <> 0 AND author = jiayi.me_member()) OR (sight & 2 <> 0 AND jiayi.in_reach(author));
    END IF;
    RETURN addressed = jiayi.me_company() AND sight & 8 <> 0;
END
$$;
COMMENT ON FUNCTION report_reached(bigint, bigint, bigint) IS
    'Policy of reports: in their company those see one who wrote it, those above them and who sees all; of another company who '
    'sees what is addressed to theirs.';
GRANT EXECUTE ON FUNCTION report_reached(bigint, bigint, bigint) TO jiayi_app, jiayi_auth;

-- As deal_since(), for what is on a report.
CREATE OR REPLACE FUNCTION report_shows(id bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    known     text := current_setting('jiayi.report_shows', true);
    company   bigint;
    author    bigint;
    addressed bigint;
    shows     boolean;
BEGIN
    IF split_part(known, ' ', 1) = id::text AND pg_current_xact_id_if_assigned() IS NULL THEN
        RETURN split_part(known, ' ', 2)::boolean;
    END IF;
    SELECT r.company_id, r.author_id, r.to_company_id INTO company, author, addressed FROM jiayi.report AS r WHERE r.id = report_shows.id;
    shows := company IS NOT NULL AND (jiayi.caller() IS NULL OR jiayi.report_reached(company, author, addressed));
    known := set_config('jiayi.report_shows', id || ' ' || shows, true);
    RETURN shows;
END
$$;
COMMENT ON FUNCTION report_shows(bigint) IS 'Whether the caller sees that report.';
GRANT EXECUTE ON FUNCTION report_shows(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION report_seen(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT jiayi.report_shows(id) THEN
        PERFORM jiayi.refuse('JY005', 'there is no report %s that you can see', ROW(id));
    END IF;
    RETURN id;
END
$$;
COMMENT ON FUNCTION report_seen(bigint) IS
    'The number itself, if the caller sees that report; the call ends where not.';
GRANT EXECUTE ON FUNCTION report_seen(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION report_said(report_id bigint) RETURNS SETOF comment
    LANGUAGE sql STABLE AS $$
    SELECT (x.c).*
    FROM (SELECT l.c, sum(octet_length(coalesce((l.c).text, ''))) OVER (ORDER BY (l.c).id DESC) AS bytes
          FROM (SELECT c FROM jiayi.comment AS c
                WHERE c.on_kind = jiayi.kind('report') AND c.on_id = report_said.report_id
                ORDER BY c.at DESC, c.id DESC LIMIT 100) AS l) AS x
    WHERE x.bytes <= 200000
$$;
COMMENT ON FUNCTION report_said(bigint) IS
    'What is said of a report where it is shown: of very much the latest, as an answer has room '
    'for. ListReportComments has all.';
GRANT EXECUTE ON FUNCTION report_said(bigint) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is. Only a version that was returned
-- has one after it.
CREATE OR REPLACE FUNCTION report_version_shown(v revision) RETURNS TABLE (
    version int, title text, sha256 text, digest text, submitted_at timestamptz, state text,
    decided_by text, decided_at timestamptz, decided_by_company text)
LANGUAGE sql STABLE AS $$
    SELECT v.version, v.title, encode(v.sha256, 'hex'), encode(v.digest, 'hex'), v.submitted_at,
           CASE WHEN v.version = r.version THEN r.state ELSE 'returned' END,
           coalesce(m.email, jiayi.email_of(c.member_id)), c.at,
           nullif(jiayi.company_of(c.member_id), jiayi.me_slug())
    FROM jiayi.report AS r
    LEFT JOIN jiayi.comment AS c ON c.on_kind = jiayi.kind('report') AND c.on_id = r.id
        AND c.version = v.version AND c.decision IS NOT NULL
    LEFT JOIN jiayi.member AS m ON m.id = c.member_id
    WHERE r.id = v.on_id
$$;
COMMENT ON FUNCTION report_version_shown(revision) IS
    'A version of a report as calls answer it, but for its text.';
GRANT EXECUTE ON FUNCTION report_version_shown(revision) TO jiayi_app, jiayi_auth;

-- These two look at the report themselves, and once: versions and comments ask for it by their policies, and what shows a version once
-- more. Whoever sees a report sees its versions, what was decided, and what was said but for what the other side keeps to itself.
CREATE OR REPLACE FUNCTION report_versions(report_id bigint, after int, most bigint) RETURNS TABLE (
    version int, title text, sha256 text, digest text, submitted_at timestamptz, state text,
    decided_by text, decided_at timestamptz, decided_by_company text)
LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT s.* FROM revision AS v, report_version_shown(v) AS s
    WHERE v.on_kind = kind('report') AND v.on_id = report_seen(report_versions.report_id) AND v.version > coalesce(after, 0)
    ORDER BY v.version LIMIT most;
END
$$;
COMMENT ON FUNCTION report_versions(bigint, int, bigint) IS
    'The versions of a report after one, the earliest first, so many at most. The call ends where the caller does not see the report.';
GRANT EXECUTE ON FUNCTION report_versions(bigint, int, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION report_comments(report_id bigint, after bigint, most bigint) RETURNS SETOF comment
LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.* FROM comment AS c
    WHERE c.on_kind = kind('report') AND c.on_id = report_seen(report_comments.report_id) AND c.id > coalesce(after, 0)
      AND (c.audience = 'shared' OR c.author_company_id = me_company())
    ORDER BY c.id LIMIT most;
END
$$;
COMMENT ON FUNCTION report_comments(bigint, bigint, bigint) IS
    'What was said of a report after a comment, the earliest first, so much at most. The call ends where the caller does not see the report.';
GRANT EXECUTE ON FUNCTION report_comments(bigint, bigint, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION report_show(report_id bigint) RETURNS SETOF report_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT r.id, r.kind, r.period, r.state, r.version, email_of(r.author_id), slug_of(r.company_id),
           slug_of(r.to_company_id),
           v.title, v.body, r.deal_id, r.created_at, r.updated_at,
           (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('version', c.version,
                             'member', email_of(c.member_id),
                             'member_company', nullif(company_of(c.member_id), me_slug()),
                             'decision', c.decision, 'text', c.text, 'at', c.at))
                             ORDER BY c.id)
            FROM report_said(r.id) AS c),
           nullif(slug_of(r.company_id), me_slug()),
           nullif((SELECT count(*) FROM comment AS c
                   WHERE c.on_kind = kind('report') AND c.on_id = r.id)
               > (SELECT count(*) FROM report_said(r.id)), false)
    FROM report AS r JOIN revision AS v
        ON v.on_kind = kind('report') AND v.on_id = r.id AND v.version = r.version
    WHERE r.id = report_show.report_id;
END
$$;
COMMENT ON FUNCTION report_show(bigint) IS
    'A report as it is now, in the middle of a statement that changes it too.';
GRANT EXECUTE ON FUNCTION report_show(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION report_submit(kind text, period text, "to" text, title text, body text,
    deal_id bigint) RETURNS SETOF report_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    needed text := CASE kind WHEN 'daily' THEN 'day' WHEN 'weekly' THEN 'week' WHEN 'monthly'
        THEN 'month' END;
    made   bigint;
BEGIN
    IF period_kind(period) IS NULL OR period_kind(period) <> needed THEN
        PERFORM refuse('JY003', 'a %s report is about a %s; give a period such as %s',
            ROW(word('report kind', kind), word('period', coalesce(needed, 'period')),
                CASE needed WHEN 'day' THEN '2026-11-21' WHEN 'week' THEN '2026-W47'
                    ELSE '2026-11' END), field => 'period');
    END IF;
    INSERT INTO report (company_id, author_id, to_company_id, kind, period, deal_id)
    VALUES (me_company(), me_member(), addressee_by_slug("to"), report_submit.kind,
        report_submit.period, report_submit.deal_id)
    RETURNING id INTO made;
    INSERT INTO revision (on_kind, on_id, version, member_id, title, body)
    VALUES (kind('report'), made, 1, me_member(), report_submit.title, report_submit.body);
    RETURN QUERY SELECT * FROM report_show(made);
END
$$;
COMMENT ON FUNCTION report_submit(text, text, text, text, text, bigint) IS
    'Submits a report of the caller.';
GRANT EXECUTE ON FUNCTION report_submit(text, text, text, text, text, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION deal_summarize(deal_id bigint, title text, body text) RETURNS SETOF report_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    d    deal;
    made bigint;
BEGIN
    SELECT x.* INTO d FROM deal AS x WHERE x.id = deal_seen(deal_summarize.deal_id);
    PERFORM deal_changed(d);
    IF d.outcome = 'open' THEN
        PERFORM refuse('JY009', 'deal %s is in stage %s; it is summed up once it is won or lost',
            ROW(d.id, stage_named(d.company_id, d.stage)));
    END IF;
    INSERT INTO report (company_id, author_id, to_company_id, kind, period, deal_id)
    VALUES (me_company(), me_member(), me_company(), 'closing', company_day(d.company_id, d.closed_at)::text, d.id)
    RETURNING id INTO made;
    INSERT INTO revision (on_kind, on_id, version, member_id, title, body)
    VALUES (kind('report'), made, 1, me_member(), coalesce(deal_summarize.title, d.title), deal_summarize.body);
    INSERT INTO link (from_kind, from_id, to_kind, to_id, role, audience, member_id)
    VALUES (kind('report'), made, kind('deal'), d.id, 'about', 'internal', me_member());
    RETURN QUERY SELECT * FROM report_show(made);
END
$$;
COMMENT ON FUNCTION deal_summarize(bigint, text, text) IS
    'Submits a report of the caller within the company that sums up a deal, which was won or lost on the day that is its '
    'period; it is linked with the deal. The title is the deal''s where none is given.';
GRANT EXECUTE ON FUNCTION deal_summarize(bigint, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION report_resubmit(report_id bigint, title text,
    body text) RETURNS SETOF report_view
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made int;
BEGIN
    UPDATE report AS r SET state = 'submitted' WHERE r.id = report_resubmit.report_id
        RETURNING r.version INTO made;
    IF made IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO revision (on_kind, on_id, version, member_id, title, body)
    SELECT v.on_kind, v.on_id, made, me_member(), coalesce(report_resubmit.title, v.title),
           report_resubmit.body
    FROM revision AS v WHERE v.on_kind = kind('report') AND v.on_id = report_resubmit.report_id
        AND v.version = made - 1;
    RETURN QUERY SELECT * FROM report_show(report_id);
END
$$;
COMMENT ON FUNCTION report_resubmit(bigint, text, text) IS
    'Submits a returned report again, as a new version. No row: the caller sees no such report.';
GRANT EXECUTE ON FUNCTION report_resubmit(bigint, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION report_review(report_id bigint, decision text, comment text,
    version int) RETURNS SETOF report_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    judged int;
BEGIN
    UPDATE report AS r SET state = decision
    WHERE r.id = report_review.report_id
      AND check_version('report', r.id, r.version, report_review.version)
    RETURNING r.version INTO judged;
    IF judged IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO comment (on_kind, on_id, version, member_id, topic, decision, text)
    VALUES (kind('report'), report_review.report_id, judged, me_member(), 'review',
        report_review.decision, report_review.comment);
    RETURN QUERY SELECT * FROM report_show(report_id);
END
$$;
COMMENT ON FUNCTION report_review(bigint, text, text, int) IS
    'Returns or accepts a report in that version; NULL: in the latest. Every decision is noted, '
    'with words or without. No row: the caller sees no such report.';
GRANT EXECUTE ON FUNCTION report_review(bigint, text, text, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION report_digest(v revision) RETURNS bytea
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT sha256(convert_to(jsonb_build_array('jiayi report version', v.on_id,
                v.version, r.company_id, r.author_id, r.to_company_id, r.kind, r.period, r.deal_id,
                (extract(epoch FROM v.submitted_at) * 1000000)::bigint, v.title, v.body)::text,
                'UTF8'))
        FROM jiayi.report AS r WHERE r.id = v.on_id);
END
$$;
COMMENT ON FUNCTION report_digest(revision) IS
    'The SHA-256 of a version with all that decides what it is: of a JSON array of what names the '
    'format, the report, the version, the numbers of the author''s company, the author and the '
    'company addressed, kind, period, deal, the microseconds since 1970 of the moment of '
    'submission, title and text.';
GRANT EXECUTE ON FUNCTION report_digest(revision) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION report_deal_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF caller() IS NOT NULL THEN
        PERFORM deal_seen(NEW.deal_id);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION report_deal_guard() IS
    'Trigger: a report is about a deal that its author sees, if about any.';

CREATE OR REPLACE FUNCTION report_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    me bigint := caller();
BEGIN
    IF NEW.state = 'submitted' THEN
        IF OLD.author_id IS DISTINCT FROM me THEN
            PERFORM refuse('JY007', 'only its author may resubmit report %s', ROW(OLD.id));
        END IF;
        PERFORM check_transition('report', '', OLD.id::text, OLD.state, NEW.state, 'author');
        IF OLD.to_company_id <> me_company() THEN
            PERFORM addressee_by_slug(slug_of(OLD.to_company_id));
        END IF;
        NEW.version := OLD.version + 1;
    ELSE
        IF me IS NULL OR OLD.to_company_id <> me_company() THEN
            PERFORM refuse('JY007', 'report %s is addressed to %s; its managers review it',
                ROW(OLD.id, slug_of(OLD.to_company_id)));
        ELSIF is_my_person(OLD.author_id) THEN -- whatever the company
            PERFORM refuse('JY009', 'report %s is your own; somebody else has to review it',
                ROW(OLD.id));
        ELSIF NOT (CASE WHEN OLD.company_id = me_company() THEN reaches(OLD.author_id, me_scope())
            ELSE me_scope() & 8 <> 0 END) THEN
            PERFORM refuse('JY007', 'you may see report %s but not review it', ROW(OLD.id));
        END IF;
        PERFORM check_transition('report', '', OLD.id::text, OLD.state, NEW.state, 'reviewer');
    END IF;
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION report_guard() IS
    'Trigger: submitted reports are returned or accepted by reviewers of the company addressed, '
    'returned ones resubmitted by their author.';

CREATE OR REPLACE FUNCTION report_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT r.id, v.at, jiayi.kind('report'), r.id, r.company_id, NULL::bigint, NULL, NULL::int, v.text
    FROM jiayi.report AS r, LATERAL (
        SELECT max(v.submitted_at) AS at,
               left(string_agg(v.title || E'\n' || v.body, E'\n' ORDER BY v.version DESC), 20000) AS text
        FROM jiayi.revision AS v WHERE v.on_kind = jiayi.kind('report') AND v.on_id = r.id) AS v
    WHERE r.id = ANY (ids) AND v.text IS NOT NULL
$$;
COMMENT ON FUNCTION report_words(bigint[]) IS
    'What reports are found by: titles and texts of all versions, the latest first, as far as 20,000 characters.';
GRANT EXECUTE ON FUNCTION report_words(bigint[]) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION revision_searched() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO search_todo (kind, on_id, company_id)
    SELECT 'report', NEW.on_id, NEW.company_id WHERE NEW.on_kind = kind('report');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION revision_searched() IS 'Trigger: a report that was submitted is found by it.';

-- Asks for whom the caller sees itself, and not the policies for each: with those the planner sorts all that an author wrote.
CREATE OR REPLACE FUNCTION reports_ahead(state text, before bigint, most bigint)
    RETURNS TABLE (id bigint, least_id bigint) LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    people bigint[] := jiayi.me_owners(jiayi.noun('report'));
    last   bigint := coalesce(before, 9223372036854775807);
BEGIN
    IF cardinality(people) < 4 THEN
        RETURN QUERY SELECT p.id, 0::bigint FROM unnest(people) AS p(id);
    ELSIF state IS NULL THEN
        RETURN QUERY SELECT h.id, CASE WHEN count(*) OVER () = most THEN min(h.first) OVER () ELSE 0 END
        FROM (SELECT p.id, h.first FROM unnest(people) AS p(id) CROSS JOIN LATERAL (
                  SELECT r.id AS first FROM jiayi.report AS r WHERE r.author_id = p.id AND r.id < last
                  ORDER BY r.id DESC NULLS LAST LIMIT 1) AS h
              ORDER BY h.first DESC LIMIT most) AS h;
    ELSE
        RETURN QUERY SELECT h.id, CASE WHEN count(*) OVER () = most THEN min(h.first) OVER () ELSE 0 END
        FROM (SELECT p.id, h.first FROM unnest(people) AS p(id) CROSS JOIN LATERAL (
                  SELECT r.id AS first FROM jiayi.report AS r
                  WHERE r.author_id = p.id AND r.id < last AND r.state = reports_ahead.state
                  ORDER BY r.id DESC NULLS LAST LIMIT 1) AS h
              ORDER BY h.first DESC LIMIT most) AS h;
    END IF;
END
$$;
COMMENT ON FUNCTION reports_ahead(text, bigint, bigint) IS
    'As deals_ahead(), of reports: of those authors whom the caller reaches who has some on a page of that many, and the least number '
    'that it has.';
GRANT EXECUTE ON FUNCTION reports_ahead(text, bigint, bigint) TO jiayi_app;

---- Tables

CALL protect('report', 'id', 'company_id,to_company_id');
CALL shape('report', 'two-sided', noun => 'report', owner => 'author_id',
    partner => 'to_company_id', author => 'author_id');
GRANT SELECT ON report TO jiayi_app;
GRANT INSERT (company_id, author_id, to_company_id, kind, period, deal_id), UPDATE (state)
    ON report TO jiayi_app;
CALL open_to_auth('report', 'SELECT');
CREATE TRIGGER guard BEFORE UPDATE ON report FOR EACH ROW EXECUTE FUNCTION report_guard();
CREATE TRIGGER guard_deal BEFORE INSERT ON report FOR EACH ROW
    WHEN (NEW.deal_id IS NOT NULL) EXECUTE FUNCTION report_deal_guard();
-- What was submitted names it for ever.
CREATE TRIGGER evidence BEFORE DELETE OR TRUNCATE ON report EXECUTE FUNCTION keep_evidence();
ALTER TABLE report ENABLE ALWAYS TRIGGER evidence;
CALL searched('revision', 'INSERT', noted => 'revision_searched');
