-- Versions of contracts: drafted by one side, reviewed, proposed, signed by both, refused or withdrawn. What is written
-- here is the schema's own: of one side's signature rows of the other follow. So each function looks itself at what the
-- caller sees and reaches: contract_locked().

CREATE OR REPLACE FUNCTION contract_side(c contract) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE jiayi.me_company() WHEN c.company_id THEN 'principal' WHEN c.vendor_id THEN 'vendor' END $$;
COMMENT ON FUNCTION contract_side(contract) IS 'Which of the two the caller''s company is: principal or vendor.';
GRANT EXECUTE ON FUNCTION contract_side(contract) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION contract_locked(contract_id bigint) RETURNS contract LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c contract;
BEGIN
    -- In one order: the partnership, then the contract, as contract_share() has it.
    PERFORM FROM partnership AS p JOIN contract AS x ON x.company_id = p.principal_id AND x.vendor_id = p.vendor_id
    WHERE x.id = contract_locked.contract_id AND me_company() = ANY (ARRAY[x.company_id, x.vendor_id]) FOR UPDATE OF p;
    SELECT x.* INTO c FROM contract AS x WHERE x.id = contract_locked.contract_id
        AND contract_seen(x.company_id, x.vendor_id, x.author_company_id, x.audience, x.owner_id, x.vendor_owner_id)
    FOR UPDATE;
    IF c.id IS NULL THEN
        PERFORM refuse('JY005', 'there is no %s %s that you can see', ROW(word('object', 'contract'), contract_locked.contract_id));
    END IF;
    IF me_noun() <> noun('contract')
        OR NOT sides_reached(c.company_id, c.owner_id, c.vendor_id, c.vendor_owner_id, me_scope()) THEN
        PERFORM refuse('JY007', 'you may see contract %s but not change it', ROW(c.id));
    ELSIF c.kind = 'framework' AND me_permission() <> 'contract.assign' THEN
        PERFORM refuse('JY009', 'contract %s is what the partnership began with; a contract that both sides sign takes its '
            'place: jiayi contract draft', ROW(c.id));
    END IF;
    RETURN c;
END
$$;
COMMENT ON FUNCTION contract_locked(bigint) IS
    'A contract that the caller sees, locked. The call ends where there is none, or where the called permission does not reach it.';
GRANT EXECUTE ON FUNCTION contract_locked(bigint) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_open(c contract) RETURNS contract_version LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    v contract_version;
BEGIN
    SELECT x.* INTO v FROM contract_version AS x WHERE x.contract_id = c.id AND x.version = c.latest
        AND (x.audience = 'shared' OR x.author_company_id = me_company());
    IF v.state IS NULL OR v.state NOT IN ('draft', 'proposed') THEN
        PERFORM refuse('JY009', CASE WHEN c.version = 0 AND c.state IN ('refused', 'withdrawn')
                THEN 'contract %s is %s; to go on from it: jiayi contract amend %s'
            ELSE 'nothing of contract %s waits for you; it is %s; to change it: jiayi contract amend %s' END,
            ROW(c.id, word('contract', c.state), c.id));
    END IF;
    RETURN v;
END
$$;
COMMENT ON FUNCTION contract_open(contract) IS
    'The version of a contract that is a draft of the caller''s side or proposed; the call ends where there is none.';
GRANT EXECUTE ON FUNCTION contract_open(contract) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_runs(c contract) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF c.state IN ('ended', 'expired', 'superseded') OR c.to_at <= clock_timestamp() THEN
        PERFORM refuse('JY009', 'contract %s is over; draft another one: jiayi contract draft', ROW(c.id));
    END IF;
END
$$;
COMMENT ON FUNCTION contract_runs(contract) IS
    'Ends the call where a contract was signed and is over: another version would hold no more.';
