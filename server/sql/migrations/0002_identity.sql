-- Companies, people, roles, members, sessions; and authorize(), which begins every call.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Permissions and scopes: reference data, the same for every company

CREATE TABLE scope (
    word text PRIMARY KEY,
    bits int NOT NULL UNIQUE,
    note text NOT NULL
);
COMMENT ON TABLE scope IS 'How far a permission can reach. Everybody may read it.';
COMMENT ON COLUMN scope.word IS 'The word in a grant, such as team in deal.read:team.';
COMMENT ON COLUMN scope.bits IS
    'own 1, team 2, company 4, shared 8; the wider ones hold the narrower.';
COMMENT ON COLUMN scope.note IS 'What it means.';
INSERT INTO scope (word, bits, note) VALUES
    ('own', 1, 'what is mine'),
    ('own+shared', 9, 'what is mine, and what partner companies share'),
    ('team', 3, 'what is mine and of the members below me'),
    ('team+shared', 11, 'what is mine and of the members below me, and what partner companies share'),
    ('company', 7, 'what is my company''s'),
    ('partners', 15, 'what is my company''s, and what partner companies share');
CALL protect('scope', 'word');
CREATE POLICY everybody ON scope FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON scope TO jiayi_app;
CALL open_to_auth('scope', 'SELECT');

CREATE TABLE permission (
    name      text PRIMARY KEY,
    reads     text NOT NULL REFERENCES permission DEFERRABLE INITIALLY DEFERRED,
    shareable boolean NOT NULL DEFAULT false,
    whole     boolean NOT NULL GENERATED ALWAYS AS (name ~ '^(company|role|partner)\.') STORED,
    note      text NOT NULL
);
COMMENT ON TABLE permission IS
    'What a role can permit. A method names the one that it needs. Everybody may read it.';
COMMENT ON COLUMN permission.name IS 'The name, such as deal.move.';
COMMENT ON COLUMN permission.reads IS
    'The permission whose scope says what the caller sees during a call that needs this one.';
COMMENT ON COLUMN permission.shareable IS
    'Whether it can reach what partner companies share; of the others the scope''s shared bit is '
    'dropped.';
COMMENT ON COLUMN permission.whole IS
    'Whether it is about the company as a whole, so that a narrower scope would mean nothing.';
COMMENT ON COLUMN permission.note IS 'What it permits.';
INSERT INTO permission (name, reads, shareable, note) VALUES
    ('company.create', 'company.read', false, 'create companies; for operators'),
    ('company.read', 'company.read', false, 'list companies'),
    ('member.read', 'member.read', false, 'list members'),
    ('member.manage', 'member.read', false, 'add and remove members, give them roles and managers'),
    ('role.read', 'role.read', false, 'list and show roles'),
    ('role.manage', 'role.read', false, 'create, change and delete roles'),
    ('partner.read', 'partner.read', false, 'list partnerships'),
    ('partner.manage', 'partner.read', false,
        'invite, accept, suspend, resume and end partnerships'),
    ('deal.read', 'deal.read', true, 'list and show deals'),
    ('deal.create', 'deal.read', false, 'create deals'),
    ('deal.update', 'deal.read', false, 'change what is said about a deal'),
    ('deal.move', 'deal.read', true, 'move deals to another stage'),
    ('deal.assign', 'deal.read', false, 'give deals to another owner'),
    ('deal.log', 'deal.read', true, 'log follow-ups on deals'),
    ('deal.reopen', 'deal.read', false, 'move deals out of won and lost'),
    ('kpi.read', 'kpi.read', true, 'list targets and what was reached'),
    ('kpi.define', 'kpi.read', false, 'define KPIs'),
    ('kpi.target', 'kpi.read', false, 'set targets'),
    ('kpi.record', 'kpi.read', true, 'record what was reached'),
    ('kpi.evaluate', 'kpi.read', false, 'evaluate what was reached'),
    ('report.read', 'report.read', true, 'list and show reports'),
    ('report.submit', 'report.read', false, 'submit reports'),
    ('report.review', 'report.read', true, 'return and accept reports'),
    ('audit.read', 'audit.read', false, 'read the log of changes');
SET CONSTRAINTS ALL IMMEDIATE;
CALL protect('permission', 'name');
CREATE POLICY everybody ON permission FOR SELECT TO jiayi_app USING (true);
GRANT SELECT ON permission TO jiayi_app;
CALL open_to_auth('permission', 'SELECT');

---- Companies and people

CREATE TABLE company (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug       text NOT NULL CONSTRAINT company_slug_unique UNIQUE
               CONSTRAINT company_slug_form CHECK (slug ~ '^[a-z][a-z0-9-]{0,39}$'),
    name       text NOT NULL CONSTRAINT company_name_length CHECK (length(name) BETWEEN 1 AND 200),
    is_system  boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE company IS
    'A company. Its own members see it, operators see all, and partners see one another.';
COMMENT ON COLUMN company.id IS 'The company''s number.';
COMMENT ON COLUMN company.slug IS
    'The short name that commands use; lower-case letters, digits, hyphens.';
COMMENT ON COLUMN company.name IS 'The name, in any language.';
COMMENT ON COLUMN company.is_system IS 'Whether it is the company of those who run the server.';
COMMENT ON COLUMN company.created_at IS 'When it was created.';
CALL protect('company', 'id', 'id');
CREATE POLICY own ON company FOR SELECT TO jiayi_app
    USING (id = me_company() OR me_operator());
GRANT SELECT ON company TO jiayi_app;
-- UPDATE only to lock the row.
CALL open_to_auth('company', 'SELECT, INSERT, UPDATE');

CREATE TABLE person (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text NOT NULL CONSTRAINT person_email_unique UNIQUE
               CONSTRAINT person_email_form CHECK (email = lower(email)
                   AND email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(email) <= 254),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, email)
);
COMMENT ON TABLE person IS
    'Somebody with an account. No call sees this table; members carry what companies may know.';
COMMENT ON COLUMN person.id IS 'The person''s number.';
COMMENT ON COLUMN person.email IS 'The e-mail address, in lower case.';
COMMENT ON COLUMN person.created_at IS 'When the account was made.';
CALL protect('person', 'id', '');
CALL open_to_auth('person', 'SELECT, INSERT');


---- Roles

