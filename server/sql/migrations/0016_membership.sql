-- An identity is a membership: a company and an address, with a password of its own. What one
-- company does with an address neither depends on other companies nor tells of them. Passwords are
-- set by the people themselves, with a code that is shown once; vendors are invited by short name,
-- whether there is such a company or not; and a company has e-mail domains.
-- definitions: 5eb212b94654ee76c00349180590c7025badc62d872f18aad1a44dcc58b3df66

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- What this migration rearranges nobody did: it is no entry in anybody's log.
ALTER TABLE member DISABLE TRIGGER USER;
ALTER TABLE person DISABLE TRIGGER USER;
ALTER TABLE credential DISABLE TRIGGER USER;
ALTER TABLE partnership DISABLE TRIGGER USER;

---- Functions that go, or change their result

DROP FUNCTION person_for(text);
DROP FUNCTION password_give(bigint, text, text);
DROP FUNCTION login_find(text, text, text);
DROP FUNCTION login_open(bigint, bytea, text, text);
DROP FUNCTION member_add(text, text, text, text, text);
DROP FUNCTION company_create(text, text, text, text, text);
DROP FUNCTION company_by_slug(text);

---- Passwords

ALTER TABLE credential
    ADD COLUMN set_by bigint REFERENCES member,
    ADD COLUMN once boolean NOT NULL DEFAULT false,
    ADD COLUMN spent_at timestamptz;
COMMENT ON TABLE credential IS
    'A member''s password, hashed. A membership without one cannot sign in: its code is to be '
    'redeemed first. No call sees this table.';
COMMENT ON COLUMN credential.set_by IS
    'Who set a new password for somebody who had one; the member is told until they set their '
    'own. NULL: the member''s own, or their first.';
COMMENT ON COLUMN credential.once IS
    'Whether it was shared with a membership in another company, as passwords once were: good for '
    'one more sign-in, in which it is to be changed.';
COMMENT ON COLUMN credential.spent_at IS 'When that sign-in was; NULL: not yet.';
UPDATE credential AS k SET once = true
FROM member AS m
WHERE m.id = k.member_id AND EXISTS (
    SELECT FROM member AS o JOIN credential AS c ON c.member_id = o.id
    WHERE o.person_id = m.person_id AND o.id <> m.id AND c.phc = k.phc);

---- People: the memberships that somebody linked, of which there are none so far

ALTER TABLE member DROP CONSTRAINT member_person;
ALTER TABLE person DROP COLUMN email;
COMMENT ON TABLE person IS
    'Somebody behind memberships: one, or those that they linked themselves. No call sees this '
    'table.';
COMMENT ON COLUMN person.created_at IS 'When the first membership was made.';
ALTER TABLE member
    ADD CONSTRAINT member_person FOREIGN KEY (person_id) REFERENCES person,
    ADD CONSTRAINT member_email_form CHECK (email = lower(email)
        AND email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(email) <= 254);
COMMENT ON TABLE member IS
    'Somebody acting for a company: who signs in is a member. Members see one another: in calls '
    'about members as far as member.read reaches, in others by name and address.';
COMMENT ON COLUMN member.person_id IS 'The person behind it.';
COMMENT ON COLUMN member.email IS
    'The e-mail address, in lower case, by which the member signs in.';
-- Memberships of an address: at sign-in.
CREATE INDEX member_of_email ON member (email);
DO $$
DECLARE
    one  bigint;
    made bigint;
BEGIN
    FOR one IN SELECT m.id FROM jiayi.member AS m WHERE EXISTS (SELECT FROM jiayi.member AS o
               WHERE o.person_id = m.person_id AND o.id < m.id) ORDER BY m.id LOOP
        INSERT INTO jiayi.person DEFAULT VALUES RETURNING id INTO made;
        UPDATE jiayi.member SET person_id = made WHERE id = one;
    END LOOP;
END
$$;

