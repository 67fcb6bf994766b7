-- The stages of deals: those that a new company begins with, how they are defined, and what is to be done in them
-- before a deal goes on.

---- What a new company begins with

CREATE OR REPLACE FUNCTION stage_begun() RETURNS TABLE (name text, place int, outcome text, probability int,
    max_days int, titles text[], goals text[]) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('new', 1, 'open', 10, 3, '{新线索,New lead,Kontakt i ri}'::text[],
            '{弄清有没有需求、由谁拍板。,"Learn whether there is a need, and who decides.",Mëso nëse ka nevojë dhe kush vendos.}'::text[]),
        ('contacted', 2, 'open', 20, 7, '{已联系,Contacted,I kontaktuar}',
            '{了解需求、预算和时间。,"Understand the need, the budget and the time.","Kupto nevojën, buxhetin dhe kohën."}'),
        ('quoted', 3, 'open', 40, 14, '{已报价,Quoted,I ofertuar}',
            '{让客户评估书面报价。,Have the customer judge a written offer.,Klienti të vlerësojë një ofertë me shkrim.}'),
        ('negotiating', 4, 'open', 60, 21, '{商务谈判,Negotiating,Në negociim}',
            '{谈定范围、价格和条款。,"Agree on scope, price and terms.","Merru vesh për përmbajtjen, çmimin dhe kushtet."}'),
        ('deciding', 5, 'open', 80, 14, '{客户决策,Deciding,Në vendimmarrje}',
            '{帮助决策人作出肯定的决定。,Help those who decide to say yes.,Ndihmo vendimmarrësit të thonë po.}'),
        ('won', 6, 'won', 100, NULL, '{赢单,Won,E fituar}',
            '{兑现承诺。,Deliver what was promised.,Jep atë që u premtua.}'),
        ('lost', 7, 'lost', 0, NULL, '{丢单,Lost,E humbur}',
            '{弄清原因，保持联系。,"Know why, and stay in touch.",Kupto pse dhe mbaj lidhjen.}')
$$;
COMMENT ON FUNCTION stage_begun() IS
    'The pipeline that a company begins with; titles and goals in Chinese, English and Albanian.';
GRANT EXECUTE ON FUNCTION stage_begun() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION stage_is_begun(name text, title text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM jiayi.stage_begun() AS b
        WHERE b.name = stage_is_begun.name AND stage_is_begun.title = ANY (b.titles));
END
$$;
COMMENT ON FUNCTION stage_is_begun(text, text) IS
    'Whether a stage has the title that it has in the pipeline that companies begin with, in some language.';
