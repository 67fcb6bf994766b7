-- A name that keeps its place says it in one way: 深圳市港务集团 is 深圳港务集团. Milestones are measured by KPIs. The log of changes says
-- names for all numbers that it has, by foreign keys (definitions/audit.sql); and what is cut says so (payment.sql, customer.sql).
-- definitions: dc3ff7fa9e4607dcd00238610c868a9ad6f2eb745a7ddff3605779aa7922f78a

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS audit_value(text, jsonb), audit_change(jsonb, jsonb), customer_deal_owners(bigint), payments_of(bigint),
    contract_show(bigint, int), stage_own_shown(text);

---- Keys of names

CREATE OR REPLACE FUNCTION customer_key(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    k     text;
    short text;
    place text;
BEGIN
    -- Width and case; accents; invisible marks; letters that have no accent to lose.
    k := lower(normalize(name, NFKD) COLLATE "und-x-icu");
    k := normalize(regexp_replace(k, '[\u00ad\u0300-\u036f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]+', '', 'g'), NFC);
    k := translate(replace(replace(replace(k, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'đðøłıħŧ', 'ddoliht');
    k := jiayi.simplified(k);
    k := regexp_replace(replace(k, '&', ' and '), '[(【〔](?:中国|china|株|有)[)】〕]', ' ', 'g');
    k := regexp_replace(k, '[.''’`·・®©]+', '', 'g');
    k := btrim(regexp_replace(k, '[[:punct:][:space:]|^~]+' COLLATE "und-x-icu", ' ', 'g'));

    -- Legal forms, where a name of two characters is left.
    short := regexp_replace(k, jiayi.legal_forms(), '');
    IF length(replace(short, ' ', '')) >= 2 THEN
        k := short;
    END IF;
    short := regexp_replace(k, jiayi.legal_forms_before(), '');
    IF length(replace(short, ' ', '')) >= 2 THEN
        k := short;
    END IF;
    k := replace(k, ' ', '');
    IF octet_length(k) > length(k) THEN
        short := regexp_replace(k, jiayi.legal_forms_han(), '', 'g');
        IF length(short) >= 2 THEN
            k := short;
        END IF;
        -- The place, where it says so itself, or four characters are left; not where it is all that the
        -- name says.
        short := regexp_replace(k, jiayi.places(), '');
        place := left(k, length(k) - length(short));
        IF (length(short) >= 4 OR (length(short) >= 2 AND right(place, 1) IN ('省', '市', '区')))
           AND short !~ jiayi.ordinary_words() THEN
            k := short;
        -- Where it stays, it is one however much of it is said. Of Jilin the province is not the city.
        ELSIF place <> '' AND short <> '' AND place !~ '^吉林' THEN
            k := regexp_replace(regexp_replace(place, '^.{2,3}(?:省|(?:壮族|回族|维吾尔)?自治区)(?=.)', ''),
                '(?:省|市|地区|(?:壮族|回族|维吾尔)?自治区)$', '') || short;
        END IF;
    END IF;
    RETURN CASE WHEN k = '' THEN regexp_replace(lower(name), '\s+', '', 'g') ELSE k END;
END
$$;

-- Of two that are one by now, the later one was there before it was known.
ALTER TABLE customer DISABLE TRIGGER USER;
WITH anew AS MATERIALIZED (
    SELECT c.id, c.company_id, c.twin, c.state, customer_key(c.name) AS key FROM customer AS c
    WHERE c.name_key <> customer_key(c.name)
)
UPDATE customer AS c SET name = c.name, twin = CASE WHEN a.twin IS NULL AND a.state <> 'merged' AND (
        EXISTS (SELECT FROM customer AS o WHERE o.company_id = a.company_id AND o.name_key = a.key AND o.state <> 'merged' AND o.twin IS NULL)
        OR EXISTS (SELECT FROM anew AS o WHERE o.company_id = a.company_id AND o.key = a.key AND o.state <> 'merged' AND o.twin IS NULL
            AND o.id < a.id)) THEN 'before' ELSE a.twin END
FROM anew AS a WHERE c.id = a.id;
ALTER TABLE customer ENABLE TRIGGER USER;

-- A registration whose customer another vendor has by the new key as well keeps the one that it has.
ALTER TABLE registration_key DISABLE TRIGGER USER;
WITH anew AS MATERIALIZED (
    SELECT x.registration_id, x.company_id, x.live, customer_key(r.customer_name) AS key
    FROM registration_key AS x JOIN registration AS r ON r.id = x.registration_id
    WHERE x.key_kind = 'name' AND x.key <> customer_key(r.customer_name)
)
UPDATE registration_key AS x SET key = a.key FROM anew AS a
WHERE x.registration_id = a.registration_id AND x.key_kind = 'name' AND (NOT a.live OR NOT (
    EXISTS (SELECT FROM registration_key AS o WHERE o.company_id = a.company_id AND o.key_kind = 'name' AND o.key = a.key AND o.live)
    OR EXISTS (SELECT FROM anew AS o WHERE o.company_id = a.company_id AND o.key = a.key AND o.live
        AND o.registration_id < a.registration_id)));
ALTER TABLE registration_key ENABLE TRIGGER USER;

---- Milestones are measured by KPIs

ALTER TABLE link DROP CONSTRAINT link_role, ADD CONSTRAINT link_role
    CHECK (role IN ('about', 'basis', 'caused_by', 'follows', 'duplicate_of', 'evidence', 'measures'));