CREATE TABLE role (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint REFERENCES company,
    name       text NOT NULL CONSTRAINT role_name_form CHECK (name ~ '^[a-z][a-z0-9_-]{0,39}$'),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE role IS
    'A role: built in, or a company''s own. A company sees its own and those built in; operator '
    'is seen by operators only.';
COMMENT ON COLUMN role.id IS 'The role''s number.';
COMMENT ON COLUMN role.company_id IS 'The company whose own it is; NULL: built in.';
COMMENT ON COLUMN role.name IS 'The name.';
COMMENT ON COLUMN role.created_at IS 'When it was created.';
CREATE UNIQUE INDEX role_name_unique ON role (coalesce(company_id, 0), name);
CALL protect('role', 'id');
CREATE POLICY visible ON role FOR SELECT TO jiayi_app
    USING (CASE WHEN company_id IS NULL THEN (name = 'operator') = me_operator()
                ELSE company_id = me_company() END);
CREATE POLICY own_insert ON role FOR INSERT TO jiayi_app WITH CHECK (company_id = me_company());
CREATE POLICY own_delete ON role FOR DELETE TO jiayi_app USING (company_id = me_company());
GRANT SELECT, DELETE ON role TO jiayi_app;
GRANT INSERT (company_id, name) ON role TO jiayi_app;
CALL open_to_auth('role', 'SELECT');

CREATE TABLE role_permission (
    role_id    bigint NOT NULL REFERENCES role ON DELETE CASCADE,
    permission text NOT NULL REFERENCES permission,
    scope      text NOT NULL REFERENCES scope,
    bits       int NOT NULL,
    reads      text NOT NULL,
    PRIMARY KEY (role_id, permission)
);
COMMENT ON TABLE role_permission IS 'What a role permits. Seen with the role.';
COMMENT ON COLUMN role_permission.role_id IS 'The role.';
COMMENT ON COLUMN role_permission.permission IS 'The permission.';
COMMENT ON COLUMN role_permission.scope IS 'How far it reaches, as it was granted.';
COMMENT ON COLUMN role_permission.bits IS
    'The scope''s bits, without shared where the permission cannot reach it. Kept by a trigger.';
COMMENT ON COLUMN role_permission.reads IS
    'permission.reads, copied so that authorize() looks up one table less. Kept by a trigger.';
CALL protect('role_permission', 'role_id,permission', '');
CREATE POLICY visible ON role_permission FOR SELECT TO jiayi_app
    USING (role_id IN (SELECT r.id FROM role AS r));
CREATE POLICY own_insert ON role_permission FOR INSERT TO jiayi_app
    WITH CHECK (role_id IN (SELECT r.id FROM role AS r WHERE r.company_id = me_company()));
CREATE POLICY own_update ON role_permission FOR UPDATE TO jiayi_app
    USING (role_id IN (SELECT r.id FROM role AS r WHERE r.company_id = me_company()));
CREATE POLICY own_delete ON role_permission FOR DELETE TO jiayi_app
    USING (role_id IN (SELECT r.id FROM role AS r WHERE r.company_id = me_company()));
GRANT SELECT, DELETE ON role_permission TO jiayi_app;
GRANT INSERT (role_id, permission, scope), UPDATE (scope) ON role_permission TO jiayi_app;
CALL open_to_auth('role_permission', 'SELECT');

---- Members and teams

CREATE TABLE member (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    person_id  bigint NOT NULL,
    email      text NOT NULL,
    name       text NOT NULL CONSTRAINT member_name_length CHECK (length(name) BETWEEN 1 AND 254),
    role_id    bigint NOT NULL CONSTRAINT member_role REFERENCES role,
    manager_id bigint,
    state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'removed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (company_id, id),
    CONSTRAINT member_email_unique UNIQUE (company_id, email),
    CONSTRAINT member_person FOREIGN KEY (person_id, email) REFERENCES person (id, email)
        ON UPDATE CASCADE,
    CONSTRAINT member_manager FOREIGN KEY (company_id, manager_id)
        REFERENCES member (company_id, id),
    CONSTRAINT member_own_manager CHECK (manager_id <> id)
);
COMMENT ON TABLE member IS
    'A person acting for a company. Its members see one another: in calls about members as far as '
    'member.read reaches, in others by name and address.';
COMMENT ON COLUMN member.id IS 'The member''s number.';
COMMENT ON COLUMN member.company_id IS 'The company.';
COMMENT ON COLUMN member.person_id IS 'The person.';
COMMENT ON COLUMN member.email IS 'The person''s e-mail address, kept here for the company to see.';
COMMENT ON COLUMN member.name IS 'The name in this company.';
COMMENT ON COLUMN member.role_id IS 'The role: built in or of the same company.';
COMMENT ON COLUMN member.manager_id IS
    'The manager, a member of the same company; NULL: none. There are no cycles.';
COMMENT ON COLUMN member.state IS 'active, or removed: may not sign in, and what was theirs stays.';
COMMENT ON COLUMN member.created_at IS 'When the member was added first.';
-- A person's memberships, at sign-in; the holders of a role; those below a manager.
CREATE INDEX member_of_person ON member (person_id);
CREATE INDEX member_by_role ON member (role_id);
CREATE INDEX member_by_manager ON member (manager_id) WHERE manager_id IS NOT NULL;

CREATE TABLE team (
    manager_id bigint NOT NULL REFERENCES member,
    member_id  bigint NOT NULL REFERENCES member,
    PRIMARY KEY (manager_id, member_id)
);
COMMENT ON TABLE team IS
    'Who is below whom, at any depth: the transitive closure of member.manager_id, kept by a '
    'trigger. A caller sees who is below the caller.';
COMMENT ON COLUMN team.manager_id IS 'Somebody.';
COMMENT ON COLUMN team.member_id IS 'A member below.';
-- Those above a member, when the tree changes.
CREATE INDEX team_by_member ON team (member_id);
CALL protect('team', NULL);
CREATE POLICY mine ON team FOR SELECT TO jiayi_app USING (manager_id = me_member());
GRANT SELECT ON team TO jiayi_app;
CALL open_to_auth('team', 'SELECT, INSERT, DELETE');

CREATE FUNCTION me_team() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT array_agg(t.member_id) FROM jiayi.team AS t
        WHERE t.manager_id = jiayi.me_member());
END
$$;
COMMENT ON FUNCTION me_team() IS
    'The members below the caller. A function, so that a statement pays for it only when a policy '
    'gets that far; in policies as (SELECT me_team()), once for a statement.';
GRANT EXECUTE ON FUNCTION me_team() TO jiayi_app;

CALL protect('member', 'id');
CREATE POLICY own ON member FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           AND (me_sight() & 4 <> 0 OR me_permission() NOT LIKE 'member.%'
                OR id = me_member()
                OR (me_sight() & 2 <> 0
                    AND id = ANY ((SELECT me_team())::bigint[]))));
GRANT SELECT ON member TO jiayi_app;
CALL open_to_auth('member', 'SELECT, INSERT, UPDATE');

-- Members are changed by functions of jiayi_auth only: they concern accounts, sessions and teams as
-- well.

---- Sessions and what guards them