GRANT EXECUTE ON FUNCTION stage_is_begun(text, text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION stage_points_begun() RETURNS TABLE (stage text, criterion boolean, titles text[])
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('new', false, '{找到决策人及其联系方式,"Find out who decides, and how to reach them",Gjej kush vendos dhe si kontaktohet}'::text[]),
        ('new', true, '{客户确有需求,The customer has a need,Klienti ka një nevojë}'),
        ('contacted', false, '{问清需求、预算和时间,"Ask about the need, the budget and the time","Pyet për nevojën, buxhetin dhe kohën"}'),
        ('contacted', true, '{客户愿意看报价,The customer wants an offer,Klienti do një ofertë}'),
        ('quoted', false, '{发送书面报价并一起过一遍,Send the offer and go through it together,Dërgo ofertën dhe shqyrtojeni bashkë}'),
        ('quoted', true, '{客户对报价有明确反馈,The customer said what they think of the offer,Klienti tha ç''mendon për ofertën}'),
        ('negotiating', false, '{逐条谈范围、价格和条款,"Go through scope, price and terms","Shqyrto përmbajtjen, çmimin dhe kushtet"}'),
        ('negotiating', true, '{范围、价格和条款已书面确认,"Scope, price and terms are agreed in writing","Përmbajtja, çmimi dhe kushtet janë miratuar me shkrim"}'),
        ('deciding', false, '{约定决策日期,Agree on the day of the decision,Cakto ditën e vendimit}'),
        ('deciding', true, '{决策人已明确答复,Those who decide have answered,Vendimmarrësit janë përgjigjur}')
$$;
COMMENT ON FUNCTION stage_points_begun() IS
    'The points of the checklists that a company''s stages begin with. None is required: they are there to be '
    'read, until the company says otherwise.';
GRANT EXECUTE ON FUNCTION stage_points_begun() TO jiayi_auth;

CREATE OR REPLACE FUNCTION pipeline_make(company_id bigint, language text) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    n int := array_position('{zh,en,sq}'::text[], pipeline_make.language);
BEGIN
    -- The points of a checklist are all given anew, with another version.
    INSERT INTO checklist (company_id, code, name, purpose)
    SELECT pipeline_make.company_id, b.name, b.titles[n], 'stage' FROM stage_begun() AS b WHERE b.outcome = 'open'
    ON CONFLICT (company_id, code) DO UPDATE
        SET name = excluded.name, items_version = checklist.version + 1;
    INSERT INTO checklist_item (checklist_id, version, position, title, required, criterion, side)
    SELECT c.id, c.items_version, row_number() OVER (PARTITION BY c.id ORDER BY p.criterion), p.titles[n], false,
           p.criterion, 'ours'
    FROM stage_points_begun() AS p JOIN checklist AS c
        ON c.company_id = pipeline_make.company_id AND c.code = p.stage;
    INSERT INTO stage (company_id, name, title, position, outcome, goal, probability, max_days, checklist_id)
    SELECT pipeline_make.company_id, b.name, b.titles[n], b.place, b.outcome, b.goals[n], b.probability, b.max_days,
           (SELECT c.id FROM checklist AS c WHERE c.company_id = pipeline_make.company_id AND c.code = b.name)
    FROM stage_begun() AS b
    ON CONFLICT (company_id, name) DO UPDATE SET title = excluded.title, goal = excluded.goal;
END
$$;
COMMENT ON FUNCTION pipeline_make(bigint, text) IS
    'Gives a new company the pipeline that it begins with, in its language.';
GRANT EXECUTE ON FUNCTION pipeline_make(bigint, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION pipeline_default() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pipeline_make(NEW.id, 'zh');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION pipeline_default() IS 'Trigger: a new company has the default pipeline.';

---- Stages by what people call them

-- Cases, widths, blanks and hyphens make no other word, nor do Albanian's two marks.
CREATE OR REPLACE FUNCTION stage_key(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT translate(regexp_replace(lower(normalize(words, NFKC) COLLATE "und-x-icu"), '[[:space:]_-]+', '', 'g'),
        'ëç', 'ec')
$$;
COMMENT ON FUNCTION stage_key(text) IS 'What two names of one stage have in common.';
GRANT EXECUTE ON FUNCTION stage_key(text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION stage_of(company_id bigint, words text) RETURNS stage LANGUAGE plpgsql STABLE AS $$
DECLARE
    found jiayi.stage;
BEGIN
    SELECT s.* INTO found FROM jiayi.stage AS s WHERE s.company_id = stage_of.company_id AND s.name = words;
    IF found.name IS NULL THEN
        SELECT s.* INTO found FROM jiayi.stage AS s WHERE s.company_id = stage_of.company_id
            AND jiayi.stage_key(words) IN (jiayi.stage_key(s.name), jiayi.stage_key(s.title)) LIMIT 1;
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION stage_of(bigint, text) IS
    'A stage of a company by its code or its title; NULL where the caller sees none.';
GRANT EXECUTE ON FUNCTION stage_of(bigint, text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION stages_listed(company_id bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(s.name, ', ' ORDER BY s.position) FROM jiayi.stage AS s
    WHERE s.company_id = stages_listed.company_id AND NOT s.retired
$$;
COMMENT ON FUNCTION stages_listed(bigint) IS 'The codes of a company''s stages, for a refusal.';
GRANT EXECUTE ON FUNCTION stages_listed(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION stage_meant(company_id bigint, words text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    found text := (jiayi.stage_of(company_id, words)).name;
BEGIN
    IF found IS NULL THEN
        PERFORM jiayi.refuse('JY003', 'unknown stage %s; the stages are %s',
            ROW(words, jiayi.stages_listed(company_id)), field => 'stage');
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION stage_meant(bigint, text) IS
    'The code of a stage of a company, by code or title; the call ends where there is none.';
GRANT EXECUTE ON FUNCTION stage_meant(bigint, text) TO jiayi_app, jiayi_auth;

-- Of every list of a stage: so names are in full instead of a search_path.
CREATE OR REPLACE FUNCTION stage_known(words text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine bigint := jiayi.me_company();
BEGIN
    -- Most ask for one of their own by its code, which is found by the key; others are looked for among all that are seen.
    IF NOT EXISTS (SELECT FROM jiayi.stage AS s WHERE s.company_id = mine AND s.name = words) AND NOT EXISTS (SELECT FROM jiayi.stage AS s WHERE s.name = words) THEN
        RETURN coalesce((SELECT s.name FROM jiayi.stage AS s
            WHERE jiayi.stage_key(words) IN (jiayi.stage_key(s.name), jiayi.stage_key(s.title))
            ORDER BY s.company_id <> jiayi.me_company(), s.company_id LIMIT 1),
            jiayi.stage_meant(jiayi.me_company(), words));
    END IF;
    RETURN words;
END
$$;
COMMENT ON FUNCTION stage_known(text) IS
    'The code of a stage that the caller sees, by code or title: of the own company, else of one that shares with '
    'it. The call ends where there is none.';
GRANT EXECUTE ON FUNCTION stage_known(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_named(company_id bigint, name text) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    title text := (SELECT s.title FROM jiayi.stage AS s
        WHERE s.company_id = stage_named.company_id AND s.name = stage_named.name);
BEGIN
    RETURN CASE WHEN title IS NULL OR jiayi.stage_is_begun(name, title)
        THEN jiayi.word('stage', name) ELSE to_json(title) END;
END
$$;
COMMENT ON FUNCTION stage_named(bigint, text) IS
    'What a refusal calls a stage: the company''s own words for it, or, where it has none but those that it '
    'began with, those of the reader''s language.';
GRANT EXECUTE ON FUNCTION stage_named(bigint, text) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION stage_own(words text, field text) RETURNS stage LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found stage := stage_of(me_company(), words);
BEGIN
    IF found.name IS NULL AND words IS NOT NULL THEN
        PERFORM refuse('JY005', 'there is no stage %s; the stages are %s', ROW(words, stages_listed(me_company())),
            field => stage_own.field);
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION stage_own(text, text) IS
    'A stage of the caller''s company by code or title; the call ends where there is none, and blames the '
    'field. NULL for NULL.';
GRANT EXECUTE ON FUNCTION stage_own(text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_seen(words text, slug text) RETURNS stage LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    company bigint := addressee_by_slug(coalesce(slug, me_slug()));
    found   stage := stage_of(company, words);
BEGIN
    IF found.name IS NULL THEN
        PERFORM refuse('JY005', 'there is no stage %s; the stages are %s', ROW(words, stages_listed(company)));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION stage_seen(text, text) IS
    'A stage of a company that shares with the caller''s, or of that, by code or title; the call ends where '
    'there is none.';
GRANT EXECUTE ON FUNCTION stage_seen(text, text) TO jiayi_app;

---- How a company changes its stages

CREATE OR REPLACE FUNCTION stages_lock() RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM stage AS s WHERE s.company_id = me_company() ORDER BY s.name FOR UPDATE;
END
$$;
COMMENT ON FUNCTION stages_lock() IS
    'Who changes the stages of the caller''s company waits here for whoever does so already.';
GRANT EXECUTE ON FUNCTION stages_lock() TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_checklist(code text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found checklist;
BEGIN
    IF code IS NULL THEN
        RETURN NULL;
    END IF;
    found := checklist_named(code);
    IF found.purpose <> 'stage' THEN
        PERFORM refuse('JY009', 'the checklist %s is none for stages: jiayi checklist update %s --purpose stage',
            ROW(code, code));
    END IF;
    RETURN found.id;
END
$$;
COMMENT ON FUNCTION stage_checklist(text) IS
    'The number of a checklist for stages of the caller''s company; the call ends where it is none. NULL for NULL.';
GRANT EXECUTE ON FUNCTION stage_checklist(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_define(name text, title text, goal text, probability int, max_days int,
    checklist text, requires text[], min_touches int, outcome text, after text) RETURNS text LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    place int;
    ends  text := coalesce(outcome, 'open');
BEGIN
    PERFORM stages_lock();
    IF EXISTS (SELECT FROM stage AS s WHERE s.company_id = me_company() AND s.name = stage_define.name) THEN
        PERFORM refuse('JY006', 'there is a stage %s already', ROW(name));
    END IF;
    place := 1 + coalesce((stage_own(after, 'after')).position, (SELECT max(s.position) FROM stage AS s
        WHERE s.company_id = me_company() AND (s.outcome = ends OR ends <> 'open')));
    UPDATE stage AS s SET position = s.position + 1 WHERE s.company_id = me_company() AND s.position >= place;
    INSERT INTO stage (company_id, name, title, goal, probability, max_days, checklist_id, requires, min_touches,
        outcome, position)
    VALUES (me_company(), stage_define.name, stage_define.title, stage_define.goal, stage_define.probability,
        stage_define.max_days, stage_checklist(checklist), nullif(stage_define.requires, '{}'),
        stage_define.min_touches, ends, place);
    RETURN name;
END
$$;
COMMENT ON FUNCTION stage_define(text, text, text, int, int, text, text[], int, text, text) IS
    'Makes a stage of the caller''s company, behind another one or the last of those that are open; its code.';
GRANT EXECUTE ON FUNCTION stage_define(text, text, text, int, int, text, text[], int, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_update(words text, title text, goal text, probability int, max_days int,
    checklist text, requires text[], min_touches int, clear text[], restore boolean, version int) RETURNS text
    LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    had stage;
BEGIN
    PERFORM stages_lock();
    had := stage_own(words, 'stage');
    IF version <> had.version THEN
        PERFORM refuse('JY010', 'stage %s is at version %s by now, not %s; look at it again',
            ROW(had.name, had.version, version), current_version => had.version);
    END IF;
    UPDATE stage AS s SET title = coalesce(stage_update.title, s.title),
        goal = coalesce(stage_update.goal, CASE WHEN 'goal' = ANY (clear) THEN NULL ELSE s.goal END),
        probability = coalesce(stage_update.probability,
            CASE WHEN 'probability' = ANY (clear) THEN NULL ELSE s.probability END),
        max_days = coalesce(stage_update.max_days, CASE WHEN 'max_days' = ANY (clear) THEN NULL ELSE s.max_days END),
        checklist_id = coalesce(stage_checklist(checklist),
            CASE WHEN 'checklist' = ANY (clear) THEN NULL ELSE s.checklist_id END),
        requires = coalesce(nullif(stage_update.requires, '{}'),
            CASE WHEN 'requires' = ANY (clear) THEN NULL ELSE s.requires END),
        min_touches = coalesce(stage_update.min_touches,
            CASE WHEN 'min_touches' = ANY (clear) THEN NULL ELSE s.min_touches END),
        retired = s.retired AND restore IS NOT TRUE
    WHERE s.company_id = me_company() AND s.name = had.name;
    RETURN had.name;
END
$$;
COMMENT ON FUNCTION stage_update(text, text, text, int, int, text, text[], int, text[], boolean, int) IS
    'Changes a stage of the caller''s company: what is not NULL, and what is to be cleared. Its code.';
GRANT EXECUTE ON FUNCTION stage_update(text, text, text, int, int, text, text[], int, text[], boolean, int)
    TO jiayi_app;

CREATE OR REPLACE FUNCTION stages_order(words text[]) RETURNS text[] LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    wanted text[] := '{}';
    one    text;
    name   text;
BEGIN
    PERFORM stages_lock();
    FOREACH one IN ARRAY words LOOP
        name := (stage_own(one, 'stages')).name;
        IF name = ANY (wanted) THEN
            PERFORM refuse('JY003', 'the stage %s is there twice', ROW(one), field => 'stages');
        END IF;
        wanted := wanted || name;
    END LOOP;
    -- Those that are open come before what ends them, whatever is named.
    UPDATE stage AS s SET position = o.place
    FROM (SELECT x.name, row_number() OVER (ORDER BY x.outcome <> 'open', array_position(wanted, x.name), x.position)
              AS place
          FROM stage AS x WHERE x.company_id = me_company()) AS o
    WHERE s.company_id = me_company() AND s.name = o.name AND s.position <> o.place;
    RETURN ARRAY(SELECT s.name FROM stage AS s WHERE s.company_id = me_company() AND NOT s.retired ORDER BY s.position);
END
$$;
COMMENT ON FUNCTION stages_order(text[]) IS
    'Puts stages of the caller''s company into another order: those that are named come first, in that order. The codes of those in use.';
GRANT EXECUTE ON FUNCTION stages_order(text[]) TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_deals(company_id bigint, name text) RETURNS bigint LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM deal AS d
        WHERE d.company_id = stage_deals.company_id AND d.stage = stage_deals.name AND d.company_id = me_company());
END
$$;
COMMENT ON FUNCTION stage_deals(bigint, text) IS
    'How many deals of the caller''s company are in a stage, seen or not.';
GRANT EXECUTE ON FUNCTION stage_deals(bigint, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_retire(words text, target text, reason text,
    OUT stage text, OUT moved int, OUT remaining bigint) LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    had  stage;
    goal stage;
BEGIN
    PERFORM stages_lock();
    had := stage_own(words, 'stage');
    goal := stage_own(target, 'to');
    IF had.retired AND goal.name IS NULL THEN
        PERFORM refuse('JY009', 'stage %s is retired already', ROW(stage_named(had.company_id, had.name)));
    ELSIF had.name = (SELECT s.name FROM stage AS s WHERE s.company_id = me_company() AND NOT s.retired
            AND s.outcome = 'open' ORDER BY s.position LIMIT 1) THEN
        PERFORM refuse('JY009', 'new deals begin in stage %s; put another one first: jiayi stage order',
            ROW(stage_named(had.company_id, had.name)));
    ELSIF had.outcome <> 'open' AND NOT EXISTS (SELECT FROM stage AS s WHERE s.company_id = me_company()
            AND NOT s.retired AND s.outcome = had.outcome AND s.name <> had.name) THEN
        PERFORM refuse('JY009', CASE had.outcome WHEN 'won' THEN 'deals are won in no stage but %s'
            ELSE 'deals are lost in no stage but %s' END, ROW(stage_named(had.company_id, had.name)));
    ELSIF goal.name = had.name THEN
        PERFORM refuse('JY003', 'what is in stage %s is to go to another one', ROW(words), field => 'to');
    ELSIF goal.retired THEN
        PERFORM refuse('JY009', 'stage %s is retired; no deal comes into it',
            ROW(stage_named(goal.company_id, goal.name)));
    ELSIF goal.outcome <> had.outcome THEN
        PERFORM refuse('JY009', 'deals that are open stay open, and those that are won or lost stay so; stage %s '
            'is none of these', ROW(stage_named(goal.company_id, goal.name)));
    END IF;
    UPDATE stage AS s SET retired = true WHERE s.company_id = me_company() AND s.name = had.name AND NOT s.retired;
    stage := had.name;
    IF goal.name IS NOT NULL THEN
        -- As many as a call has time for; the next one goes on.
        UPDATE deal AS d SET stage = goal.name, stage_reason = stage_retire.reason
        WHERE d.id IN (SELECT o.id FROM deal AS o WHERE o.company_id = me_company() AND o.stage = had.name
                       ORDER BY o.id LIMIT 1000);
        GET DIAGNOSTICS moved = ROW_COUNT;
        remaining := nullif(stage_deals(had.company_id, had.name), 0);
        IF moved = 0 AND remaining > 0 THEN
            PERFORM refuse('JY007', 'your role does not reach the deals that are in stage %s',
                ROW(stage_named(had.company_id, had.name)));
        END IF;
    ELSE
        remaining := nullif(stage_deals(had.company_id, had.name), 0);
    END IF;
END
$$;
COMMENT ON FUNCTION stage_retire(text, text, text) IS
    'Retires a stage of the caller''s company: no deal comes in any more. With target moves up to 1,000 deals '
    'that are in it there; says how many that were, and how many are in it still.';
GRANT EXECUTE ON FUNCTION stage_retire(text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_starts(checklist_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM checklist AS c JOIN checklist_item AS i
            ON i.checklist_id = c.id AND i.version = c.items_version
        WHERE c.id = stage_starts.checklist_id AND c.active AND (i.required OR i.days IS NOT NULL));
END
$$;
COMMENT ON FUNCTION stage_starts(bigint) IS
    'Whether a checklist has points of which a stage makes tasks: those that are required, and those with days.';
GRANT EXECUTE ON FUNCTION stage_starts(bigint) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION stage_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    other text;
BEGIN
    -- Whoever orders them locks them, which needs the right to change them.
    IF current_user <> 'jiayi_auth' AND caller() IS NOT NULL AND me_permission() IS DISTINCT FROM 'stage.manage' THEN
        RAISE insufficient_privilege;
    END IF;
    IF TG_OP = 'INSERT' OR NEW.title <> OLD.title THEN
        SELECT s.name INTO other FROM stage AS s WHERE s.company_id = NEW.company_id AND s.name <> NEW.name
            AND ARRAY[stage_key(s.name), stage_key(s.title)] && ARRAY[stage_key(NEW.name), stage_key(NEW.title)];
        IF other IS NOT NULL THEN
            PERFORM refuse('JY006', 'stage %s is called so already', ROW(other), field => 'title');
        END IF;
    END IF;
    IF TG_OP = 'INSERT' OR NEW.checklist_id IS DISTINCT FROM OLD.checklist_id THEN
        NEW.starts := stage_starts(NEW.checklist_id);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        NEW.version := OLD.version + CASE WHEN to_jsonb(NEW) - '{position}'::text[] = to_jsonb(OLD) - '{position}'::text[]
            THEN 0 ELSE 1 END;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION stage_guard() IS
    'Trigger: stages are changed by who may manage them; no two of a company are called the same, by code or '
    'title; counts the changes.';

CREATE OR REPLACE FUNCTION stage_of_checklist() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    -- By the list's company: by the list alone it would pass all companies' stages, and ask for each.
    UPDATE stage AS s SET starts = NOT s.starts FROM checklist AS l
    WHERE l.id IN (SELECT c.checklist_id FROM changed AS c) AND s.company_id = l.company_id AND s.checklist_id = l.id
      AND s.starts <> stage_starts(l.id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION stage_of_checklist() IS 'Trigger: a stage knows whether its checklist has it make tasks.';

CREATE OR REPLACE FUNCTION stage_of_active() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE stage AS s SET starts = NOT s.starts
    WHERE s.company_id = NEW.company_id AND s.checklist_id = NEW.id AND s.starts <> stage_starts(NEW.id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION stage_of_active() IS 'Trigger: as stage_of_checklist(), where one is no longer used.';

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION stage_shown(s stage) RETURNS TABLE (
    name text, title text, goal text, probability int, max_days int, outcome text, checklist text, requires text[],
    min_touches int, retired boolean, company text, "position" int, version int)
LANGUAGE sql STABLE AS $$
    SELECT s.name, s.title, s.goal, s.probability, s.max_days, s.outcome,
           (SELECT c.code FROM jiayi.checklist AS c WHERE c.id = s.checklist_id), s.requires, s.min_touches,
           nullif(s.retired, false), jiayi.slug_of(s.company_id), s.position, s.version
$$;
COMMENT ON FUNCTION stage_shown(stage) IS 'A stage as calls answer it.';
GRANT EXECUTE ON FUNCTION stage_shown(stage) TO jiayi_app;

CREATE OR REPLACE FUNCTION stage_points(checklist_id bigint) RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT s.items FROM checklist_show(stage_points.checklist_id) AS s);
END
$$;
COMMENT ON FUNCTION stage_points(bigint) IS
    'The points of a stage''s checklist, as far as the caller sees it; NULL: none.';
GRANT EXECUTE ON FUNCTION stage_points(bigint) TO jiayi_app;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION stage_own_shown(code text) RETURNS TABLE (
    name text, title text, goal text, probability int, max_days int, outcome text, checklist text, requires text[],
    min_touches int, retired boolean, company text, "position" int, version int, items jsonb)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN QUERY SELECT v.*, jiayi.stage_points(s.checklist_id) FROM jiayi.stage AS s, jiayi.stage_shown(s) AS v
    WHERE s.company_id = jiayi.me_company() AND s.name = stage_own_shown.code;
END
$$;
COMMENT ON FUNCTION stage_own_shown(text) IS 'A stage of the caller''s company as calls that change it answer it.';
GRANT EXECUTE ON FUNCTION stage_own_shown(text) TO jiayi_app;

---- What is to be done in a stage

CREATE OR REPLACE FUNCTION stay_of(deal_id bigint) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT s.seq FROM jiayi.deal_stage AS s
        WHERE s.deal_id = stay_of.deal_id AND s.kind IN ('move', 'undo') ORDER BY s.seq DESC LIMIT 1);
END
$$;
COMMENT ON FUNCTION stay_of(bigint) IS 'The version with which a deal came into the stage that it is in.';
GRANT EXECUTE ON FUNCTION stay_of(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION stay_words(company_id bigint, what text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    n int := (SELECT array_position('{zh,en,sq}'::text[], p.language) FROM company_profile AS p
        WHERE p.company_id = stay_words.company_id);
BEGIN
    RETURN CASE what
        WHEN 'left' THEN ('{商机已离开该阶段。,The deal left the stage.,Mundësia doli nga kjo fazë.}'::text[])[n]
        WHEN 'undone' THEN ('{该阶段变更已撤回。,The move was taken back.,Kalimi u zhbë.}'::text[])[n] END;
END
$$;
COMMENT ON FUNCTION stay_words(bigint, text) IS
    'Why a task of a stage was cancelled or taken up again, in the language of its company.';
GRANT EXECUTE ON FUNCTION stay_words(bigint, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION stay_begins(d deal) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO task (company_id, kind, on_kind, on_id, title, text, assignee_id, vendor_id, side, required,
        criterion, due_on, checklist_id, stay, created_by)
    SELECT d.company_id, 'check', kind('deal'), d.id, i.title, i.text,
           CASE WHEN NOT w.vendor THEN d.owner_id END, CASE WHEN w.vendor THEN d.vendor_id END,
           CASE WHEN w.vendor THEN 'vendor' ELSE 'ours' END, i.required, i.criterion,
           add_working_days(d.company_id, company_day(d.company_id, d.updated_at), i.days), i.checklist_id,
           d.version, d.owner_id
    FROM stage AS s JOIN checklist AS c ON c.id = s.checklist_id AND c.active
    JOIN checklist_item AS i ON i.checklist_id = c.id AND i.version = c.items_version
    -- Of a deal that is shared with nobody the owner does what a partner would.
    CROSS JOIN LATERAL (SELECT i.side = 'vendor' AND d.vendor_id IS NOT NULL AS vendor) AS w
    WHERE s.company_id = d.company_id AND s.name = d.stage AND (i.required OR i.days IS NOT NULL)
    ORDER BY i.position;
END
$$;
COMMENT ON FUNCTION stay_begins(deal) IS
    'Makes tasks, on a deal that came into a stage, of the points of its checklist that are required or have days.';
GRANT EXECUTE ON FUNCTION stay_begins(deal) TO jiayi_auth;

CREATE OR REPLACE FUNCTION stay_asks(d deal, skip boolean) RETURNS text[] LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    s       stage := stage_of(d.company_id, d.stage);
    came    int := stay_of(d.id);
    named   json := stage_named(d.company_id, d.stage);
    all_of  text[];
    open    text;
    unmet   text;
    hidden  boolean;
    lacks   text[];
    touches int;
BEGIN
    -- Who moves it for a partner reads the titles of what is that partner's.
    SELECT coalesce(array_agg(w.ref ORDER BY t.id), '{}'),
           string_agg(w.ref || ' ' || t.title, '; ' ORDER BY t.id) FILTER (WHERE w.shown AND NOT t.criterion),
           string_agg(w.ref || ' ' || t.title, '; ' ORDER BY t.id) FILTER (WHERE w.shown AND t.criterion),
           coalesce(bool_or(NOT w.shown), false)
    INTO all_of, open, unmet, hidden
    FROM task AS t CROSS JOIN LATERAL (SELECT ref(kind('task'), t.id) AS ref,
        t.company_id = me_company() OR (t.side = 'vendor' AND t.vendor_id = me_company()) AS shown) AS w
    WHERE t.on_kind = kind('deal') AND t.on_id = d.id AND t.stay = came AND t.required
      AND (t.state IN ('open', 'delivered', 'rejected') OR (t.criterion AND t.state = 'cancelled'));
    lacks := ARRAY(SELECT r.what FROM unnest(s.requires) AS r(what)
        WHERE CASE r.what WHEN 'amount' THEN d.amount IS NULL WHEN 'vendor' THEN d.vendor_id IS NULL
            WHEN 'close_on' THEN d.close_on IS NULL WHEN 'contact' THEN d.contact_id IS NULL
            WHEN 'need' THEN NOT EXISTS (SELECT FROM comment AS c WHERE c.on_kind = kind('deal') AND c.on_id = d.id
                AND c.topic = 'need' AND c.company_id = c.author_company_id) END);
    IF s.min_touches IS NOT NULL THEN
        SELECT count(*) INTO touches FROM activity AS a JOIN deal_stage AS e
            ON e.deal_id = a.deal_id AND e.seq = came
        WHERE a.deal_id = d.id AND a.at >= e.entered_at;
    END IF;
    all_of := all_of || lacks || CASE WHEN touches < s.min_touches THEN ARRAY['touches'] ELSE '{}' END;
    IF skip THEN
        RETURN nullif(all_of, '{}');
    ELSIF open IS NOT NULL AND unmet IS NOT NULL THEN
        PERFORM refuse('JY009', 'deal %s cannot leave stage %s yet: to be done first: %s; not met: %s',
            ROW(d.id, named, left(open, 500), left(unmet, 500)));
    ELSIF open IS NOT NULL THEN
        PERFORM refuse('JY009', 'deal %s cannot leave stage %s yet: to be done first: %s',
            ROW(d.id, named, left(open, 500)));
    ELSIF unmet IS NOT NULL THEN
        PERFORM refuse('JY009', 'deal %s cannot leave stage %s yet: not met: %s',
            ROW(d.id, named, left(unmet, 500)));
    ELSIF lacks = '{need}' THEN
        PERFORM refuse('JY009', 'deal %s cannot leave stage %s yet; nobody said what the customer needs: jiayi deal need %s --text',
            ROW(d.id, named, d.id));
    ELSIF lacks <> '{}' THEN
        PERFORM refuse('JY009', 'deal %s cannot leave stage %s yet; it needs more: jiayi deal update %s %s',
            ROW(d.id, named, d.id, (SELECT string_agg(CASE l.what WHEN 'amount' THEN '--amount --currency'
                ELSE '--' || replace(l.what, '_', '-') END, ' ') FROM unnest(lacks) AS l(what) WHERE l.what <> 'need')));
    ELSIF touches < s.min_touches THEN
        PERFORM refuse('JY009', 'deal %s cannot leave stage %s yet: of %s follow-ups there are %s: jiayi deal log %s',
            ROW(d.id, named, s.min_touches, touches, d.id));
    ELSIF hidden THEN
        PERFORM refuse('JY009', 'deal %s cannot leave stage %s yet: people of %s have something to do first',
            ROW(d.id, named, slug_of(d.company_id)));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION stay_asks(deal, boolean) IS
    'Ends the call where the stage that a deal is in asks for more before it goes on: tasks that are required, '
    'criteria that are not met, what it has to have, follow-ups. Or says what is skipped; NULL: nothing.';
GRANT EXECUTE ON FUNCTION stay_asks(deal, boolean) TO jiayi_auth;

CREATE OR REPLACE FUNCTION stay_said(company_id bigint, tasks bigint[], what text) RETURNS void
    LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO comment (on_kind, on_id, version, member_id, topic, decision, text)
    SELECT kind('task'), t.id, t.version, caller(), 'review', t.state, stay_words(stay_said.company_id, what)
    FROM task AS t WHERE t.id = ANY (tasks) AND caller() IS NOT NULL;
END
$$;
COMMENT ON FUNCTION stay_said(bigint, bigint[], text) IS 'Says of tasks why they are in another state.';
GRANT EXECUTE ON FUNCTION stay_said(bigint, bigint[], text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION stay_ends(d deal) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    ended bigint[];
BEGIN
    WITH changed AS (
        UPDATE task AS t SET state = 'cancelled', dropped = d.version + 1
        WHERE t.on_kind = kind('deal') AND t.on_id = d.id AND t.stay = stay_of(d.id)
          AND t.state IN ('open', 'rejected')
        RETURNING t.id)
    SELECT array_agg(c.id) INTO ended FROM changed AS c;
    PERFORM stay_said(d.company_id, ended, 'left');
END
$$;
COMMENT ON FUNCTION stay_ends(deal) IS
    'Cancels what is open of the tasks of the stage that a deal is about to leave.';
GRANT EXECUTE ON FUNCTION stay_ends(deal) TO jiayi_auth;

CREATE OR REPLACE FUNCTION stay_undone(d deal, before int) RETURNS boolean LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    undone int := stay_of(d.id);
    ended  bigint[];
    again  bigint[];
BEGIN
    WITH changed AS (
        UPDATE task AS t SET state = 'cancelled'
        WHERE t.on_kind = kind('deal') AND t.on_id = d.id AND t.stay = undone AND t.state = 'open' AND t.version = 1
        RETURNING t.id)
    SELECT array_agg(c.id) INTO ended FROM changed AS c;
    WITH changed AS (
        UPDATE task AS t SET state = 'open', dropped = NULL
        WHERE t.on_kind = kind('deal') AND t.on_id = d.id AND t.stay = before AND t.dropped = undone
          AND t.state = 'cancelled'
        RETURNING t.id)
    SELECT array_agg(c.id) INTO again FROM changed AS c;
    PERFORM stay_said(d.company_id, ended || again, 'undone');
    UPDATE task AS t SET stay = d.version + 1
    WHERE t.on_kind = kind('deal') AND t.on_id = d.id AND t.stay = before;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION stay_undone(deal, int) IS
    'A deal goes back into the stage into which it came with the version before: what its last move started and '
    'nobody touched is cancelled, and what it ended is taken up again. Whether that stage has tasks.';
GRANT EXECUTE ON FUNCTION stay_undone(deal, int) TO jiayi_auth;

CREATE OR REPLACE FUNCTION stay_handed(d deal, owner bigint) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE task AS t SET assignee_id = owner
    WHERE t.on_kind = kind('deal') AND t.on_id = d.id AND t.stay = stay_of(d.id) AND t.assignee_id = d.owner_id
      AND t.state IN ('open', 'rejected');
END
$$;
COMMENT ON FUNCTION stay_handed(deal, bigint) IS
    'Who becomes the owner of a deal has what its stage asks of the owner.';
GRANT EXECUTE ON FUNCTION stay_handed(deal, bigint) TO jiayi_auth;

-- Instead of a foreign key, which would have each move lock the stage's row.
CREATE OR REPLACE FUNCTION stage_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.company_id, NEW.name) IS DISTINCT FROM (OLD.company_id, OLD.name) THEN
        LOCK TABLE deal IN SHARE MODE; -- who moves a deal is waited for, and waits
        IF EXISTS (SELECT FROM deal AS d WHERE d.company_id = OLD.company_id AND d.stage = OLD.name) THEN
            RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'deal_stage',
                TABLE = 'deal', MESSAGE = format('deals are in stage %s', OLD.name);
        END IF;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
COMMENT ON FUNCTION stage_kept() IS 'Trigger: a stage in which deals are stays, under its name.';

---- Tables

CALL protect('stage', 'company_id,name', hidden => 'starts');
CREATE TRIGGER kept BEFORE DELETE OR UPDATE OF company_id, name ON stage FOR EACH ROW
    EXECUTE FUNCTION stage_kept();
ALTER TABLE stage ENABLE ALWAYS TRIGGER kept;
CALL shape('stage', 'house', partners => true, changes => true);
GRANT SELECT ON stage TO jiayi_app;
GRANT INSERT (company_id, name, title, goal, probability, max_days, checklist_id, requires, min_touches, outcome,
              position),
      UPDATE (title, goal, probability, max_days, checklist_id, requires, min_touches, retired, position)
    ON stage TO jiayi_app;
CALL open_to_auth('stage', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF title, goal, probability, max_days, checklist_id, requires,
    min_touches, retired, position ON stage FOR EACH ROW EXECUTE FUNCTION stage_guard();
CREATE TRIGGER stages AFTER INSERT ON checklist_item REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION stage_of_checklist();
CREATE TRIGGER stages AFTER UPDATE OF active ON checklist FOR EACH ROW
    WHEN (NEW.active <> OLD.active) EXECUTE FUNCTION stage_of_active();