GRANT EXECUTE ON FUNCTION contract_runs(contract) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_same(v contract_version, sha256 text) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
BEGIN
    IF contract_same.sha256 <> encode(v.sha256, 'hex') THEN
        PERFORM refuse('JY010', 'contract %s: the text changed since you read it; look at it again: jiayi contract show %s',
            ROW(v.contract_id, v.contract_id), field => 'sha256');
    END IF;
END
$$;
COMMENT ON FUNCTION contract_same(contract_version, text) IS
    'Ends the call where the text of a version has another SHA-256 than the caller read; not for NULL.';
GRANT EXECUTE ON FUNCTION contract_same(contract_version, text) TO jiayi_auth;

---- The review

CREATE OR REPLACE FUNCTION contract_points() RETURNS TABLE ("position" int, point text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT i.position, i.title FROM checklist AS c JOIN checklist_item AS i
        ON i.checklist_id = c.id AND i.version = c.items_version
    WHERE c.company_id = me_company() AND c.code = 'contract' AND c.purpose = 'review' AND c.active AND i.required
    ORDER BY i.position;
    IF NOT FOUND THEN
        RETURN QUERY VALUES (1, 'clear'), (2, 'fair'), (3, 'reasonable'), (4, 'legal');
    END IF;
END
$$;
COMMENT ON FUNCTION contract_points() IS
    'What the caller''s company looks at before it proposes or signs a contract: the required points of its checklist '
    'contract, of purpose review; where it has none: whether the terms are clear, fair and reasonable, and what a lawyer says.';
GRANT EXECUTE ON FUNCTION contract_points() TO jiayi_app, jiayi_auth;

-- VOLATILE, so that it sees what the same statement wrote.
CREATE OR REPLACE FUNCTION contract_reviewed(of_contract bigint, of_version int, hash bytea) RETURNS TABLE (
    "position" int, point text, fine boolean, text text, member_id bigint, at timestamptz, outdated boolean)
LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT p.position, p.point, r.fine, r.text, r.member_id, r.at, nullif(r.sha256 <> hash, false)
    FROM contract_points() AS p LEFT JOIN LATERAL (
        SELECT x.* FROM contract_review AS x WHERE x.contract_id = of_contract AND x.version = of_version
            AND x.company_id = me_company() AND x.point = p.point ORDER BY x.id DESC LIMIT 1) AS r ON true
    ORDER BY p.position;
END
$$;
COMMENT ON FUNCTION contract_reviewed(bigint, int, bytea) IS
    'The points that the caller''s company looks at, and the last answer to each of that version; outdated: what was '
    'looked at had another SHA-256.';
GRANT EXECUTE ON FUNCTION contract_reviewed(bigint, int, bytea) TO jiayi_app, jiayi_auth;

CREATE OR REPLACE FUNCTION contract_check_review(v contract_version) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    missing text := (SELECT string_agg(r.point, ', ' ORDER BY r.position)
        FROM contract_reviewed(v.contract_id, v.version, v.sha256) AS r WHERE r.fine IS NOT TRUE OR r.outdated);
BEGIN
    IF missing IS NOT NULL THEN
        PERFORM refuse('JY009', 'contract %s: of the review these points are open, or not as they should be: %s; answer them: '
            'jiayi contract review %s POINT --text TEXT', ROW(v.contract_id, word('review point', left(missing, 400)), v.contract_id));
    END IF;
END
$$;
COMMENT ON FUNCTION contract_check_review(contract_version) IS
    'Ends the call where the caller''s company has not answered every point of its review for that very text, or one not '
    'as it should be.';
GRANT EXECUTE ON FUNCTION contract_check_review(contract_version) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_review_point(contract_id bigint, point text, text text, not_ok boolean, sha256 text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c    contract := contract_locked(contract_id);
    v    contract_version;
    what text;
BEGIN
    v := contract_open(c);
    PERFORM contract_same(v, sha256);
    SELECT p.point INTO what FROM contract_points() AS p
    WHERE p.point = contract_review_point.point OR p.position::text = contract_review_point.point LIMIT 1;
    IF what IS NULL THEN
        PERFORM refuse('JY003', 'there is no point %s; the points are %s', ROW(point,
            word('review point', (SELECT string_agg(p.point, ', ' ORDER BY p.position) FROM contract_points() AS p))),
            field => 'point');
    END IF;
    INSERT INTO contract_review (contract_id, version, company_id, member_id, point, fine, text, sha256)
    VALUES (c.id, v.version, me_company(), me_member(), what, not_ok IS NOT TRUE, contract_review_point.text, v.sha256);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION contract_review_point(bigint, text, text, boolean, text) IS
    'Answers a point of the review of what is drafted or proposed, for the caller''s company. The contract''s number.';
GRANT EXECUTE ON FUNCTION contract_review_point(bigint, text, text, boolean, text) TO jiayi_app;

---- Drafts

CREATE OR REPLACE FUNCTION contract_partner(slug text, other_side text) RETURNS partnership LANGUAGE plpgsql STABLE
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    found partnership[];
BEGIN
    SELECT array_agg(p ORDER BY p.id) INTO found FROM partnership AS p JOIN company AS c ON c.slug = contract_partner.slug
    WHERE (p.principal_id = me_company() AND p.vendor_id = c.id AND coalesce(other_side, 'vendor') = 'vendor')
       OR (p.vendor_id = me_company() AND p.principal_id = c.id AND coalesce(other_side, 'principal') = 'principal');
    IF found IS NULL THEN
        PERFORM no_partner(slug);
    ELSIF cardinality(found) > 1 THEN
        PERFORM refuse('JY003', '%s is both a principal and a vendor of yours; say which with --side', ROW(slug));
    ELSIF (found[1]).state = 'ended' THEN
        PERFORM refuse('JY009', 'the partnership with %s is %s, not active', ROW(slug, word('partnership', 'ended')));
    END IF;
    RETURN found[1];
END
$$;
COMMENT ON FUNCTION contract_partner(text, text) IS
    'The partnership with a company that a contract is to be with; the call ends where there is none that lives.';
GRANT EXECUTE ON FUNCTION contract_partner(text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_language() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT p.language FROM jiayi.company_profile AS p WHERE p.company_id = jiayi.me_company()), 'en')
$$;
COMMENT ON FUNCTION contract_language() IS 'In which language the server writes the terms that the caller''s company drafts.';
GRANT EXECUTE ON FUNCTION contract_language() TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_draft(slug text, other_side text, kind text, title text, prose text, terms jsonb,
    valid_from date, valid_to date, no text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    pair partnership := contract_partner(slug, other_side);
    made bigint;
BEGIN
    IF me_permission() IS DISTINCT FROM 'contract.draft' THEN
        RAISE insufficient_privilege;
    END IF;
    INSERT INTO contract (company_id, vendor_id, kind, title, no, state, version, audience, author_company_id,
        owner_id, vendor_owner_id)
    VALUES (pair.principal_id, pair.vendor_id, contract_draft.kind, contract_draft.title, contract_draft.no, 'draft', 0,
        'internal', me_company(), CASE me_company() WHEN pair.principal_id THEN me_member() END,
        CASE me_company() WHEN pair.vendor_id THEN me_member() END)
    RETURNING id INTO made;
    INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, audience, member_id, state,
        title, language, valid_from, valid_to, prose, terms, sha256)
    VALUES (made, 1, pair.principal_id, pair.vendor_id, me_company(), 'internal', me_member(), 'draft', contract_draft.title,
        contract_language(), contract_draft.valid_from, contract_draft.valid_to, contract_draft.prose,
        coalesce(contract_draft.terms, '{}'), '');
    RETURN made;
END
$$;
COMMENT ON FUNCTION contract_draft(text, text, text, text, text, jsonb, date, date, text) IS
    'Drafts a contract with a partner of the caller''s company, which only the latter sees; its number.';
GRANT EXECUTE ON FUNCTION contract_draft(text, text, text, text, text, jsonb, date, date, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_edit(contract_id bigint, title text, prose text, terms jsonb, valid_from date,
    valid_to date, no_end boolean, no text, sha256 text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c contract := contract_locked(contract_id);
    v contract_version;
BEGIN
    v := contract_open(c);
    IF v.state <> 'draft' THEN
        PERFORM refuse('JY009', 'contract %s is proposed, and what is proposed does not change; take it back first: '
            'jiayi contract withdraw %s', ROW(c.id, c.id));
    END IF;
    PERFORM contract_same(v, sha256);
    IF no IS NOT NULL AND c.audience = 'shared' THEN
        PERFORM refuse('JY009', 'contract %s was proposed once, and keeps its number', ROW(c.id), field => 'no');
    END IF;
    UPDATE contract AS x SET no = coalesce(contract_edit.no, x.no), title = coalesce(contract_edit.title, x.title)
    WHERE x.id = c.id AND x.audience = 'internal';
    UPDATE contract_version AS x SET title = coalesce(contract_edit.title, x.title),
        prose = coalesce(contract_edit.prose, x.prose), terms = coalesce(contract_edit.terms, x.terms),
        valid_from = coalesce(contract_edit.valid_from, x.valid_from),
        valid_to = CASE WHEN no_end THEN NULL ELSE coalesce(contract_edit.valid_to, x.valid_to) END, member_id = me_member()
    WHERE x.contract_id = c.id AND x.version = v.version;
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION contract_edit(bigint, text, text, jsonb, date, date, boolean, text, text) IS
    'Changes a draft of the caller''s side: what is not NULL; where sha256 is given, only one of that text. Its number.';
GRANT EXECUTE ON FUNCTION contract_edit(bigint, text, text, jsonb, date, date, boolean, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_amend(contract_id bigint, title text, prose text, terms jsonb, valid_from date,
    valid_to date, no_end boolean, reason text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c contract := contract_locked(contract_id);
    v contract_version; -- from which it goes on
BEGIN
    PERFORM contract_runs(c);
    IF EXISTS (SELECT FROM contract_version AS x WHERE x.contract_id = c.id AND x.version = c.latest
            AND x.state IN ('draft', 'proposed')) THEN
        -- Also where it is a draft of the other side: it is not said whose.
        PERFORM refuse('JY009', 'another version of contract %s is being worked on; it has to be signed, refused or withdrawn '
            'first', ROW(c.id));
    END IF;
    SELECT x.* INTO v FROM contract_version AS x WHERE x.contract_id = c.id
        AND x.version = CASE c.version WHEN 0 THEN c.latest ELSE c.version END;
    INSERT INTO contract_version (contract_id, version, company_id, vendor_id, author_company_id, audience, member_id, state,
        title, language, valid_from, valid_to, prose, terms, sha256, reason)
    VALUES (c.id, c.latest + 1, c.company_id, c.vendor_id, me_company(), 'internal', me_member(), 'draft',
        coalesce(contract_amend.title, v.title), contract_language(),
        coalesce(contract_amend.valid_from, CASE c.version WHEN 0 THEN v.valid_from END),
        CASE WHEN no_end THEN NULL ELSE coalesce(contract_amend.valid_to, v.valid_to) END,
        coalesce(contract_amend.prose, v.prose), coalesce(contract_amend.terms, v.terms, '{}'), '', contract_amend.reason);
    UPDATE contract AS x SET latest = c.latest + 1, state = CASE c.version WHEN 0 THEN 'draft' ELSE x.state END
    WHERE x.id = c.id;
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION contract_amend(bigint, text, text, jsonb, date, date, boolean, text) IS
    'Drafts another version of a contract that was signed, refused or withdrawn, from either side: what is NULL stays as it '
    'is in the one that was signed last. The contract''s number.';
GRANT EXECUTE ON FUNCTION contract_amend(bigint, text, text, jsonb, date, date, boolean, text) TO jiayi_app;

-- Looks at the version itself, and once: by their policy clauses ask for version and contract each.
CREATE OR REPLACE FUNCTION contract_clauses(contract_id bigint, version int, after int, most bigint) RETURNS SETOF clause
LANGUAGE plpgsql STABLE ROWS 50 SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    wanted int;
BEGIN
    SELECT v.version INTO wanted FROM contract AS c JOIN contract_version AS v ON v.contract_id = c.id
    WHERE c.id = contract_clauses.contract_id
      AND contract_seen(c.company_id, c.vendor_id, c.author_company_id, c.audience, c.owner_id, c.vendor_owner_id)
      AND (v.audience = 'shared' OR v.author_company_id = me_company())
      AND CASE WHEN contract_clauses.version IS NULL THEN v.state = ANY ('{proposed,executed}') ELSE v.version = contract_clauses.version END
    ORDER BY v.version DESC LIMIT 1;
    RETURN QUERY SELECT l.* FROM clause AS l
    WHERE l.contract_id = contract_clauses.contract_id AND l.version = wanted AND l.position > coalesce(after, 0)
    ORDER BY l.position LIMIT most;
END
$$;
COMMENT ON FUNCTION contract_clauses(bigint, int, int, bigint) IS
    'The clauses of a version of a contract, NULL: of the latest that was proposed, in their order after a position, so many at most. '
    'None, where the caller does not see it.';
GRANT EXECUTE ON FUNCTION contract_clauses(bigint, int, int, bigint) TO jiayi_app;

---- Proposing and signing

CREATE OR REPLACE FUNCTION contract_propose(contract_id bigint, sha256 text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c contract := contract_locked(contract_id);
    v contract_version;
BEGIN
    v := contract_open(c);
    PERFORM contract_runs(c);
    IF v.state <> 'draft' THEN
        PERFORM refuse('JY009', 'contract %s is proposed already', ROW(c.id));
    END IF;
    PERFORM contract_same(v, sha256);
    PERFORM contract_check_review(v);
    UPDATE contract_version AS x SET state = 'proposed', audience = 'shared' WHERE x.contract_id = c.id AND x.version = v.version
    RETURNING * INTO v;
    UPDATE contract AS x SET audience = 'shared', title = CASE c.version WHEN 0 THEN v.title ELSE x.title END,
        state = CASE c.version WHEN 0 THEN 'proposed' ELSE x.state END
    WHERE x.id = c.id RETURNING * INTO c;
    INSERT INTO clause (contract_id, version, position, kind, side, text, penalty_percent, penalty_amount, penalty_currency,
        cap_percent, cure_days)
    SELECT c.id, v.version, x.n, x.kind, x.side, x.text, x.penalty_percent, x.penalty_amount, x.penalty_currency, x.cap_percent,
           x.cure_days
    FROM ROWS FROM (jsonb_to_recordset(coalesce(v.terms -> 'clauses', '[]')) AS (kind text, side text, text text,
        penalty_percent numeric, penalty_amount numeric, penalty_currency text, cap_percent numeric, cure_days int))
        WITH ORDINALITY AS x(kind, side, text, penalty_percent, penalty_amount, penalty_currency, cap_percent, cure_days, n);
    INSERT INTO revision (on_kind, on_id, version, member_id, title, body)
    VALUES (kind('contract'), c.id, v.version, me_member(), v.title, contract_text(c, v));
    PERFORM contract_told(c, 'contract.proposed', true);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION contract_propose(bigint, text) IS
    'Proposes the draft of the caller''s side to the other one: from then on its text never changes. The contract''s number.';
GRANT EXECUTE ON FUNCTION contract_propose(bigint, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_drop(contract_id bigint, state text, reason text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c contract := contract_locked(contract_id);
    v contract_version;
BEGIN
    v := contract_open(c);
    IF state = 'withdrawn' AND v.author_company_id <> me_company() THEN
        PERFORM refuse('JY009', 'contract %s was proposed by %s, who may withdraw it; you may refuse it: '
            'jiayi contract refuse %s --reason TEXT', ROW(c.id, slug_of(v.author_company_id), c.id));
    ELSIF state = 'refused' AND v.author_company_id = me_company() THEN
        PERFORM refuse('JY009', 'contract %s was drafted by your side; you may withdraw it: jiayi contract withdraw %s',
            ROW(c.id, c.id));
    END IF;
    UPDATE contract_version AS x SET state = contract_drop.state, reason = coalesce(contract_drop.reason, x.reason)
    WHERE x.contract_id = c.id AND x.version = v.version;
    UPDATE contract AS x SET state = contract_drop.state WHERE x.id = c.id AND c.version = 0;
    IF v.audience = 'shared' THEN
        PERFORM contract_told(c, 'contract.' || state);
    END IF;
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION contract_drop(bigint, text, text) IS
    'Withdraws what the caller''s side drafted or proposed, or refuses what the other one proposed. The contract''s number.';
GRANT EXECUTE ON FUNCTION contract_drop(bigint, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION signature_note(ref text, version int, sha256 bytea, capacity text, company text, at text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT format(E'jiayi-signature/v1\n%s/%s\nsha256 %s\n%s %s\n%s\n', ref, version, encode(sha256, 'hex'), capacity, company, at)
$$;
COMMENT ON FUNCTION signature_note(text, int, bytea, text, text, text) IS
    'What a key signs: five lines, each with its end: what this is; which version of what; the SHA-256 of its text; as what and '
    'for which company; when by the signer''s clock, in UTC, 2026-11-29T08:00:00Z.';
GRANT EXECUTE ON FUNCTION signature_note(text, int, bytea, text, text, text) TO jiayi_auth;

-- That the signature is the key's was found before: PostgreSQL knows no Ed25519.
CREATE OR REPLACE FUNCTION contract_sign_key(c contract, v contract_version, public_key text, note text) RETURNS bigint
LANGUAGE plpgsql SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    k  member_key;
    at text := substring(note FROM '\n([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\n$');
BEGIN
    IF public_key IS NULL THEN
        RETURN NULL;
    END IF;
    -- Whoever revokes it waits, or is waited for.
    SELECT x.* INTO k FROM member_key AS x
    WHERE x.public_key = decode(contract_sign_key.public_key, 'hex') AND x.member_id = me_member() FOR SHARE;
    IF k.id IS NULL THEN
        PERFORM refuse('JY005', 'this is no key of yours; to make one: jiayi key add', field => 'public_key');
    ELSIF k.revoked_at IS NOT NULL THEN
        PERFORM refuse('JY009', 'key %s is revoked and signs no more; to make another: jiayi key add', ROW(k.id), field => 'public_key');
    ELSIF note IS DISTINCT FROM signature_note(ref(kind('contract'), c.id), v.version, v.sha256, contract_side(c), me_slug(), at) THEN
        PERFORM refuse('JY003', 'what the key signed is not version %s of contract %s for %s', ROW(v.version, c.id, me_slug()),
            field => 'note');
    ELSIF abs(extract(epoch FROM clock_timestamp() - at::timestamptz)) > 600 THEN
        PERFORM refuse('JY009', 'what the key signed says that it was at %s; here it is %s', ROW(at,
            to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), field => 'note');
    END IF;
    RETURN k.id;
END
$$;
COMMENT ON FUNCTION contract_sign_key(contract, contract_version, text, text) IS
    'The number of the caller''s key that signed a note; the call ends where it is no key of theirs, is revoked, or signed something '
    'else or at another time. NULL for no key.';
GRANT EXECUTE ON FUNCTION contract_sign_key(contract, contract_version, text, text) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_sign(contract_id bigint, sha256 text, public_key text, note text,
    signature text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    c     contract := contract_locked(contract_id);
    v     contract_version;
    other signature;
BEGIN
    PERFORM factor_fresh();
    v := contract_open(c);
    PERFORM contract_runs(c);
    IF v.state <> 'proposed' THEN
        PERFORM refuse('JY009', 'contract %s is a draft; propose it first: jiayi contract propose %s', ROW(c.id, c.id));
    ELSIF EXISTS (SELECT FROM signature AS s WHERE s.on_kind = kind('contract') AND s.on_id = c.id AND s.version = v.version
            AND s.company_id = me_company()) THEN
        PERFORM refuse('JY009', 'contract %s is signed by your side already', ROW(c.id));
    ELSIF EXISTS (SELECT FROM partnership AS p WHERE p.principal_id = c.company_id AND p.vendor_id = c.vendor_id
            AND p.state = 'ended') THEN
        PERFORM refuse('JY009', 'the partnership with %s is %s, not active', ROW(
            slug_of(CASE me_company() WHEN c.company_id THEN c.vendor_id ELSE c.company_id END), word('partnership', 'ended')));
    END IF;
    PERFORM contract_same(v, sha256);
    PERFORM contract_check_review(v);
    SELECT s.* INTO other FROM signature AS s WHERE s.on_kind = kind('contract') AND s.on_id = c.id AND s.version = v.version;
    IF is_my_person(other.member_id) THEN
        PERFORM refuse('JY009', 'contract %s was signed for the other side by you; somebody else has to sign for yours', ROW(c.id));
    END IF;
    INSERT INTO signature (on_kind, on_id, version, company_id, member_id, capacity, sha256, key_id, note, signature)
    VALUES (kind('contract'), c.id, v.version, me_company(), me_member(), contract_side(c), v.sha256,
        contract_sign_key(c, v, public_key, note), note, decode(contract_sign.signature, 'hex'));
    IF other.id IS NOT NULL THEN
        PERFORM contract_execute(c, v);
    END IF;
    PERFORM contract_told(c, CASE WHEN other.id IS NULL THEN 'contract.signed' ELSE 'contract.executed' END, true);
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION contract_sign(bigint, text, text, text, text) IS
    'Signs what is proposed for the caller''s company, which has to have the SHA-256 that the caller read; with a key of the '
    'caller''s, where its public half, the note and the signature are given. The second side''s signature has it hold. The contract''s number.';
GRANT EXECUTE ON FUNCTION contract_sign(bigint, text, text, text, text) TO jiayi_app;

CREATE OR REPLACE FUNCTION contract_execute(c contract, v contract_version) RETURNS void LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    starts timestamptz := coalesce(day_begins(c.company_id, v.valid_from), moment);
    ends   timestamptz := coalesce(day_ends(c.company_id, v.valid_to), 'infinity');
BEGIN
    IF ends <= moment THEN
        PERFORM refuse('JY009', 'the last day of contract %s is over; it has to be drafted anew', ROW(c.id));
    ELSIF c.version > 0 THEN
        -- What has ruled stays as it was.
        starts := greatest(starts, moment);
        IF starts >= ends OR starts > c.to_at THEN
            PERFORM refuse('JY009', 'contract %s ends before this version would begin; draft another contract', ROW(c.id));
        END IF;
    END IF;
    UPDATE contract_version AS x SET state = 'executed', from_at = starts WHERE x.contract_id = c.id AND x.version = v.version
    RETURNING * INTO v;
    UPDATE contract AS x SET version = v.version, title = v.title, to_at = ends, reminded = NULL,
        from_at = CASE c.version WHEN 0 THEN starts ELSE x.from_at END,
        state = CASE c.version WHEN 0 THEN 'active' ELSE x.state END
    WHERE x.id = c.id RETURNING * INTO c;
    -- What the new one does not repeat is owed no more from its day on.
    PERFORM duties_drop(c, v, company_day(c.company_id, starts), contract_word(v.language, 'amended') || ' ' || v.version);
    PERFORM payments_drop(c, v, company_day(c.company_id, starts));
    PERFORM duties_make(c, v, company_day(c.company_id, greatest(starts, moment)), false);
    PERFORM payments_make(c, v);
    -- The first full contract takes the framework's place.
    UPDATE contract AS x SET state = 'superseded' WHERE x.company_id = c.company_id AND x.vendor_id = c.vendor_id
        AND x.kind = 'framework' AND x.state IN ('active', 'suspended');
END
$$;
COMMENT ON FUNCTION contract_execute(contract, contract_version) IS
    'Has a version hold that both sides have signed: from its day on it rules, and the framework contract of the two is over.';
GRANT EXECUTE ON FUNCTION contract_execute(contract, contract_version) TO jiayi_auth;

CREATE OR REPLACE FUNCTION contract_version_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = jiayi, pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state IN ('executed', 'refused', 'withdrawn') OR (OLD.state <> 'draft'
                AND to_jsonb(NEW) - ARRAY['state', 'reason', 'from_at'] <> to_jsonb(OLD) - ARRAY['state', 'reason', 'from_at']) THEN
            PERFORM refuse('JY009', 'what is in %s is evidence: it can be neither changed nor deleted',
                ROW(word('object', 'contract')));
        END IF;
        IF caller() IS NOT NULL AND NEW.state <> OLD.state THEN
            PERFORM check_transition('contract_version', '', OLD.contract_id || '/' || OLD.version, OLD.state, NEW.state,
                CASE me_company() WHEN OLD.company_id THEN 'principal' ELSE 'vendor' END);
        END IF;
        NEW.updated_at := greatest(moment, OLD.updated_at);
        NEW.state_since := CASE WHEN NEW.state = OLD.state THEN OLD.state_since ELSE NEW.updated_at END;
    END IF;
    IF NEW.state = 'draft' OR (TG_OP = 'UPDATE' AND OLD.state = 'draft') THEN
        NEW.sha256 := sha256(convert_to(contract_text((SELECT c FROM contract AS c WHERE c.id = NEW.contract_id), NEW), 'UTF8'));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION contract_version_guard() IS
    'Trigger: a draft''s SHA-256 is worked out; what was proposed keeps its text, and what has become of it stays.';

---- Tables

CALL protect('contract_version', 'contract_id,version', 'company_id,vendor_id', 'prose,terms');
CREATE POLICY visible ON contract_version FOR SELECT TO jiayi_app
    USING ((audience = 'shared' OR author_company_id = me_company())
           AND EXISTS (SELECT FROM contract AS c WHERE c.id = contract_id));
GRANT SELECT ON contract_version TO jiayi_app;
CALL open_to_auth('contract_version', 'SELECT, INSERT, UPDATE');
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON contract_version FOR EACH ROW EXECUTE FUNCTION contract_version_guard();
ALTER TABLE contract_version ENABLE ALWAYS TRIGGER guard;
CREATE TRIGGER evidence BEFORE DELETE OR TRUNCATE ON contract_version EXECUTE FUNCTION keep_evidence();
ALTER TABLE contract_version ENABLE ALWAYS TRIGGER evidence;

CALL protect('clause', NULL);
CALL logged('clause', 'contract_id,version,position', at => 'log_at', by_hand => true);
CREATE POLICY visible ON clause FOR SELECT TO jiayi_app
    USING (EXISTS (SELECT FROM contract_version AS v WHERE v.contract_id = clause.contract_id AND v.version = clause.version));
GRANT SELECT ON clause TO jiayi_app;
CALL open_to_auth('clause', 'SELECT, INSERT');
CALL only_added('clause');

CALL protect('contract_review', NULL);
CALL logged('contract_review', 'id', by_hand => true);
CREATE POLICY visible ON contract_review FOR SELECT TO jiayi_app
    USING (company_id = me_company() AND EXISTS (SELECT FROM contract AS c WHERE c.id = contract_id));
GRANT SELECT ON contract_review TO jiayi_app;
CALL open_to_auth('contract_review', 'SELECT, INSERT');
CALL only_added('contract_review');