CREATE TABLE credential (
    member_id  bigint PRIMARY KEY REFERENCES member,
    phc        text NOT NULL CONSTRAINT credential_phc_form CHECK (phc ~ '^\$argon2id\$'),
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE credential IS
    'A member''s password, hashed. Each company vouches for the passwords of its own members, so that '
    'none can set one that another trusts; memberships of a person that have the same hash, salt '
    'included, have one password. No call sees this table.';
COMMENT ON COLUMN credential.member_id IS 'Whose it is.';
COMMENT ON COLUMN credential.phc IS
    'The argon2id hash as a PHC string, parameters and salt included.';
COMMENT ON COLUMN credential.changed_at IS 'When the password was set.';
CALL protect('credential', 'member_id', '', 'phc');
CALL open_to_auth('credential', 'SELECT, INSERT, UPDATE');

CREATE TABLE session (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id    bigint NOT NULL REFERENCES member,
    token_hash   bytea NOT NULL CONSTRAINT session_token_unique UNIQUE
        CHECK (length(token_hash) = 32),
    client       text CHECK (length(client) <= 200),
    address      text CHECK (length(address) <= 100),
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    last_address text CHECK (length(last_address) <= 100),
    idle_timeout interval NOT NULL DEFAULT '12 hours',
    expires_at   timestamptz NOT NULL DEFAULT now() + interval '30 days',
    revoked_at   timestamptz
);
COMMENT ON TABLE session IS 'A sign-in. A member sees their own.';
COMMENT ON COLUMN session.id IS 'The session''s number.';
COMMENT ON COLUMN session.member_id IS 'The member that it acts as.';
COMMENT ON COLUMN session.token_hash IS 'The SHA-256 of the token; the token itself is nowhere.';
COMMENT ON COLUMN session.client IS 'The program that opened it, as it calls itself.';
COMMENT ON COLUMN session.address IS 'The network address that it was opened from.';
COMMENT ON COLUMN session.created_at IS 'When it was opened.';
COMMENT ON COLUMN session.last_seen_at IS 'When it was last used; noted at most once a minute.';
COMMENT ON COLUMN session.last_address IS 'The network address that it was used from then.';
COMMENT ON COLUMN session.idle_timeout IS 'How long it lasts unused.';
COMMENT ON COLUMN session.expires_at IS 'When it ends at the latest.';
COMMENT ON COLUMN session.revoked_at IS 'When it was ended before its time; NULL: it was not.';
-- A member's sessions, newest first.
CREATE INDEX session_of_member ON session (member_id, id DESC);
-- That a session was used is no change that anybody looks for.
CALL protect('session', 'id', '', 'token_hash,last_seen_at,last_address',
    'INSERT OR DELETE OR UPDATE OF revoked_at');
CREATE POLICY own ON session FOR SELECT TO jiayi_app USING (member_id = me_member());
CREATE POLICY own_update ON session FOR UPDATE TO jiayi_app USING (member_id = me_member());
GRANT SELECT (id, member_id, client, address, created_at, last_seen_at, last_address,
    idle_timeout, expires_at, revoked_at),
      UPDATE (revoked_at) ON session TO jiayi_app;
CALL open_to_auth('session', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE login_failure (
    email   text NOT NULL,
    address text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE login_failure IS
    'Wrong passwords of late, for throttling. No call sees this table.';
COMMENT ON COLUMN login_failure.email IS 'The account that was tried, whether there is one or not.';
COMMENT ON COLUMN login_failure.address IS 'The network address that it came from.';
COMMENT ON COLUMN login_failure.at IS 'When.';
CREATE INDEX login_failure_email ON login_failure (email, at DESC);
CREATE INDEX login_failure_address ON login_failure (address, at DESC);
CALL protect('login_failure', NULL);
CALL open_to_auth('login_failure', 'SELECT, INSERT, DELETE');

CREATE TABLE call_record (
    member_id      bigint NOT NULL REFERENCES member,
    request_id     bytea NOT NULL,
    method         text NOT NULL,
    request_sha256 bytea NOT NULL,
    answer         jsonb,
    at             timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT call_record_once PRIMARY KEY (member_id, request_id)
);
COMMENT ON TABLE call_record IS
    'The writes that were applied, each with its answer, so that one that is sent again is not '
    'applied again. Kept for two days. A caller sees their own.';
COMMENT ON COLUMN call_record.member_id IS 'Who called.';
COMMENT ON COLUMN call_record.request_id IS 'The 16 bytes that name the call.';
COMMENT ON COLUMN call_record.method IS 'The method.';
COMMENT ON COLUMN call_record.request_sha256 IS 'The SHA-256 of the request, without its secrets.';
COMMENT ON COLUMN call_record.answer IS 'The rows that it answered, as an array of objects.';
COMMENT ON COLUMN call_record.at IS 'When.';
-- For housekeeping, which deletes the oldest: they lie together.
CREATE INDEX call_record_at ON call_record USING brin (at);
CALL protect('call_record', NULL);
CREATE POLICY own ON call_record FOR SELECT TO jiayi_app USING (member_id = me_member());
CREATE POLICY own_insert ON call_record FOR INSERT TO jiayi_app WITH
    CHECK (member_id = me_member());
GRANT SELECT, INSERT ON call_record TO jiayi_app;
CALL open_to_auth('call_record', 'SELECT, INSERT, DELETE');

CREATE POLICY visible ON audit_log FOR SELECT TO jiayi_app
    USING (company_id = me_company()
           AND (me_sight() & 4 <> 0
                OR (me_sight() & 1 <> 0 AND member_id = me_member())
                OR (me_sight() & 2 <> 0
                    AND member_id = ANY ((SELECT me_team())::bigint[]))));

---- authorize: the first statement of every call

CREATE FUNCTION authorize(
    token_hash bytea, permission text, request_id bytea, request_sha256 bytea, method text,
    timeout_ms int, address text,
    OUT member_id bigint, OUT company_id bigint, OUT member text, OUT company text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s  record;
    cr record;
    t  timestamptz := now();
BEGIN
    SELECT s.id, s.member_id, m.company_id, m.email, m.role_id, m.state, c.slug,
           c.is_system, s.expires_at, s.last_seen_at, s.last_seen_at + s.idle_timeout AS idle_at,
           s.revoked_at, mine.bits, coalesce(mine.bits | sees.bits, mine.bits) AS sight
    INTO s
    FROM jiayi.session AS s
    JOIN jiayi.member AS m ON m.id = s.member_id
    JOIN jiayi.company AS c ON c.id = m.company_id
    LEFT JOIN jiayi.role_permission AS mine ON mine.role_id = m.role_id
        AND mine.permission = authorize.permission
    LEFT JOIN jiayi.role_permission AS sees ON sees.role_id = m.role_id
        AND sees.permission = mine.reads
    WHERE s.token_hash = authorize.token_hash;
    IF NOT FOUND OR s.revoked_at IS NOT NULL OR s.state <> 'active' THEN
        RAISE EXCEPTION USING ERRCODE = 'JY016', MESSAGE = 'sign in first: jiayi login';
    END IF;
    IF s.expires_at <= t OR s.idle_at <= t THEN
        RAISE EXCEPTION USING ERRCODE = 'JY016',
            MESSAGE = 'the session has expired; sign in again: jiayi login';
    END IF;
    IF s.bits IS NULL AND authorize.permission <> 'session' THEN
        -- The detail is for the server's log: who was refused.
        RAISE EXCEPTION USING ERRCODE = 'JY007', DETAIL = format('caller=%s %s', s.email, s.slug),
            MESSAGE = format('your role %s lacks the permission %s',
                             (SELECT r.name FROM jiayi.role AS r WHERE r.id = s.role_id),
                             authorize.permission);
    END IF;
    PERFORM set_config('jiayi.member_id', s.member_id::text, true),
            set_config('jiayi.company_id', s.company_id::text, true),
            set_config('jiayi.session_id', s.id::text, true),
            set_config('jiayi.is_operator', s.is_system::text, true),
            set_config('jiayi.permission', authorize.permission, true),
            set_config('jiayi.scope', coalesce(s.bits, 0)::text, true),
            set_config('jiayi.read_scope', coalesce(s.sight, 0)::text, true),
            set_config('jiayi.method', authorize.method, true),
            set_config('jiayi.request_id', coalesce(encode(authorize.request_id, 'hex'), ''), true),
            set_config('statement_timeout', authorize.timeout_ms::text, true);
    IF authorize.request_sha256 IS NOT NULL THEN
        -- The same request sent again while the first is still under way waits here for its outcome.
        PERFORM pg_advisory_xact_lock(
            hashtextextended(encode(authorize.request_id, 'hex'), s.member_id));
        SELECT r.request_sha256, r.method INTO cr FROM jiayi.call_record AS r
        WHERE r.member_id = s.member_id AND r.request_id = authorize.request_id;
        IF FOUND THEN
            IF cr.request_sha256 = authorize.request_sha256 AND cr.method = authorize.method THEN
                RAISE EXCEPTION USING ERRCODE = 'JY000',
                    MESSAGE = 'this request was applied before';
            END IF;
            RAISE EXCEPTION USING ERRCODE = 'JY006', DETAIL = format('caller=%s %s', s.email, s.slug),
                MESSAGE = 'this request_id was used for another request';
        END IF;
    END IF;
    IF s.last_seen_at < t - interval '1 minute' THEN
        -- Of several calls at once the first notes it; none waits for another.
        UPDATE jiayi.session AS u SET last_seen_at = t, last_address = left(authorize.address, 100)
        WHERE u.id = (SELECT l.id FROM jiayi.session AS l
            WHERE l.id = s.id FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    member_id := s.member_id;
    company_id := s.company_id;
    member := s.email;
    company := s.slug;
END
$$;
COMMENT ON FUNCTION authorize(bytea, text, bytea, bytea, text, int, text) IS
    'Checks the caller''s session and permission and says who calls, for this transaction. The '
    'first statement of every call. request_sha256 is NULL except for a WRITE; one that was '
    'applied already ends in JY000.';

CREATE FUNCTION authorize_public(method text, request_id bytea, timeout_ms int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('jiayi.method', method, true),
            set_config('jiayi.request_id', coalesce(encode(request_id, 'hex'), ''), true),
            set_config('statement_timeout', timeout_ms::text, true);
END
$$;
COMMENT ON FUNCTION authorize_public(text, bytea, int) IS
    'What authorize() is for methods that are open to everybody.';

---- Names of what the caller may know of but not see

CREATE FUNCTION email_of(member_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT m.email FROM jiayi.member AS m WHERE m.id = email_of.member_id);
END
$$;
COMMENT ON FUNCTION email_of(bigint) IS
    'The e-mail address of a member of any company: of the owner or author of what is shared with '
    'mine.';

CREATE FUNCTION slug_of(company_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT c.slug FROM jiayi.company AS c WHERE c.id = slug_of.company_id);
END
$$;
COMMENT ON FUNCTION slug_of(bigint) IS 'The short name of any company.';

CREATE FUNCTION company_of(member_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT c.slug FROM jiayi.member AS m JOIN jiayi.company AS c ON c.id = m.company_id
        WHERE m.id = company_of.member_id);
END
$$;
COMMENT ON FUNCTION company_of(bigint) IS 'The short name of any member''s company.';

CREATE FUNCTION members_elsewhere(email text) RETURNS bigint[]
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT array_agg(m.id) FROM jiayi.person AS p JOIN jiayi.member AS m
        ON m.person_id = p.id
            WHERE p.email = lower(members_elsewhere.email) AND m.company_id <> jiayi.me_company());
END
$$;
COMMENT ON FUNCTION members_elsewhere(text) IS
    'That person''s memberships in other companies than the caller''s, or NULL; to find what is '
    'shared by its owner or author.';

CREATE FUNCTION company_by_slug(slug text) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT c.id FROM jiayi.company AS c WHERE c.slug = company_by_slug.slug
        AND NOT c.is_system);
END
$$;
COMMENT ON FUNCTION company_by_slug(text) IS
    'The company of that short name, whether the caller sees it or not; for invitations.';

---- Rules of roles

CREATE FUNCTION role_permission_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    owner bigint;
    mine  int;
    whole boolean;
BEGIN
    SELECT r.company_id INTO owner FROM jiayi.role AS r
           WHERE r.id = coalesce(NEW.role_id, OLD.role_id);
    IF owner IS NULL AND FOUND AND jiayi.caller() IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'JY009',
            MESSAGE = 'a built-in role cannot be changed; make one of your own with role create';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT s.bits & CASE WHEN p.shareable THEN 15 ELSE 7 END, p.reads, p.whole
    INTO NEW.bits, NEW.reads, whole
    FROM jiayi.scope AS s, jiayi.permission AS p WHERE s.word = NEW.scope
        AND p.name = NEW.permission;
    IF jiayi.caller() IS NOT NULL THEN
        SELECT rp.bits INTO mine FROM jiayi.member AS m
        JOIN jiayi.role_permission AS rp ON rp.role_id = m.role_id
            AND rp.permission = NEW.permission WHERE m.id = jiayi.caller();
        IF NEW.bits & ~coalesce(mine, 0) <> 0 THEN
            RAISE EXCEPTION USING ERRCODE = 'JY007',
                MESSAGE = format('you cannot grant %s:%s, for you do not have it yourself',
                    NEW.permission, NEW.scope);
        END IF;
    END IF;
    IF whole AND NEW.bits & 4 = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'JY003', DETAIL = 'field=grants',
            MESSAGE = format('%s is about the company as a whole; grant %s:company', NEW.permission,
                             NEW.permission);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION role_permission_guard() IS
    'Trigger: works out the bits; built-in roles change in migrations only; nobody grants what '
    'they lack.';
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON role_permission
    FOR EACH ROW EXECUTE FUNCTION role_permission_guard();

CREATE FUNCTION role_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF jiayi.caller() IS NULL THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.company_id IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'JY009',
                MESSAGE = format('the role %s is built in and cannot be deleted', OLD.name);
        END IF;
        IF EXISTS (SELECT FROM jiayi.member AS m WHERE m.role_id = OLD.id
            AND m.state = 'active') THEN
            RAISE EXCEPTION USING ERRCODE = 'JY009',
                MESSAGE = format('members have the role %s; give them another first: '
                                 'jiayi member set-role', OLD.name);
        END IF;
        IF EXISTS (SELECT FROM jiayi.member AS m WHERE m.role_id = OLD.id) THEN
            -- Those who were removed keep no right by it; one who comes back is given a role anew.
            UPDATE jiayi.member AS m SET role_id = (SELECT r.id FROM jiayi.role AS r
                WHERE r.company_id IS NULL AND r.name = 'salesperson')
            WHERE m.role_id = OLD.id;
        END IF;
        RETURN OLD;
    END IF;
    IF EXISTS (SELECT FROM jiayi.role AS r WHERE r.company_id IS NULL AND r.name = NEW.name) THEN
        RAISE EXCEPTION USING ERRCODE = 'JY006',
            MESSAGE = format('there is a built-in role %s; take another name', NEW.name);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION role_guard() IS
    'Trigger: built-in roles stay, and so does a role that somebody has.';
CREATE TRIGGER guard BEFORE INSERT OR DELETE ON role FOR EACH ROW EXECUTE FUNCTION role_guard();

CREATE FUNCTION role_by_name(name text, own_only boolean DEFAULT false) RETURNS bigint
    LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found role;
BEGIN
    SELECT r.* INTO found FROM role AS r WHERE r.name = role_by_name.name;
    IF found.id IS NULL THEN
        PERFORM refuse('JY005', format('no role %s; jiayi role list shows them', name));
    ELSIF own_only AND found.company_id IS NULL THEN
        PERFORM refuse('JY009',
            format('the role %s is built in and cannot be changed; '
                   'make one of your own with role create', name));
    END IF;
    RETURN found.id;
END
$$;
COMMENT ON FUNCTION role_by_name(text, boolean) IS
    'A role that the caller sees, by its name; own_only: one that may be changed.';

CREATE FUNCTION add_grants(role_id bigint, grants text[]) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    one  text;
    what text;
    far  text;
BEGIN
    FOREACH one IN ARRAY grants LOOP
        what := split_part(one, ':', 1);
        far := split_part(one, ':', 2);
        IF NOT EXISTS (SELECT FROM permission AS p WHERE p.name = what) THEN
            PERFORM refuse('JY003',
                format('unknown permission %s; jiayi role show admin lists them', what));
        ELSIF NOT EXISTS (SELECT FROM scope AS s WHERE s.word = far) THEN
            PERFORM refuse('JY003',
                format('unknown scope %s; take own, own+shared, team, team+shared, company or '
                       'partners', far));
        END IF;
        INSERT INTO role_permission (role_id, permission, scope)
            VALUES (add_grants.role_id, what, far)
        ON CONFLICT ON CONSTRAINT role_permission_pkey DO UPDATE SET scope = excluded.scope;
    END LOOP;
END
$$;
COMMENT ON FUNCTION add_grants(bigint, text[]) IS
    'Puts permissions such as deal.read:team into a role.';

CREATE TYPE role_view AS (name text, builtin boolean, members int, permissions text[]);
COMMENT ON TYPE role_view IS 'A role as calls answer it.';

CREATE FUNCTION role_show(role_id bigint) RETURNS SETOF role_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT r.name, r.company_id IS NULL,
           (SELECT count(*)::int FROM member AS m WHERE m.role_id = r.id
               AND m.company_id = me_company() AND m.state = 'active'),
           coalesce((SELECT array_agg(rp.permission || ':' || rp.scope ORDER BY rp.permission)
                     FROM role_permission AS rp WHERE rp.role_id = r.id), '{}')
    FROM role AS r WHERE r.id = role_show.role_id;
END
$$;
COMMENT ON FUNCTION role_show(bigint) IS
    'A role as it is now, in the middle of a statement that changes it too.';

CREATE FUNCTION role_create(name text, grants text[]) RETURNS SETOF role_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    IF EXISTS (SELECT FROM role AS r WHERE r.name = role_create.name
        AND r.company_id IS NOT NULL) THEN
        PERFORM refuse('JY006', format('there is a role %s already', name));
    END IF;
    INSERT INTO role (company_id, name) VALUES (me_company(), role_create.name)
        RETURNING id INTO made;
    PERFORM add_grants(made, grants);
    RETURN QUERY SELECT * FROM role_show(made);
END
$$;
COMMENT ON FUNCTION role_create(text, text[]) IS 'Makes a role of the caller''s company.';

CREATE FUNCTION role_grant(name text, what text) RETURNS SETOF role_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    which bigint := role_by_name(name, true);
BEGIN
    PERFORM add_grants(which, ARRAY[what]);
    RETURN QUERY SELECT * FROM role_show(which);
END
$$;
COMMENT ON FUNCTION role_grant(text, text) IS 'Puts a permission into a role.';

CREATE FUNCTION role_revoke(name text, what text) RETURNS SETOF role_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    which bigint := role_by_name(name, true);
BEGIN
    DELETE FROM role_permission AS rp WHERE rp.role_id = which AND rp.permission = what;
    IF NOT FOUND THEN
        PERFORM refuse('JY005', format('the role %s has no permission %s', name, what));
    END IF;
    RETURN QUERY SELECT * FROM role_show(which);
END
$$;
COMMENT ON FUNCTION role_revoke(text, text) IS 'Takes a permission out of a role.';

---- Rules of members

CREATE FUNCTION reaches(owner bigint, bits int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN bits & 4 <> 0
        OR (bits & 1 <> 0 AND owner = jiayi.me_member())
        OR (bits & 2 <> 0 AND EXISTS (SELECT FROM jiayi.team AS t
            WHERE t.manager_id = jiayi.me_member() AND t.member_id = owner));
END
$$;
COMMENT ON FUNCTION reaches(bigint, int) IS
    'Whether a scope of the caller reaches what belongs to that member of the same company.';

CREATE FUNCTION role_beyond(role_id bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT rp.permission || ':' || rp.scope
    FROM jiayi.role_permission AS rp
    LEFT JOIN jiayi.role_permission AS mine ON mine.permission = rp.permission
        AND mine.role_id = (SELECT m.role_id FROM jiayi.member AS m WHERE m.id = jiayi.caller())
    WHERE rp.role_id = role_beyond.role_id AND rp.bits & ~coalesce(mine.bits, 0) <> 0
    ORDER BY rp.permission LIMIT 1
$$;
COMMENT ON FUNCTION role_beyond(bigint) IS
    'What a role permits beyond the caller''s own, such as deal.read:company; NULL: nothing.';

CREATE FUNCTION member_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    me     bigint := caller();
    given  role;
    boss   member;
    beyond text;
    was_admin boolean;
BEGIN
    -- Two changes in a company at once could together make a cycle, or take away the last two
    -- admins.
    PERFORM FROM company AS c WHERE c.id = NEW.company_id FOR NO KEY UPDATE;

    IF TG_OP = 'INSERT' OR NEW.role_id <> OLD.role_id OR NEW.state <> OLD.state THEN
        SELECT * INTO given FROM role AS r WHERE r.id = NEW.role_id;
        IF given.company_id <> NEW.company_id
           OR (given.company_id IS NULL AND given.name = 'operator')
              <> (SELECT c.is_system FROM company AS c WHERE c.id = NEW.company_id) THEN
            PERFORM refuse('JY009', format('the role %s is not for this company', given.name));
        END IF;
        IF NEW.state = 'active' AND me IS NOT NULL AND me_permission() <> 'company.create' THEN
            beyond := role_beyond(NEW.role_id);
            IF beyond IS NOT NULL THEN
                PERFORM refuse('JY007',
                    format('you cannot give the role %s, for you do not have %s yourself',
                           given.name, beyond));
            END IF;
        END IF;
    END IF;

    IF TG_OP = 'UPDATE' AND OLD.state = 'active'
        AND (NEW.state <> 'active' OR NEW.role_id <> OLD.role_id) THEN
        SELECT r.company_id IS NULL AND r.name = 'admin' INTO was_admin
        FROM role AS r WHERE r.id = OLD.role_id;
        IF was_admin AND me IS NOT NULL AND role_beyond(OLD.role_id) IS NOT NULL THEN
            PERFORM refuse('JY007', format('%s is an admin; only an admin can change that',
                OLD.email));
        END IF;
        -- The built-in admin is the one role that can give back what was taken away.
        IF was_admin
           AND NOT EXISTS (SELECT FROM member AS m WHERE m.company_id = OLD.company_id
               AND m.role_id = OLD.role_id
                           AND m.state = 'active' AND m.id <> OLD.id) THEN
            PERFORM refuse('JY009',
                format('%s is the last admin of %s; make somebody else admin first', OLD.email,
                slug_of(OLD.company_id)));
        END IF;
    END IF;

    IF NEW.manager_id IS NOT NULL
       AND (TG_OP = 'INSERT' OR NEW.manager_id IS DISTINCT FROM OLD.manager_id) THEN
        SELECT * INTO boss FROM member AS m WHERE m.id = NEW.manager_id;
        IF boss.id = NEW.id THEN
            PERFORM refuse('JY003', 'nobody can be their own manager; name another manager');
        ELSIF EXISTS (SELECT FROM team AS t WHERE t.manager_id = NEW.id
            AND t.member_id = NEW.manager_id) THEN
            PERFORM refuse('JY009',
                format('%s is below %s, who cannot come below %s in turn; name another manager',
                                           boss.email, NEW.email, boss.email));
        END IF;
        -- Who reaches the own team, but not the company, must not make that team larger.
        IF TG_OP = 'UPDATE' AND me IS NOT NULL AND OLD.id <> me
           AND (boss.id = me OR EXISTS (SELECT FROM team AS t WHERE t.manager_id = me
                                        AND t.member_id = boss.id))
           AND NOT EXISTS (SELECT FROM team AS t WHERE t.manager_id = me AND t.member_id = OLD.id)
           AND EXISTS (SELECT FROM role_permission AS rp JOIN member AS m ON m.role_id = rp.role_id
                       WHERE m.id = me AND rp.bits & 6 = 2) THEN
            PERFORM refuse('JY007', format('that would bring %s under yourself and widen what you '
                'reach; somebody else must do it', OLD.email));
        END IF;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION member_guard() IS
    'Trigger: nobody gives a role with more than their own; the last admin stays; managers make '
    'no cycles.';
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON member FOR EACH ROW EXECUTE FUNCTION member_guard();

CREATE FUNCTION team_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    moved bigint[];
BEGIN
    SELECT array_agg(t.member_id) || NEW.id INTO moved FROM team AS t WHERE t.manager_id = NEW.id;
    DELETE FROM team AS t WHERE t.member_id = ANY (moved) AND t.manager_id <> ALL (moved);
    IF NEW.manager_id IS NOT NULL THEN
        INSERT INTO team (manager_id, member_id)
        SELECT above.id, below.id
        FROM (SELECT NEW.manager_id UNION ALL SELECT t.manager_id FROM team AS t
            WHERE t.member_id = NEW.manager_id) AS above(id),
             unnest(moved) AS below(id);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION team_keep() IS
    'Trigger: keeps team, when a member with all below comes under another manager.';
CREATE TRIGGER team AFTER INSERT OR UPDATE OF manager_id
    ON member FOR EACH ROW EXECUTE FUNCTION team_keep();

CREATE TYPE member_view AS (id bigint, email text, name text, role text, manager text, state text,
    created_at timestamptz);
COMMENT ON TYPE member_view IS 'A member as calls answer it.';

CREATE FUNCTION member_show(member_id bigint) RETURNS SETOF member_view LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT m.id, m.email, m.name, r.name, b.email, m.state, m.created_at
    FROM member AS m JOIN role AS r ON r.id = m.role_id LEFT JOIN member AS b ON b.id = m.manager_id
    WHERE m.id = member_show.member_id;
END
$$;
COMMENT ON FUNCTION member_show(bigint) IS
    'A member as it is now, in the middle of a statement that changes it too.';

CREATE FUNCTION member_by_email(email text) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    IF email IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT m.id INTO found FROM member AS m
    WHERE m.company_id = me_company() AND m.email = lower(member_by_email.email)
        AND m.state = 'active';
    IF found IS NULL THEN
        PERFORM refuse('JY005', format('no member %s', lower(email)));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION member_by_email(text) IS
    'An active member of the caller''s company; NULL for NULL; the call ends where there is none.';

CREATE FUNCTION member_to_manage(email text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    PERFORM FROM company AS c WHERE c.id = me_company() FOR NO KEY UPDATE;
    found := member_by_email(email);
    IF NOT reaches(found, me_sight()) THEN
        PERFORM refuse('JY005', format('no member %s', lower(email)));
    ELSIF NOT reaches(found, me_scope()) THEN
        PERFORM refuse('JY007', format('you may see the member %s but not manage them',
            lower(email)));
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION member_to_manage(text) IS
    'A member whom the caller may manage. Locks the company, so that changes come one after '
    'another.';

CREATE FUNCTION member_manager(email text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint := member_by_email(email);
BEGIN
    IF me_scope() & 4 = 0 AND (found IS NULL OR NOT reaches(found, me_scope() | 1)) THEN
        PERFORM refuse('JY007',
            'you may put members only under yourself or somebody below you; name such a manager');
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION member_manager(text) IS
    'The manager that the caller may put a member under; NULL for NULL.';

CREATE FUNCTION person_for(email text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    SELECT p.id INTO found FROM person AS p WHERE p.email = lower(person_for.email);
    IF found IS NULL THEN
        INSERT INTO person (email) VALUES (lower(person_for.email)) RETURNING id INTO found;
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION person_for(text) IS 'The person of that address, made where there is none.';

CREATE FUNCTION password_give(member_id bigint, phc text, flag text) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who    record;
    others text[];
BEGIN
    SELECT m.person_id, m.email INTO who FROM member AS m WHERE m.id = password_give.member_id;
    IF phc IS NULL AND NOT EXISTS (SELECT FROM credential AS k
                                   WHERE k.member_id = password_give.member_id) THEN
        SELECT array_agg(DISTINCT k.phc) INTO others FROM credential AS k
        JOIN member AS m ON m.id = k.member_id WHERE m.person_id = who.person_id;
        IF others IS NULL THEN
            PERFORM refuse('JY009', format('%s has no account yet; give a first password with --%s',
                who.email, flag));
        ELSIF cardinality(others) > 1 THEN
            PERFORM refuse('JY009', format('%s has several passwords; give one for here with --%s',
                who.email, flag));
        END IF;
        phc := others[1];
    END IF;
    INSERT INTO credential (member_id, phc) SELECT password_give.member_id, password_give.phc
    WHERE password_give.phc IS NOT NULL
    ON CONFLICT ON CONSTRAINT credential_pkey
        DO UPDATE SET phc = excluded.phc, changed_at = now();
END
$$;
COMMENT ON FUNCTION password_give(bigint, text, text) IS
    'Gives a new member the password whose hash is phc; without one, that of the person''s other '
    'memberships. flag names the client''s flag, for the refusal.';

CREATE FUNCTION member_add(email text, name text, role text, manager text, phc text)
    RETURNS SETOF member_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    given  bigint;
    boss   bigint;
    who    bigint;
    made   bigint;
    before text;
BEGIN
    PERFORM FROM company AS c WHERE c.id = me_company() FOR NO KEY UPDATE;
    SELECT r.id INTO given FROM role AS r
    WHERE r.name = member_add.role AND (r.company_id = me_company()
        OR (r.company_id IS NULL AND (r.name = 'operator') = me_operator()));
    IF given IS NULL THEN
        PERFORM refuse('JY005', format('no role %s; jiayi role list shows them', role));
    END IF;
    boss := member_manager(manager);
    SELECT m.id, m.state INTO made, before FROM member AS m WHERE m.company_id = me_company()
           AND m.email = lower(member_add.email);
    IF before = 'active' THEN
        PERFORM refuse('JY006', format('%s is a member already', lower(email)));
    ELSIF before = 'removed' THEN
        UPDATE member AS m SET state = 'active', name = member_add.name, role_id = given,
            manager_id = boss WHERE m.id = made;
    ELSE
        who := person_for(email);
        INSERT INTO member (company_id, person_id, email, name, role_id, manager_id)
        VALUES (me_company(), who, lower(member_add.email), member_add.name, given, boss)
            RETURNING id INTO made;
    END IF;
    PERFORM password_give(made, phc, 'password-file');
    RETURN QUERY SELECT * FROM member_show(made);
END
$$;
COMMENT ON FUNCTION member_add(text, text, text, text, text) IS
    'Adds a member to the caller''s company, or takes one back. phc is the first password''s '
    'hash, for somebody without an account.';

CREATE FUNCTION member_set_role(email text, role text) RETURNS SETOF member_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who   bigint := member_to_manage(email);
    given bigint;
BEGIN
    SELECT r.id INTO given FROM role AS r
    WHERE r.name = member_set_role.role AND (r.company_id = me_company()
        OR (r.company_id IS NULL AND (r.name = 'operator') = me_operator()));
    IF given IS NULL THEN
        PERFORM refuse('JY005', format('no role %s; jiayi role list shows them', role));
    END IF;
    UPDATE member AS m SET role_id = given WHERE m.id = who;
    RETURN QUERY SELECT * FROM member_show(who);
END
$$;
COMMENT ON FUNCTION member_set_role(text, text) IS
    'Gives a member of the caller''s company another role.';

CREATE FUNCTION member_set_manager(email text, manager text) RETURNS SETOF member_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who  bigint := member_to_manage(email);
    boss bigint := member_manager(manager);
BEGIN
    UPDATE member AS m SET manager_id = boss WHERE m.id = who;
    RETURN QUERY SELECT * FROM member_show(who);
END
$$;
COMMENT ON FUNCTION member_set_manager(text, text) IS
    'Puts a member of the caller''s company under a manager; NULL: under none.';

CREATE FUNCTION member_remove(email text) RETURNS SETOF member_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    who bigint := member_to_manage(email);
BEGIN
    UPDATE member AS m SET state = 'removed' WHERE m.id = who;
    -- What was theirs stays in the team of those above; those below move up.
    UPDATE member AS m SET manager_id = (SELECT b.manager_id FROM member AS b WHERE b.id = who)
        WHERE m.manager_id = who;
    UPDATE session AS s SET revoked_at = now() WHERE s.member_id = who AND s.revoked_at IS NULL;
    RETURN QUERY SELECT * FROM member_show(who);
END
$$;
COMMENT ON FUNCTION member_remove(text) IS 'Removes a member from the caller''s company.';

CREATE TYPE company_view AS (id bigint, slug text, name text, created_at timestamptz);
COMMENT ON TYPE company_view IS 'A company as calls answer it.';

CREATE FUNCTION company_create(slug text, name text, admin text, phc text, admin_name text)
    RETURNS SETOF company_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made  bigint;
    first bigint;
BEGIN
    INSERT INTO company (slug, name) VALUES (company_create.slug, company_create.name)
    ON CONFLICT ON CONSTRAINT company_slug_unique DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        PERFORM refuse('JY006', format('there is a company %s already; take another short name',
            slug));
    END IF;
    INSERT INTO member (company_id, person_id, email, name, role_id)
    VALUES (made, person_for(admin), lower(admin), coalesce(admin_name, lower(admin)),
            (SELECT r.id FROM role AS r WHERE r.company_id IS NULL AND r.name = 'admin'))
    RETURNING id INTO first;
    PERFORM password_give(first, phc, 'admin-password-file');
    RETURN QUERY SELECT c.id, c.slug, c.name, c.created_at FROM company AS c WHERE c.id = made;
END
$$;
COMMENT ON FUNCTION company_create(text, text, text, text, text) IS
    'Makes a company and its first admin.';

---- Signing in

CREATE FUNCTION login_wait(email text, address text) RETURNS interval LANGUAGE sql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
    SELECT max(f.at) + interval '15 minutes' - now() FROM (
        (SELECT f.at FROM login_failure AS f WHERE f.email = $1 AND f.address = $2
            AND f.at > now() - interval '15 minutes'
         ORDER BY f.at DESC OFFSET 9 LIMIT 1)
        UNION ALL
        (SELECT f.at FROM login_failure AS f WHERE f.email = $1
            AND f.at > now() - interval '15 minutes' ORDER BY f.at DESC OFFSET 99 LIMIT 1)
        UNION ALL
        (SELECT f.at FROM login_failure AS f WHERE f.address = $2
            AND f.at > now() - interval '15 minutes' ORDER BY f.at DESC OFFSET 99 LIMIT 1)
    ) AS f
$$;
COMMENT ON FUNCTION login_wait(text, text) IS
    'How long an account waits after wrong passwords: 10 from one address, or 100 in all, or 100 '
    'from an address for any account, in 15 minutes. NULL: it need not.';

CREATE FUNCTION login_check(email text, address text) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    wait interval := login_wait(email, address);
BEGIN
    IF wait IS NOT NULL THEN
        PERFORM refuse('JY008', format('too many wrong passwords; try again in %s minutes',
            ceil(extract(epoch FROM wait) / 60)),
                       'retry_after_ms=' || greatest(1, ceil(extract(epoch FROM wait) * 1000)));
    END IF;
END
$$;
COMMENT ON FUNCTION login_check(text, text) IS
    'Refuses an account that has to wait after wrong passwords.';

CREATE FUNCTION login_find(email text, company text, address text)
    RETURNS TABLE (member_id bigint, company_slug text, phc text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM login_check(lower(email), coalesce(address, ''));
    RETURN QUERY
    SELECT f.id, f.slug, f.phc
    FROM (SELECT m.id, c.slug, k.phc, dense_rank() OVER (ORDER BY k.phc) AS nth
          FROM person AS p
          JOIN member AS m ON m.person_id = p.id
          JOIN credential AS k ON k.member_id = m.id
          JOIN company AS c ON c.id = m.company_id
          WHERE p.email = lower(login_find.email) AND m.state = 'active'
            AND (login_find.company IS NULL OR c.slug = login_find.company)) AS f
    -- To check a password takes long: of very many different ones only some are tried.
    WHERE f.nth <= 5
    ORDER BY f.phc, f.slug;
END
$$;
COMMENT ON FUNCTION login_find(text, text, text) IS
    'What is needed to check a password: the memberships of that address, those of one password '
    'together. Nothing of it may be told before the password is right.';

CREATE FUNCTION login_fail(email text, address text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO login_failure (email, address) VALUES (left(lower(login_fail.email), 254),
        left(coalesce(login_fail.address, ''), 100));
END
$$;
COMMENT ON FUNCTION login_fail(text, text) IS 'Notes a wrong password.';

CREATE FUNCTION login_open(
    member_id bigint, token_hash bytea, client text, address text,
    OUT session_id bigint, OUT expires_at timestamptz, OUT email text, OUT name text,
    OUT company text, OUT role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    who record;
BEGIN
    SELECT m.id, m.company_id, m.email, m.name, c.slug, r.name AS role INTO who
    FROM member AS m JOIN company AS c ON c.id = m.company_id JOIN role AS r ON r.id = m.role_id
    WHERE m.id = login_open.member_id AND m.state = 'active' FOR KEY SHARE OF m;
    IF who.id IS NULL THEN
        PERFORM refuse('JY016', 'wrong e-mail address, password or company');
    END IF;
    -- From here on it is this member who acts; the log of changes says so.
    PERFORM set_config('jiayi.member_id', who.id::text, true), set_config('jiayi.company_id',
        who.company_id::text, true);
    DELETE FROM login_failure AS f WHERE f.email = who.email
        AND f.address = coalesce(login_open.address, '');
    INSERT INTO session (member_id, token_hash, client, address, last_address)
    VALUES (who.id, login_open.token_hash, left(login_open.client, 200),
        left(login_open.address, 100), left(login_open.address, 100))
    RETURNING id, session.expires_at INTO session_id, expires_at;
    email := who.email;
    name := who.name;
    company := who.slug;
    role := who.role;
END
$$;
COMMENT ON FUNCTION login_open(bigint, bytea, text, text) IS
    'Opens a session for a member whose password was right. token_hash is the SHA-256 of the '
    'token.';

CREATE FUNCTION password_find(address text, OUT email text, OUT phc text, OUT ended int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    SELECT (r.answer -> 0 ->> 'sessions_ended')::int INTO ended FROM call_record AS r
    WHERE r.member_id = me_member() AND r.method = current_setting('jiayi.method')
      AND r.request_id = decode(current_setting('jiayi.request_id'), 'hex');
    SELECT m.email, k.phc INTO email, phc FROM member AS m
    JOIN credential AS k ON k.member_id = m.id WHERE m.id = me_member();
    IF ended IS NULL THEN
        PERFORM login_check(email, coalesce(address, ''));
    END IF;
END
$$;
COMMENT ON FUNCTION password_find(text) IS
    'The caller''s own password''s hash, to check the old password against; throttled like signing '
    'in. ended: the call was done before, and ended so many sessions.';

CREATE FUNCTION password_set(phc text) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    changed bigint[];
    ended   int;
BEGIN
    WITH given AS (
        UPDATE credential AS k SET phc = password_set.phc, changed_at = now()
        FROM member AS m, member AS me, credential AS mine
        WHERE me.id = me_member() AND mine.member_id = me.id
          AND m.person_id = me.person_id AND m.id = k.member_id AND k.phc = mine.phc
        RETURNING k.member_id
    )
    SELECT array_agg(g.member_id) INTO changed FROM given AS g;
    UPDATE session AS s SET revoked_at = now()
    WHERE s.member_id = ANY (changed) AND s.id <> me_session() AND s.revoked_at IS NULL;
    GET DIAGNOSTICS ended = ROW_COUNT;
    -- Sent again, the call is known by its request_id; its secrets are no part of the record.
    INSERT INTO call_record (member_id, request_id, method, request_sha256, answer)
    VALUES (me_member(), decode(current_setting('jiayi.request_id'), 'hex'),
            current_setting('jiayi.method'), sha256(''),
            jsonb_build_array(jsonb_build_object('sessions_ended', ended)));
    RETURN ended;
END
$$;
COMMENT ON FUNCTION password_set(text) IS
    'Sets the caller''s password, also for the memberships that have the same, ends their other '
    'sessions and says how many.';

CREATE FUNCTION housekeeping(OUT calls bigint, OUT sessions bigint, OUT failures bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM call_record AS r WHERE r.at < now() - interval '2 days';
    GET DIAGNOSTICS calls = ROW_COUNT;
    DELETE FROM session AS s
        WHERE coalesce(s.revoked_at,
        least(s.expires_at, s.last_seen_at + s.idle_timeout)) < now() - interval '30 days';
    GET DIAGNOSTICS sessions = ROW_COUNT;
    DELETE FROM login_failure AS f WHERE f.at < now() - interval '1 day';
    GET DIAGNOSTICS failures = ROW_COUNT;
END
$$;
COMMENT ON FUNCTION housekeeping() IS
    'Deletes what nobody needs any more: calls'' records after 2 days, dead sessions after 30, '
    'wrong passwords after 1. The server runs it now and then.';

CREATE FUNCTION create_operator(email text, phc text) RETURNS bigint LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    INSERT INTO member (company_id, person_id, email, name, role_id)
    SELECT c.id, person_for(create_operator.email),
           lower(create_operator.email), lower(create_operator.email), r.id
    FROM company AS c, role AS r WHERE c.is_system AND r.company_id IS NULL AND r.name = 'operator'
    RETURNING id INTO made;
    PERFORM password_give(made, create_operator.phc, 'password-file');
    RETURN made;
END
$$;
COMMENT ON FUNCTION create_operator(text, text) IS
    'Makes the first operator of a new server; for init, as the owner. phc is the password''s '
    'argon2id hash.';

GRANT EXECUTE ON FUNCTION
    authorize(bytea, text, bytea, bytea, text, int, text), authorize_public(text, bytea, int),
    email_of(bigint), slug_of(bigint), company_of(bigint), members_elsewhere(text),
        company_by_slug(text), reaches(bigint, int),
    role_by_name(text, boolean), add_grants(bigint, text[]), role_show(bigint),
        role_create(text, text[]), role_grant(text, text), role_revoke(text, text),
    member_show(bigint), member_by_email(text), member_to_manage(text), member_manager(text),
    member_add(text, text, text, text, text), member_set_role(text, text),
        member_set_manager(text, text), member_remove(text),
    company_create(text, text, text, text, text),
    login_find(text, text, text), login_fail(text, text), login_open(bigint, bytea, text, text),
        password_find(text), password_set(text),
    housekeeping()
    TO jiayi_app;
GRANT EXECUTE ON FUNCTION
    refuse(text, text, text), reaches(bigint, int), member_show(bigint), member_by_email(text),
        member_to_manage(text), member_manager(text),
    person_for(text), password_give(bigint, text, text), role_beyond(bigint), login_wait(text, text), login_check(text, text)
    TO jiayi_auth;
CALL give_to_auth(
    'authorize(bytea, text, bytea, bytea, text, int, text)', 'email_of(bigint)', 'slug_of(bigint)',
        'company_of(bigint)', 'members_elsewhere(text)', 'company_by_slug(text)',
    'role_permission_guard()', 'role_guard()', 'member_guard()', 'team_keep()',
    'member_add(text, text, text, text, text)', 'member_set_role(text, text)',
        'member_set_manager(text, text)', 'member_remove(text)',
    'company_create(text, text, text, text, text)',
    'login_find(text, text, text)', 'login_fail(text, text)',
        'login_open(bigint, bytea, text, text)',
    'password_find(text)', 'password_set(text)', 'housekeeping()');

---- The built-in roles, and the company of those who run the server

INSERT INTO role (name) VALUES ('operator'), ('admin'), ('manager'), ('salesperson'), ('partner'),
    ('vendor'), ('auditor');

INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r
JOIN (
    SELECT 'admin' AS role, p.name AS permission, 'partners' AS scope FROM permission AS p
           WHERE p.name <> 'company.create'
    UNION ALL
    SELECT 'auditor', p.name, 'partners' FROM permission AS p WHERE p.name LIKE '%.read'
    UNION ALL
    SELECT seller, g.permission, g.scope
           FROM unnest(ARRAY['salesperson', 'partner', 'vendor']) AS seller, (VALUES
        ('company.read', 'company'), ('member.read', 'company'),
        ('deal.read', 'own+shared'), ('deal.move', 'own+shared'), ('deal.log', 'own+shared'),
            ('deal.create', 'own'), ('deal.update', 'own'),
        ('kpi.read', 'own+shared'), ('kpi.record', 'own+shared'),
        ('report.read', 'own'), ('report.submit', 'own')
    ) AS g(permission, scope)
    UNION ALL
    SELECT 'manager', * FROM (VALUES
        ('company.read', 'company'), ('member.read', 'company'), ('role.read', 'company'),
            ('partner.read', 'company'), ('audit.read', 'team'),
        ('deal.read', 'team+shared'), ('deal.move', 'team+shared'), ('deal.log', 'team+shared'),
            ('deal.create', 'team'), ('deal.update', 'team'),
        ('deal.assign', 'team'), ('deal.reopen', 'team'),
        ('kpi.read', 'team+shared'), ('kpi.record', 'team+shared'), ('kpi.define', 'team'),
            ('kpi.target', 'team'), ('kpi.evaluate', 'team'),
        ('report.read', 'team+shared'), ('report.review', 'team+shared'), ('report.submit', 'own')
    ) AS g(permission, scope)
    UNION ALL
    SELECT 'operator', * FROM (VALUES ('company.create', 'company'),
           ('company.read', 'company')) AS g(permission, scope)
) AS g ON g.role = r.name;

INSERT INTO company (slug, name, is_system) VALUES ('operators', 'Operators', true);
