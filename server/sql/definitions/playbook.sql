-- Playbooks: plays, scripts and the like, and lessons: who sees and writes them, and what came of their use.

CREATE OR REPLACE FUNCTION play_of(company_id bigint, code text) RETURNS playbook LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found playbook;
BEGIN
    SELECT p.* INTO found FROM playbook AS p WHERE p.company_id = play_of.company_id AND p.code = play_of.code;
    IF found.id IS NULL THEN
        PERFORM refuse('JY005', 'there is no play %s; jiayi play list shows them', ROW(code));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION play_of(bigint, text) IS
    'A play of a company that the caller sees; the call ends where there is none.';
GRANT EXECUTE ON FUNCTION play_of(bigint, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION play_code(playbook_id bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT p.code FROM jiayi.playbook AS p WHERE p.id = playbook_id);
END
$$;
COMMENT ON FUNCTION play_code(bigint) IS 'What a play is called; NULL where the caller does not see it.';
GRANT EXECUTE ON FUNCTION play_code(bigint) TO jiayi_app;

-- One's own first: a principal's may have the same name.
CREATE OR REPLACE FUNCTION play_used(code text, company_id bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    IF code IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT p.id INTO found FROM playbook AS p
    WHERE p.company_id IN (me_company(), play_used.company_id) AND p.code = play_used.code AND p.active
    ORDER BY p.company_id <> me_company() LIMIT 1;
    IF found IS NULL THEN
        PERFORM refuse('JY005', 'there is no play %s; jiayi play list shows them', ROW(code), field => 'play');
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION play_used(text, bigint) IS
    'The number of a play that the caller may use on a deal of that company; the call ends where there is none. '
    'NULL for NULL.';
GRANT EXECUTE ON FUNCTION play_used(text, bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION customer_type_known(code text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found text;
    known text;
BEGIN
    SELECT min(c.code) FILTER (WHERE stage_key(customer_type_known.code) IN (stage_key(c.code), stage_key(c.label))),
           string_agg(c.code || ' ' || c.label, ', ' ORDER BY c.position, c.code)
    INTO found, known
    FROM choice AS c WHERE c.company_id = me_company() AND c.list = 'customer_type' AND c.active;
    IF code IS NOT NULL AND found IS NULL THEN
        PERFORM refuse('JY003', 'there is no type of customer %s; the types are %s', ROW(code, coalesce(known, '-')),
            field => 'customer_type');
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION customer_type_known(text) IS
    'A code of the company''s list customer_type, by code or label; the call ends where there is none. NULL for NULL.';
GRANT EXECUTE ON FUNCTION customer_type_known(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION play_write(code text, title text, body text, kind text, customer_type text, stage text,
    signs text[], shared boolean, own boolean, version int) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    had  playbook;
    type text := customer_type_known(customer_type);
    step text := (stage_own(stage, 'stage')).name;
    made playbook;
BEGIN
    SELECT p.* INTO had FROM playbook AS p WHERE p.company_id = me_company() AND p.code = play_write.code;
    IF had.id IS NULL AND version IS NOT NULL THEN
        PERFORM play_of(me_company(), code);
    ELSIF had.id IS NOT NULL AND version IS NULL THEN
        PERFORM refuse('JY006', 'there is a play %s already, at version %s; to write it anew: jiayi play write %s '
            '--version %s', ROW(code, had.version, code, had.version));
    ELSIF had.id IS NULL AND title IS NULL THEN
        PERFORM refuse('JY003', 'a new play needs a title; give one with --title', field => 'title');
    ELSIF had.id IS NULL AND body IS NULL THEN
        PERFORM refuse('JY003', 'a new play needs a text; give one with --file', field => 'body');
    ELSIF had.kind = 'lesson' AND kind IS NOT NULL THEN
        PERFORM refuse('JY003', 'a lesson stays one; leave --kind away', field => 'kind');
    END IF;
    IF had.id IS NULL THEN
        INSERT INTO playbook AS p (company_id, code, kind, title, customer_type, stage, signs, shared_version, author_id)
        VALUES (me_company(), play_write.code, coalesce(play_write.kind, 'play'), play_write.title, type, step,
            nullif(play_write.signs, '{}'), CASE WHEN shared THEN 1 END, me_member())
        RETURNING p.* INTO made;
    ELSE
        UPDATE playbook AS p SET kind = coalesce(play_write.kind, p.kind), title = coalesce(play_write.title, p.title),
            customer_type = coalesce(type, p.customer_type), stage = coalesce(step, p.stage),
            signs = coalesce(nullif(play_write.signs, '{}'), p.signs), active = true,
            shared_version = CASE WHEN own THEN NULL WHEN shared THEN coalesce(p.shared_version, p.version + 1)
                ELSE p.shared_version END,
            text_version = CASE WHEN body IS NULL THEN p.text_version ELSE p.version + 1 END
        WHERE p.id = had.id AND check_version('playbook', p.id, p.version, play_write.version)
        RETURNING p.* INTO made;
    END IF;
    IF body IS NOT NULL THEN
        INSERT INTO revision (on_kind, on_id, version, member_id, title, body)
        VALUES (kind('playbook'), made.id, made.version, me_member(), made.title, play_write.body);
    END IF;
    RETURN made.id;
END
$$;
COMMENT ON FUNCTION play_write(text, text, text, text, text, text, text[], boolean, boolean, int) IS
    'Writes a play of the caller''s company, or writes one anew: what is not NULL. What was retired is in use '
    'again. Its number.';
GRANT EXECUTE ON FUNCTION play_write(text, text, text, text, text, text, text[], boolean, boolean, int) TO jiayi_app;

CREATE OR REPLACE FUNCTION lesson_add(deal_id bigint, title text, body text, customer_type text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    d    deal;
    made bigint;
    had  text;
    type text := customer_type_known(customer_type);
BEGIN
    PERFORM deal_seen(lesson_add.deal_id);
    SELECT x.* INTO d FROM deal AS x WHERE x.id = lesson_add.deal_id;
    SELECT p.code INTO had FROM playbook AS p WHERE p.deal_id = d.id;
    IF d.company_id <> me_company() OR NOT reaches(d.owner_id, me_scope()) THEN
        PERFORM refuse('JY007', 'you may see deal %s but not write what it teaches', ROW(d.id));
    ELSIF d.outcome = 'open' THEN
        PERFORM refuse('JY009', 'deal %s is open; it teaches something once it is won or lost', ROW(d.id));
    ELSIF had IS NOT NULL THEN
        PERFORM refuse('JY006', 'there is a lesson of deal %s already; to write it anew: jiayi play write %s '
            '--version', ROW(d.id, had));
    END IF;
    INSERT INTO playbook AS p (company_id, code, kind, title, customer_type, stage, outcome, deal_id, author_id)
    VALUES (d.company_id, 'lesson-' || d.id, 'lesson',
        -- Without a title its first line is it, as a heading or not.
        left(coalesce(lesson_add.title, nullif(btrim(regexp_replace(split_part(btrim(body, E' \t\n\r'), E'\n', 1),
            '^#+', '')), ''), 'lesson-' || d.id), 200),
        coalesce(type, (SELECT t.code FROM tag AS t WHERE t.on_kind = kind('deal') AND t.on_id = d.id
            AND t.list = 'customer_type' AND t.company_id = d.company_id LIMIT 1)),
        (SELECT s.from_stage FROM deal_stage AS s WHERE s.deal_id = d.id AND s.seq = d.closed_version),
        d.outcome, d.id, me_member())
    RETURNING p.id INTO made;
    INSERT INTO revision (on_kind, on_id, version, member_id, title, body)
    SELECT kind('playbook'), p.id, 1, me_member(), p.title, lesson_add.body FROM playbook AS p WHERE p.id = made;
    RETURN made;
END
$$;
COMMENT ON FUNCTION lesson_add(bigint, text, text, text) IS
    'Writes what a deal that was won or lost teaches: for the stage that it was in last, and the type of its '
    'customer. Its number.';
GRANT EXECUTE ON FUNCTION lesson_add(bigint, text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION playbook_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF caller() IS NOT NULL AND me_permission() IS DISTINCT FROM 'playbook.manage' THEN
        RAISE insufficient_privilege;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        -- What nobody wrote in person is the company's.
        IF caller() IS NOT NULL AND me_scope() & 4 = 0
            AND NOT (OLD.author_id IS NOT NULL AND reaches(OLD.author_id, me_scope())) THEN
            PERFORM refuse('JY007', 'you may see play %s but not change it', ROW(OLD.code));
        END IF;
        NEW.version := OLD.version + 1;
        NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION playbook_guard() IS
    'Trigger: a play is changed by whom the called permission reaches, by who wrote it first; counts the changes.';

---- What came of it

-- Of what the caller does not see there are numbers alone, and those only of the own company's plays.
CREATE OR REPLACE FUNCTION play_figures(p playbook, OUT uses int, OUT closed int, OUT won int)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF p.company_id <> me_company() THEN
        RETURN;
    END IF;
    SELECT coalesce(sum(u.n), 0), count(*) FILTER (WHERE d.closed_at >= u.first_at),
           count(*) FILTER (WHERE d.closed_at >= u.first_at AND d.outcome = 'won')
    INTO uses, closed, won
    FROM (SELECT a.deal_id, min(a.at) AS first_at, count(*) AS n
          FROM (SELECT x.deal_id, x.at FROM activity AS x WHERE x.playbook_id = p.id ORDER BY x.id DESC LIMIT 5000) AS a
          GROUP BY a.deal_id) AS u
    JOIN deal AS d ON d.id = u.deal_id AND me_company() IN (d.company_id, d.vendor_id);
END
$$;
COMMENT ON FUNCTION play_figures(playbook) IS
    'How often a play of the caller''s company was used, of the latest 5,000 times, and how many deals were closed, '
    'and won, after it. NULLs for another company''s.';
GRANT EXECUTE ON FUNCTION play_figures(playbook) TO jiayi_app;

CREATE OR REPLACE FUNCTION play_base(stage text, OUT closed int, OUT won int)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    SELECT count(*), count(*) FILTER (WHERE d.outcome = 'won') INTO closed, won
    FROM (SELECT x.id, x.outcome FROM deal AS x WHERE x.company_id = me_company()
          ORDER BY x.id DESC NULLS LAST LIMIT 5000) AS d
    WHERE d.outcome <> 'open' AND (play_base.stage IS NULL OR EXISTS (SELECT FROM deal_stage AS s
        WHERE s.deal_id = d.id AND s.stage = play_base.stage AND s.kind IN ('move', 'undo')));
END
$$;
COMMENT ON FUNCTION play_base(text) IS
    'Of the 5,000 newest deals of the caller''s company how many are closed, and won, that came through a stage; '
    'NULL: of all.';
GRANT EXECUTE ON FUNCTION play_base(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION play_share(won int, closed int) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN closed >= 5 THEN trim_scale(round(won::numeric / closed, 4))::text END $$;
COMMENT ON FUNCTION play_share(int, int) IS
    'The share of deals that were won, with four decimals at most; NULL for fewer than five: these say nothing.';
GRANT EXECUTE ON FUNCTION play_share(int, int) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION play_shown(p playbook) RETURNS TABLE (
    id bigint, code text, kind text, title text, customer_type text, customer_type_label text, stage text,
    signs text[], outcome text, deal_id bigint, shared boolean, retired boolean, company text, author text,
    version int, created_at timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT p.id, p.code, p.kind, p.title, p.customer_type,
           CASE WHEN p.customer_type IS NOT NULL
               THEN jiayi.choice_label(p.company_id, 'customer_type', p.customer_type) END,
           p.stage, p.signs, p.outcome,
           -- Of what is another company's its people know the number.
           CASE WHEN p.company_id = jiayi.me_company() THEN p.deal_id END,
           nullif(p.shared_version IS NOT NULL, false), nullif(NOT p.active, false), jiayi.slug_of(p.company_id),
           CASE WHEN p.company_id = jiayi.me_company() THEN jiayi.email_of(p.author_id) END,
           p.version, p.created_at, p.updated_at
$$;
COMMENT ON FUNCTION play_shown(playbook) IS 'A play as calls answer it.';
GRANT EXECUTE ON FUNCTION play_shown(playbook) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION play_made(playbook_id bigint) RETURNS TABLE (
    id bigint, code text, kind text, title text, customer_type text, customer_type_label text, stage text,
    signs text[], outcome text, deal_id bigint, shared boolean, retired boolean, company text, author text,
    version int, created_at timestamptz, updated_at timestamptz)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN QUERY SELECT v.* FROM jiayi.playbook AS p, jiayi.play_shown(p) AS v WHERE p.id = playbook_id;
END
$$;
COMMENT ON FUNCTION play_made(bigint) IS 'A play as calls answer it, by its number.';
GRANT EXECUTE ON FUNCTION play_made(bigint) TO jiayi_app;

-- What fits both is before what fits one; of what fits alike, what won more often.
CREATE OR REPLACE FUNCTION play_suggest(deal_id bigint) RETURNS TABLE (
    code text, kind text, title text, customer_type text, customer_type_label text, stage text, outcome text,
    company text, uses int, closed int, won_share text, base_share text)
LANGUAGE plpgsql STABLE SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    d    deal;
    type text;
BEGIN
    PERFORM deal_seen(play_suggest.deal_id);
    SELECT x.* INTO d FROM deal AS x WHERE x.id = play_suggest.deal_id;
    type := (SELECT t.code FROM tag AS t WHERE t.on_kind = kind('deal') AND t.on_id = d.id AND t.list = 'customer_type'
             ORDER BY t.at DESC LIMIT 1);
    RETURN QUERY
    WITH fits AS MATERIALIZED (
        SELECT p, (p.stage IS NOT NULL)::int + (p.customer_type IS NOT NULL)::int AS fit
        FROM playbook AS p
        WHERE p.company_id IN (me_company(), d.company_id) AND p.active
          AND (p.stage IS NULL OR (p.stage = d.stage AND p.company_id = d.company_id))
          AND (p.customer_type IS NULL OR p.customer_type = type)
        ORDER BY fit DESC, p.code LIMIT 50),
    base AS MATERIALIZED (SELECT play_share(b.won, b.closed) AS share FROM play_base(CASE d.company_id
        WHEN me_company() THEN d.stage END) AS b)
    SELECT v.code, v.kind, v.title, v.customer_type, v.customer_type_label, v.stage, v.outcome,
           nullif(v.company, me_slug()), g.uses, g.closed, play_share(g.won, g.closed),
           CASE WHEN g.closed >= 5 THEN (SELECT b.share FROM base AS b) END
    FROM fits AS f, play_shown(f.p) AS v, play_figures(f.p) AS g
    ORDER BY f.fit DESC, v.kind = 'lesson', play_share(g.won, g.closed)::numeric DESC NULLS LAST, g.uses DESC NULLS LAST, v.code
    LIMIT 20;
END
$$;
COMMENT ON FUNCTION play_suggest(bigint) IS
    'Plays for the stage that a deal is in and the type of its customer, 20 at most; of the caller''s company, and, '
    'of a deal of another one, what that shares.';
GRANT EXECUTE ON FUNCTION play_suggest(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_plays(company_id bigint, stage text) RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_agg(jsonb_build_object('code', p.code, 'title', p.title, 'customer_type', p.customer_type)
            ORDER BY p.code)
        FROM (SELECT x.* FROM playbook AS x WHERE x.company_id = stage_plays.company_id AND x.stage = stage_plays.stage
            AND x.active AND x.kind = 'script' ORDER BY x.code LIMIT 100) AS p);
END
$$;
COMMENT ON FUNCTION stage_plays(bigint, text) IS 'The scripts for a stage that the caller sees; NULL: none.';
GRANT EXECUTE ON FUNCTION stage_plays(bigint, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION playbook_words(ids bigint[]) RETURNS SETOF search_words LANGUAGE sql STABLE AS $$
    SELECT p.id, v.submitted_at, jiayi.kind('playbook'), p.id, p.company_id, NULL::bigint, NULL, NULL::int,
           left(concat_ws(E'\n', p.title, p.code, array_to_string(p.signs, E'\n'), v.body), 20000)
    FROM jiayi.playbook AS p
    JOIN jiayi.revision AS v ON v.on_kind = jiayi.kind('playbook') AND v.on_id = p.id AND v.version = p.text_version
    WHERE p.id = ANY (ids)
$$;
COMMENT ON FUNCTION playbook_words(bigint[]) IS
    'What plays and lessons are found by: title, code, signs and text, as far as 20,000 characters.';
GRANT EXECUTE ON FUNCTION playbook_words(bigint[]) TO jiayi_app, jiayi_auth;

---- Tables

CALL protect('playbook', 'id');
-- House, and of what is shared with partners their people.
CREATE POLICY visible ON playbook FOR SELECT TO jiayi_app
    USING (sight(noun('playbook')) & 4 <> 0
           AND (company_id = me_company()
                OR (shared_version IS NOT NULL AND active AND company_id = ANY ((SELECT me_principals())::bigint[]))));
CREATE POLICY own_insert ON playbook FOR INSERT TO jiayi_app
    WITH CHECK (company_id = me_company() AND author_id = me_member());
CREATE POLICY sides_update ON playbook FOR UPDATE TO jiayi_app USING (company_id = me_company());
GRANT SELECT ON playbook TO jiayi_app;
GRANT INSERT (company_id, code, kind, title, customer_type, stage, signs, outcome, deal_id, shared_version, author_id),
      UPDATE (kind, title, customer_type, stage, signs, shared_version, active, text_version) ON playbook TO jiayi_app;
CALL open_to_auth('playbook', 'SELECT');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON playbook FOR EACH ROW EXECUTE FUNCTION playbook_guard();
CALL searched('playbook', 'INSERT');
CALL searched('playbook', 'UPDATE OF title, signs, shared_version, active, text_version');
