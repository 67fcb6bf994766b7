-- Within how many working days cases are to be answered: what a company says, and what holds where it says nothing.

CREATE OR REPLACE FUNCTION case_standard() RETURNS TABLE (no bigint, kind text, severity int, days int) LANGUAGE sql IMMUTABLE AS $$
    VALUES (1::bigint, 'complaint', 1, 1), (2, 'complaint', 2, 2), (3, 'complaint', 3, 5), (4, 'complaint', 4, 10),
        (5, 'support', 1, 1), (6, 'support', 2, 2), (7, 'support', 3, 5), (8, 'support', 4, 10),
        (9, 'conflict', 0, 5), (10, 'breach', 0, 10), (11, 'dispute', 0, 10), (12, 'suggestion', 0, 20)
$$;
COMMENT ON FUNCTION case_standard() IS
    'Within how many working days cases are answered where the company says nothing, by kind and severity; 0: the kind knows none.';
GRANT EXECUTE ON FUNCTION case_standard() TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION case_days(company bigint, kind text, severity int) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce(t.days, s.days) FROM jiayi.case_standard() AS s
    LEFT JOIN jiayi.case_target AS t ON t.company_id = case_days.company AND t.kind = s.kind AND t.severity = s.severity
    WHERE s.kind = case_days.kind AND (s.severity = 0 OR s.severity = coalesce(case_days.severity, 3))
$$;
COMMENT ON FUNCTION case_days(bigint, text, int) IS 'Within how many of its working days a company has such a case answered.';
GRANT EXECUTE ON FUNCTION case_days(bigint, text, int) TO jiayi_auth;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION case_targets(one bigint) RETURNS TABLE (no bigint, kind text, severity int, days int, usual boolean)
    LANGUAGE plpgsql VOLATILE SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT s.no, s.kind, nullif(s.severity, 0), coalesce(t.days, s.days), nullif(t.days IS NULL, false)
    FROM case_standard() AS s
    LEFT JOIN case_target AS t ON t.company_id = me_company() AND t.kind = s.kind AND t.severity = s.severity
    WHERE one IS NULL OR s.no = one;
END
$$;
COMMENT ON FUNCTION case_targets(bigint) IS
    'Within how many working days the caller''s company has its cases answered, as calls answer it: all, or that one.';
GRANT EXECUTE ON FUNCTION case_targets(bigint) TO jiayi_app;

CREATE OR REPLACE FUNCTION case_target_set(kind text, severity int, days int) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    had record;
BEGIN
    SELECT s.* INTO had FROM case_standard() AS s
    WHERE s.kind = case_target_set.kind AND s.severity = coalesce(case_target_set.severity, 0);
    IF had.no IS NULL AND severity IS NULL THEN
        PERFORM refuse('JY003', 'say of which severity, from 1, the worst, to 4, with --severity', field => 'severity');
    ELSIF had.no IS NULL THEN
        PERFORM refuse('JY003', 'only complaints and requests for support are severe; leave --severity away', field => 'severity');
    ELSIF days IS NULL THEN
        DELETE FROM case_target AS t WHERE t.company_id = me_company() AND t.kind = had.kind AND t.severity = had.severity;
    ELSE
        INSERT INTO case_target (company_id, kind, severity, days) VALUES (me_company(), had.kind, had.severity, days)
        ON CONFLICT ON CONSTRAINT case_target_pkey DO UPDATE SET days = excluded.days;
    END IF;
    RETURN had.no;
END
$$;
COMMENT ON FUNCTION case_target_set(text, int, int) IS
    'Says within how many working days the caller''s company has such cases answered; NULL: as if it had never said so. Its number '
    'among case_standard().';
GRANT EXECUTE ON FUNCTION case_target_set(text, int, int) TO jiayi_app;

---- Tables

CALL protect('case_target', 'company_id,kind,severity');
CALL shape('case_target', 'house', changes => true);
CREATE POLICY own_delete ON case_target FOR DELETE TO jiayi_app USING (company_id = me_company());
GRANT SELECT, INSERT (company_id, kind, severity, days), UPDATE (days), DELETE ON case_target TO jiayi_app;
CALL open_to_auth('case_target', 'SELECT');
