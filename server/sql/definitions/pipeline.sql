-- The stages of deals, and those that a new company begins with.

CREATE OR REPLACE FUNCTION stage_known(name text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stage AS s WHERE s.name = stage_known.name) THEN
        PERFORM refuse('JY003', 'unknown stage %s; the stages are %s',
            ROW(name, (SELECT string_agg(s.name, ', ' ORDER BY s.position) FROM stage AS s
                WHERE s.company_id = me_company())), field => 'stage');
    END IF;
    RETURN name;
END
$$;
COMMENT ON FUNCTION stage_known(text) IS
    'The name itself, if it is a stage that the caller sees; the call ends where it is none.';
GRANT EXECUTE ON FUNCTION stage_known(text) TO jiayi_app;

CREATE OR REPLACE FUNCTION pipeline_default() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO jiayi.stage (company_id, name, title, position, outcome, goal, probability,
        max_days) VALUES
        (NEW.id, 'new', '新线索', 1, 'open', 'Learn whether there is a need, and who decides.', 10, 3),
        (NEW.id, 'contacted', '已联系', 2, 'open', 'Understand the need, the budget and the time.', 20,
            7),
        (NEW.id, 'quoted', '已报价', 3, 'open', 'Have the customer judge a written offer.', 40, 14),
        (NEW.id, 'negotiating', '商务谈判', 4, 'open', 'Agree on scope, price and terms.', 60, 21),
        (NEW.id, 'deciding', '客户决策', 5, 'open', 'Help those who decide to say yes.', 80, 14),
        (NEW.id, 'won', '赢单', 6, 'won', 'Deliver what was promised.', 100, NULL),
        (NEW.id, 'lost', '丢单', 7, 'lost', 'Know why, and stay in touch.', 0, NULL);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION pipeline_default() IS 'Trigger: a new company has the default pipeline.';

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

CALL protect('stage', 'company_id,name');
CREATE TRIGGER kept BEFORE DELETE OR UPDATE OF company_id, name ON stage FOR EACH ROW
    EXECUTE FUNCTION stage_kept();
ALTER TABLE stage ENABLE ALWAYS TRIGGER kept;
CALL shape('stage', 'house', partners => true);
GRANT SELECT ON stage TO jiayi_app;
CALL open_to_auth('stage', 'SELECT, INSERT');
