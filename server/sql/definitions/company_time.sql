-- Where a company is on the clock.

CREATE OR REPLACE FUNCTION company_zone(company_id bigint) RETURNS text
    LANGUAGE sql STABLE AS $$ SELECT 'UTC' $$;
COMMENT ON FUNCTION company_zone(bigint) IS
    'The time zone of a company, as PostgreSQL calls it: UTC for all of them, and for 0, which is '
    'no company''s.';
GRANT EXECUTE ON FUNCTION company_zone(bigint) TO jiayi_app, jiayi_auth;
