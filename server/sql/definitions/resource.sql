-- Resources: what a deal takes. They are the deal's company's; its vendor sees those that are shared with it.

CREATE OR REPLACE FUNCTION resource_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.from_on > NEW.to_on THEN
        PERFORM refuse('JY003', 'it is needed until %s, which is before %s', ROW(NEW.to_on, NEW.from_on), field => 'to_on');
    ELSIF NEW.unit IS NOT NULL AND NEW.quantity IS NULL THEN
        PERFORM refuse('JY003', 'a unit needs a quantity; give one with --quantity', field => 'unit');
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT d.company_id, d.company_id, d.version INTO NEW.company_id, NEW.author_company_id, NEW.deal_version
        FROM deal AS d WHERE d.id = NEW.deal_id;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state THEN
        PERFORM check_transition('resource', '', OLD.id::text, OLD.state, NEW.state, 'ours');
    END IF;
    IF NEW.audience = 'shared' AND OLD.audience = 'internal' THEN
        NEW.deal_version := (SELECT d.version FROM deal AS d WHERE d.id = NEW.deal_id); -- given now
    END IF;
    IF NEW IS DISTINCT FROM OLD THEN
        NEW.version := OLD.version + 1;
        NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION resource_guard() IS
    'Trigger: a resource is of its deal''s company; its states follow one another as the table transition says, and what '
    'changes nothing makes no version.';

CREATE OR REPLACE FUNCTION resource_changed(r resource) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jiayi.deal_changed(d) IS NOT NULL FROM jiayi.deal AS d WHERE d.id = r.deal_id);
END
$$;
COMMENT ON FUNCTION resource_changed(resource) IS 'true, if the called permission reaches the deal; the call ends where not.';
GRANT EXECUTE ON FUNCTION resource_changed(resource) TO jiayi_app;

-- Put into the calling statement by the planner, as deal_shown() is.
CREATE OR REPLACE FUNCTION resource_shown(r resource) RETURNS TABLE (
    id bigint, deal_id bigint, what text, side text, quantity text, unit text, "amount.amount" text, "amount.currency" text,
    from_on date, to_on date, provider text, state text, internal boolean, member text, member_company text, version int,
    created_at timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT r.id, r.deal_id, r.what, r.side, trim_scale(r.quantity)::text, r.unit, r.amount::text, r.currency, r.from_on, r.to_on,
           r.provider, r.state, nullif(r.audience = 'internal', false), jiayi.email_of(r.member_id),
           CASE WHEN r.author_company_id <> jiayi.me_company() THEN jiayi.slug_of(r.author_company_id) END, r.version,
           r.created_at, r.updated_at
$$;
COMMENT ON FUNCTION resource_shown(resource) IS 'A resource as calls answer it.';
GRANT EXECUTE ON FUNCTION resource_shown(resource) TO jiayi_app;

---- Tables

CALL protect('resource', 'id');
CALL open_to_auth('resource', 'SELECT');
CALL shape('resource', 'child', parent => 'deal', key => 'deal_id', version => 'deal_version', author => 'member_id',
    one_by_one => true);
-- What may be changed of what is seen, the statement asks of the deal: there it can be refused with a reason.
CREATE POLICY lent_update ON resource FOR UPDATE TO jiayi_app USING (true);
GRANT SELECT ON resource TO jiayi_app;
GRANT INSERT (deal_id, company_id, member_id, what, side, quantity, unit, amount, currency, from_on, to_on, provider, audience),
    UPDATE (what, side, quantity, unit, amount, currency, from_on, to_on, provider, state, audience) ON resource TO jiayi_app;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON resource FOR EACH ROW EXECUTE FUNCTION resource_guard();
