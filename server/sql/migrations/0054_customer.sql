-- Customers have somebody responsible, and people: contacts. What is one customer can be merged.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS customer_shared(bigint) CASCADE;

---- Functions that tables need

CREATE FUNCTION phone_key(phone text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN length(d) >= 7 THEN right(d, 9) END FROM regexp_replace(phone, '[^0-9]+', '', 'g') AS d
$$;
COMMENT ON FUNCTION phone_key(text) IS
    'By what telephone numbers are the same, with the country''s code or without: the last nine digits. NULL '
    'where there are fewer than seven.';

CREATE FUNCTION number_key(number text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT nullif(upper(regexp_replace(normalize(number, NFKC), '[^[:alnum:]]+', '', 'g')), '')
$$;
COMMENT ON FUNCTION number_key(text) IS
    'By what numbers of registration are the same: letters and digits alone. NULL where there are none.';

---- Customers

ALTER TABLE customer
    ADD COLUMN owner_id bigint REFERENCES member,
    ADD COLUMN registration_no text CONSTRAINT customer_registration CHECK (length(registration_no) BETWEEN 1 AND 40),
    ADD COLUMN registration_country text CONSTRAINT customer_country CHECK (registration_country ~ '^[A-Z]{2}$'),
    ADD COLUMN website text CONSTRAINT customer_website CHECK (length(website) BETWEEN 1 AND 200),
    ADD COLUMN address text CONSTRAINT customer_address CHECK (length(address) BETWEEN 1 AND 500),
    ADD COLUMN phone text CONSTRAINT customer_phone CHECK (length(phone) BETWEEN 1 AND 40),
    ADD COLUMN size int CONSTRAINT customer_size CHECK (size > 0),
    ADD COLUMN state text NOT NULL DEFAULT 'active'
        CONSTRAINT customer_state CHECK (state IN ('active', 'inactive', 'merged')),
    ADD COLUMN merged_into bigint REFERENCES customer,
    ADD COLUMN twin text CONSTRAINT customer_twin CHECK (twin IN ('before', 'said')),
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN registration_key text GENERATED ALWAYS AS (number_key(registration_no)) STORED,
    ADD CONSTRAINT customer_merged CHECK ((state = 'merged') = (merged_into IS NOT NULL));
COMMENT ON TABLE customer IS
    'Customers of companies. In its company those see one who have it, those above them and who sees all, as '
    'far as their customer.read reaches, and everybody one that nobody has; a vendor''s people those of deals '
    'that are shared with it.';
COMMENT ON COLUMN customer.owner_id IS 'Who is responsible for it; NULL: nobody in person.';
COMMENT ON COLUMN customer.registration_no IS 'Its number in a register of companies, or of taxes.';
COMMENT ON COLUMN customer.registration_country IS 'The country of that register, by its two letters of ISO 3166.';
COMMENT ON COLUMN customer.website IS 'Its site.';
COMMENT ON COLUMN customer.address IS 'Where it is.';
COMMENT ON COLUMN customer.phone IS 'Its telephone number.';
COMMENT ON COLUMN customer.size IS 'How many people work there.';
COMMENT ON COLUMN customer.state IS
    'active; inactive, which lists leave out; merged, which stands for the one in merged_into.';
COMMENT ON COLUMN customer.merged_into IS 'The customer that it became a part of. That one is not merged itself.';
COMMENT ON COLUMN customer.twin IS
    'It may have the key of another one: before, for it was there before keys were; said, for somebody said '
    'that it is another customer.';
COMMENT ON COLUMN customer.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN customer.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN customer.registration_key IS 'By what numbers of registration are the same.';

UPDATE customer AS c SET
    updated_at = c.created_at,
    owner_id = (SELECT d.owner_id FROM deal AS d WHERE d.customer_id = c.id ORDER BY d.id DESC LIMIT 1),
    twin = CASE WHEN EXISTS (SELECT FROM customer AS o WHERE o.company_id = c.company_id
        AND o.name_key = c.name_key AND o.id < c.id) THEN 'before' END;
ALTER TABLE customer ALTER COLUMN updated_at SET NOT NULL, ALTER COLUMN updated_at SET DEFAULT clock_timestamp();

-- A name that was merged away is free.
ALTER TABLE customer DROP CONSTRAINT customer_name_unique;
CREATE UNIQUE INDEX customer_name_unique ON customer (company_id, name) WHERE state <> 'merged';
CREATE UNIQUE INDEX customer_key_unique ON customer (company_id, name_key) WHERE state <> 'merged' AND twin IS NULL;
CREATE INDEX customer_name ON customer (company_id, name);
CREATE INDEX customer_of_owner ON customer (owner_id, id DESC NULLS LAST);
CREATE INDEX customer_of_company ON customer (company_id, id DESC NULLS LAST);
CREATE INDEX customer_of_nobody ON customer (company_id, id DESC NULLS LAST) WHERE owner_id IS NULL;
-- With what is asked beside the key, so that those that are there twice are found in the index alone.
DROP INDEX customer_name_key;
CREATE INDEX customer_name_key ON customer (company_id, name_key, id) INCLUDE (state, twin);
CREATE INDEX customer_registration_key ON customer (company_id, registration_key, id) INCLUDE (state)
    WHERE registration_key IS NOT NULL;
CREATE INDEX customer_merged_into ON customer (merged_into) WHERE merged_into IS NOT NULL;
-- The deals of a customer; the customers of what is shared with a vendor, one after the other.
CREATE INDEX deal_of_customer ON deal (customer_id, id DESC NULLS LAST);
CREATE INDEX deal_of_vendor_customer ON deal (vendor_id, customer_id) WHERE vendor_id IS NOT NULL;

---- Contacts

CREATE TABLE contact (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id  bigint NOT NULL REFERENCES company,
    customer_id bigint NOT NULL REFERENCES customer,
    name        text NOT NULL CONSTRAINT contact_name CHECK (length(name) BETWEEN 1 AND 100),
    title       text CONSTRAINT contact_title CHECK (length(title) BETWEEN 1 AND 100),
    function    text NOT NULL DEFAULT 'other' CONSTRAINT contact_function CHECK (function IN ('decider', 'budget',
                    'influencer', 'user', 'gatekeeper', 'other')),
    email       text CONSTRAINT contact_email CHECK (length(email) BETWEEN 3 AND 254),
    phone       text CONSTRAINT contact_phone CHECK (length(phone) BETWEEN 1 AND 40),
    wechat      text CONSTRAINT contact_wechat CHECK (length(wechat) BETWEEN 1 AND 40),
    note        text CONSTRAINT contact_note CHECK (length(note) BETWEEN 1 AND 1000),
    state       text NOT NULL DEFAULT 'active' CONSTRAINT contact_state CHECK (state IN ('active', 'left')),
    version     int NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    phone_key   text GENERATED ALWAYS AS (phone_key(phone)) STORED
);
ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE contact IS 'People at customers. Who sees the customer sees them.';
COMMENT ON COLUMN contact.id IS 'The contact''s number.';
COMMENT ON COLUMN contact.company_id IS 'The customer''s company.';
COMMENT ON COLUMN contact.customer_id IS 'The customer.';
COMMENT ON COLUMN contact.name IS 'The name.';
COMMENT ON COLUMN contact.title IS 'The job, in the customer''s words.';
COMMENT ON COLUMN contact.function IS
    'The part in buying: decider; budget, who has the money; influencer; user; gatekeeper; other.';
COMMENT ON COLUMN contact.email IS 'The e-mail address, in lower case.';
COMMENT ON COLUMN contact.phone IS 'The telephone number.';
COMMENT ON COLUMN contact.wechat IS 'The name at WeChat.';
COMMENT ON COLUMN contact.note IS 'What else there is to know. Who sees the customer reads it.';
COMMENT ON COLUMN contact.state IS 'active; left: works there no more.';
COMMENT ON COLUMN contact.version IS 'Counts the changes, from 1.';
COMMENT ON COLUMN contact.created_at IS 'When it was added.';
COMMENT ON COLUMN contact.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN contact.phone_key IS 'By what telephone numbers are the same.';
CREATE INDEX contact_of_customer ON contact (customer_id, id);
CREATE INDEX contact_phone_key ON contact (company_id, phone_key, customer_id) WHERE phone_key IS NOT NULL;
CREATE INDEX contact_email ON contact (company_id, email, customer_id) WHERE email IS NOT NULL;

---- Merging

CREATE TABLE customer_merge (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    from_id    bigint NOT NULL REFERENCES customer,
    to_id      bigint NOT NULL REFERENCES customer,
    from_name  text NOT NULL,
    member_id  bigint REFERENCES member,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason     text NOT NULL CONSTRAINT customer_merge_reason CHECK (length(reason) BETWEEN 1 AND 500),
    counts     jsonb NOT NULL
);
ALTER TABLE customer_merge ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE customer_merge IS
    'Evidence: which customer was merged into which. The company of both sees it with the one that stays.';
COMMENT ON COLUMN customer_merge.id IS 'Numbers these.';
COMMENT ON COLUMN customer_merge.company_id IS 'The company of both.';
COMMENT ON COLUMN customer_merge.from_id IS 'The customer that is merged.';
COMMENT ON COLUMN customer_merge.to_id IS 'The one that it became a part of then.';
COMMENT ON COLUMN customer_merge.from_name IS 'What the first one was called.';
COMMENT ON COLUMN customer_merge.member_id IS 'Who did it.';
COMMENT ON COLUMN customer_merge.at IS 'When.';
COMMENT ON COLUMN customer_merge.reason IS 'Why.';
COMMENT ON COLUMN customer_merge.counts IS 'What came over: how many by kind, and the tags that gave way.';
CREATE INDEX customer_merge_to ON customer_merge (to_id, id);
CREATE INDEX customer_merge_from ON customer_merge (from_id, id);

---- Who may

INSERT INTO object_kind (no, kind, commentable, attachable) VALUES (1, 'customer', true, true), (2, 'contact', false, false);

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('customer.read', 'customer.read', false, 'list and show customers and contacts', 10),
    ('customer.create', 'customer.read', false, 'create customers', 10),
    ('customer.update', 'customer.read', false, 'change and tag customers; add and change contacts', 10),
    ('customer.assign', 'customer.read', false, 'give customers to somebody else', 10),
    ('customer.merge', 'customer.read', false, 'merge customers, and find those to merge', 10);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, g.permission, g.scope
FROM role AS r JOIN (VALUES
    ('admin', 'customer.read', 'partners'), ('admin', 'customer.create', 'partners'),
    ('admin', 'customer.update', 'partners'), ('admin', 'customer.assign', 'partners'),
    ('admin', 'customer.merge', 'partners'),
    ('auditor', 'customer.read', 'partners'),
    ('manager', 'customer.read', 'company'), ('manager', 'customer.create', 'team'),
    ('manager', 'customer.update', 'team'), ('manager', 'customer.assign', 'team'),
    ('manager', 'customer.merge', 'team'),
    ('salesperson', 'customer.read', 'company'), ('salesperson', 'customer.create', 'own'),
    ('salesperson', 'customer.update', 'own'),
    ('partner', 'customer.read', 'company'), ('partner', 'customer.create', 'own'),
    ('partner', 'customer.update', 'own'),
    ('vendor', 'customer.read', 'company'), ('vendor', 'customer.create', 'own'),
    ('vendor', 'customer.update', 'own')
) AS g(role, permission, scope) ON g.role = r.name AND r.company_id IS NULL;

INSERT INTO transition (object, variant, from_state, to_state, side, permission, needs) VALUES
    ('customer', '', 'active', 'inactive', 'ours', 'customer.update', 'none'),
    ('customer', '', 'inactive', 'active', 'ours', 'customer.update', 'none'),
    ('customer', '', 'active', 'merged', 'ours', 'customer.merge', 'reason'),
    ('customer', '', 'inactive', 'merged', 'ours', 'customer.merge', 'reason'),
    ('contact', '', 'active', 'left', 'ours', 'customer.update', 'none'),
    ('contact', '', 'left', 'active', 'ours', 'customer.update', 'none');

INSERT INTO event_kind (kind, to_manager) VALUES ('customer.assigned', false);