-- Addresses that look the same. In an index, so it stands here.
CREATE FUNCTION address_skeleton(email text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT translate(rtrim(lower(normalize(regexp_replace(email,
        U&'[\00AD\034F\061C\115F\1160\17B4\17B5\180B-\180F\200B-\200F\202A-\202E\2060-\206F' ||
        U&'\3164\FE00-\FE0F\FEFF\FFA0]', '', 'g'), NFKC) COLLATE "und-x-icu"), '.'),
        U&'\0430\0435\043E\0440\0441\0443\0445\0456\0458\0455\0501\04BB\051B\051D\0475\04CF' ||
        U&'\03B1\03BF\03C1\03BD\03B9\03BA\03C5\03C7\0131\0261\0251' || '01|',
        'aeopcyxijsdhqwvl' || 'aopvikux' || 'iga' || 'oll')
$$;
COMMENT ON FUNCTION address_skeleton(text) IS
    'What an address looks like: without case, width and what nobody sees, letters of other '
    'scripts as the Latin ones that they look like, digits as letters. Two of one company that '
    'look the same are not given.';
CREATE INDEX member_by_look ON member (company_id, address_skeleton(email));

---- Codes by which a member sets the first password

CREATE TABLE join_code (
    member_id   bigint PRIMARY KEY REFERENCES member,
    code_sha256 bytea NOT NULL CONSTRAINT join_code_unique UNIQUE CHECK (length(code_sha256) = 32),
    made_by     bigint REFERENCES member,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL DEFAULT now() + interval '7 days',
    used_at     timestamptz
);
COMMENT ON TABLE join_code IS
    'The code by which a member sets a password, the newest alone. No call sees this table.';
COMMENT ON COLUMN join_code.member_id IS 'Whose it is.';
COMMENT ON COLUMN join_code.code_sha256 IS
    'The SHA-256 of the code, which was shown once and is nowhere.';
COMMENT ON COLUMN join_code.made_by IS 'Who had it made.';
COMMENT ON COLUMN join_code.created_at IS 'When.';
COMMENT ON COLUMN join_code.expires_at IS 'Until when it can be redeemed.';
COMMENT ON COLUMN join_code.used_at IS 'When it was; NULL: it was not.';
ALTER TABLE join_code ENABLE ROW LEVEL SECURITY;

CREATE TYPE member_made AS (id bigint, email text, name text, role text, manager text, state text,
    created_at timestamptz, code text, code_expires_at timestamptz);
COMMENT ON TYPE member_made IS
    'A member as calls answer it that give a new password, with the code to set it by, if any.';
CREATE TYPE company_made AS (id bigint, slug text, name text, created_at timestamptz, code text,
    code_expires_at timestamptz);
COMMENT ON TYPE company_made IS 'A new company as calls answer it, with its first admin''s code.';

---- Invitations of vendors

CREATE TABLE invitation (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal_id bigint NOT NULL REFERENCES company,
    slug         text NOT NULL CONSTRAINT invitation_slug_form
                 CHECK (slug ~ '^[a-z][a-z0-9-]{0,39}$'),
    signed_by    bigint REFERENCES member,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'withdrawn')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE invitation IS
    'A principal would have the company of a short name as its vendor, whether there is one or '
    'not. Both see it.';
COMMENT ON COLUMN invitation.id IS 'The invitation''s number.';
COMMENT ON COLUMN invitation.principal_id IS 'The company that invites.';
COMMENT ON COLUMN invitation.slug IS 'The short name of the company that is invited.';
COMMENT ON COLUMN invitation.signed_by IS
    'The member who invited; NULL: made before that was noted.';
COMMENT ON COLUMN invitation.state IS
    'open, accepted (a partnership came of it), or withdrawn by either side.';
COMMENT ON COLUMN invitation.created_at IS 'When it was made.';
COMMENT ON COLUMN invitation.updated_at IS 'When it came into this state.';
CREATE UNIQUE INDEX invitation_open_once ON invitation (principal_id, slug) WHERE state = 'open';
-- Those that a company received.
CREATE INDEX invitation_by_slug ON invitation (slug) WHERE state = 'open';
ALTER TABLE invitation ENABLE ROW LEVEL SECURITY;

INSERT INTO invitation (principal_id, slug, created_at, updated_at)
SELECT p.principal_id, c.slug, p.updated_at, p.updated_at
FROM partnership AS p JOIN company AS c ON c.id = p.vendor_id WHERE p.state = 'invited'
ORDER BY p.id;
-- What was a partnership before it was invited anew is an ended one; the others never were any.
UPDATE partnership AS p SET state = 'ended' WHERE p.state = 'invited'
    AND EXISTS (SELECT FROM audit_log AS a WHERE a.object = 'partnership'
                AND a.object_id = p.id::text AND a.after ->> 'state' = 'ended');
DELETE FROM partnership WHERE state = 'invited';
ALTER TABLE partnership
    ADD COLUMN invitation_id bigint CONSTRAINT partnership_invitation_once UNIQUE
        REFERENCES invitation,
    ALTER COLUMN state SET DEFAULT 'active',
    DROP CONSTRAINT partnership_state_check,
    ADD CONSTRAINT partnership_state_check CHECK (state IN ('active', 'suspended', 'ended'));
COMMENT ON COLUMN partnership.state IS 'active, suspended or ended.';
COMMENT ON COLUMN partnership.created_at IS 'When the first invitation was made.';
COMMENT ON COLUMN partnership.invitation_id IS
    'The invitation that was accepted last; NULL: one of before they were kept.';
ALTER TABLE partnership_transition DISABLE TRIGGER USER;
DELETE FROM partnership_transition WHERE 'invited' IN (from_state, to_state);
ALTER TABLE partnership_transition ENABLE TRIGGER USER;

---- E-mail domains of companies

CREATE TABLE mail_service (
    domain text PRIMARY KEY
);
COMMENT ON TABLE mail_service IS
    'Domains of services that give addresses to everybody: no company''s own. No call sees this '
    'table.';
COMMENT ON COLUMN mail_service.domain IS 'The domain, in lower case.';
INSERT INTO mail_service (domain) SELECT unnest(ARRAY[
    '126.com', '139.com', '163.com', '189.cn', '21cn.com', 'aliyun.com', 'aol.com', 'fastmail.com',
    'foxmail.com', 'gmail.com', 'gmx.com', 'gmx.de', 'gmx.net', 'googlemail.com', 'hotmail.com',
    'icloud.com', 'live.com', 'mac.com', 'mail.com', 'mail.ru', 'me.com', 'msn.com', 'outlook.com',
    'pm.me', 'proton.me', 'protonmail.com', 'qq.com', 'rocketmail.com', 'sina.cn', 'sina.com',
    'sohu.com', 'tom.com', 'tutanota.com', 'vip.163.com', 'vip.qq.com', 'wo.cn', 'web.de',
    'yahoo.com', 'yandex.com', 'yandex.ru', 'yeah.net', 'ymail.com', 'zoho.com']);
ALTER TABLE mail_service ENABLE ROW LEVEL SECURITY;

CREATE TABLE company_domain (
    domain     text PRIMARY KEY CONSTRAINT company_domain_form CHECK (domain = lower(domain)
               AND domain ~ '^[^@[:space:]]+$' AND length(domain) <= 253),
    company_id bigint NOT NULL REFERENCES company,
    added_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE company_domain IS
    'The e-mail domains of companies. Other companies cannot set passwords for their addresses. '
    'A company sees its own, operators see all.';
COMMENT ON COLUMN company_domain.domain IS 'The part of addresses behind the @, in lower case.';
COMMENT ON COLUMN company_domain.company_id IS 'The company.';
COMMENT ON COLUMN company_domain.added_at IS 'When it was added.';
CREATE INDEX company_domain_of_company ON company_domain (company_id, domain);
ALTER TABLE company_domain ENABLE ROW LEVEL SECURITY;
-- That of each company's first admin; where two have the same, the older company's.
INSERT INTO company_domain (domain, company_id)
SELECT DISTINCT ON (f.domain) f.domain, f.company_id
FROM (SELECT DISTINCT ON (m.company_id) m.company_id, split_part(m.email, '@', 2) AS domain
      FROM member AS m JOIN role AS r ON r.id = m.role_id
      WHERE r.company_id IS NULL AND r.name = 'admin'
      ORDER BY m.company_id, m.id) AS f
WHERE length(f.domain) <= 253 AND f.domain NOT IN (SELECT s.domain FROM mail_service AS s)
ORDER BY f.domain, f.company_id;

INSERT INTO permission (name, reads, shareable, note) VALUES
    ('company.domain', 'company.domain', false, 'list and release the company''s e-mail domains');
-- A trigger works out the bits.
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'company.domain', 'company' FROM role AS r
WHERE r.company_id IS NULL AND r.name IN ('admin', 'operator');

ALTER TABLE member ENABLE TRIGGER USER;
ALTER TABLE person ENABLE TRIGGER USER;
ALTER TABLE credential ENABLE TRIGGER USER;
ALTER TABLE partnership ENABLE TRIGGER USER;
