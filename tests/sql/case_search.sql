-- Who finds what is said in cases: whoever the policies let read it, at once and from the index, and nobody else; a rival nothing.
\ir fixture.psql
SELECT no_plan();

CREATE FUNCTION pg_temp.kept() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WHILE (SELECT k.kept FROM jiayi.search_keep(100) AS k) > 0 LOOP
    END LOOP;
END
$$;
-- References in one order.
CREATE FUNCTION pg_temp.sorted(refs text) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(r, ' ' ORDER BY r) FROM unnest(string_to_array($1, ' ')) AS r $$;
CREATE FUNCTION pg_temp.finds(name text) RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.sorted(pg_temp.act(name, 'session', 'SELECT string_agg(f.ref, '' '') FROM search_found(''wombat'', ''{case,comment}'', NULL, 1000) AS f')) $$;
CREATE FUNCTION pg_temp.reads(name text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.sorted(pg_temp.act(name, 'session', 'SELECT string_agg(r, '' '') FROM (SELECT ''case/'' || c.id FROM case_file AS c WHERE case_reads(c, c.opened_company_id)
        UNION ALL SELECT ''comment/'' || s.id FROM comment AS s WHERE s.on_kind = kind(''case'')) AS x(r)'))
$$;

INSERT INTO company (slug, name) VALUES ('delta', 'Delta');
SELECT pg_temp.join_company('dboss', 'delta', 'admin') \g /dev/null
SELECT pg_temp.join_company('dan', 'delta', 'vendor', 'dboss') \g /dev/null
SELECT pg_temp.partners('acme', 'delta') \g /dev/null
CREATE TEMP TABLE who AS SELECT * FROM unnest('{boss,ben,cleo,dora,anna,ewa,vito,vera,bboss,dboss,dan,gina,gboss,op}'::text[]) AS w(name);

WITH c AS (
    INSERT INTO case_file (kind, company_id, vendor_id, other_vendor_id, opened_by, opened_company_id, handler_id, title, text, answer_by, clause)
    SELECT k.kind, pg_temp.company('acme'), CASE WHEN k.vendor THEN pg_temp.company('beta') END,
        CASE k.kind WHEN 'conflict' THEN pg_temp.company('delta') END, pg_temp.member(k.opener),
        CASE k.opener WHEN 'vito' THEN pg_temp.company('beta') ELSE pg_temp.company('acme') END, pg_temp.member(k.handler),
        'wombat', 'wombat', now(), CASE k.kind WHEN 'breach' THEN 1 END
    FROM (VALUES ('conflict', 'vito', true, NULL), ('conflict', 'cleo', true, 'anna'), ('breach', 'vito', true, NULL), ('dispute', 'cleo', true, NULL),
        ('complaint', 'cleo', false, NULL), ('complaint', 'dora', false, 'cleo'), ('support', 'vito', true, 'dora'), ('suggestion', 'cleo', false, NULL))
        AS k(kind, opener, vendor, handler)
    RETURNING id, kind, vendor_id, other_vendor_id
)
INSERT INTO comment (on_kind, on_id, member_id, topic, audience, text)
SELECT kind('case'), c.id, pg_temp.member(s.name), 'statement', a.audience, 'the wombat'
FROM c CROSS JOIN (VALUES ('cleo'), ('vito'), ('dboss')) AS s(name) CROSS JOIN (VALUES ('shared'), ('internal')) AS a(audience)
WHERE s.name = 'cleo' OR (s.name = 'vito' AND c.vendor_id IS NOT NULL) OR (s.name = 'dboss' AND c.other_vendor_id IS NOT NULL);

CREATE FUNCTION pg_temp.all_find(moment text) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT is(pg_temp.finds(w.name), pg_temp.reads(w.name), moment || ': ' || w.name) FROM who AS w $$;
SELECT pg_temp.all_find('while it waits');
SELECT pg_temp.kept() \g /dev/null
SELECT pg_temp.all_find('from the index');
SELECT cmp_ok(cardinality(string_to_array(pg_temp.finds('boss'), ' ')), '>', 20, 'the admin finds much');
SELECT is(pg_temp.finds(r), NULL, r || ', of no side, nothing') FROM unnest('{gina,gboss,op}'::text[]) AS r;
-- In a conflict the rival finds neither the other one's words nor what was said for oneself.
SELECT is(count(*)::int, 0, 'the rival finds nothing of the other') FROM comment AS s JOIN case_file AS c ON c.id = s.on_id
WHERE s.on_kind = kind('case') AND c.kind = 'conflict' AND 'comment/' || s.id = ANY (string_to_array(pg_temp.finds('dboss'), ' '))
  AND (s.author_company_id = pg_temp.company('beta') OR (s.audience = 'internal' AND s.author_company_id <> pg_temp.company('delta')));
SELECT cmp_ok(count(*)::int, '>', 0, 'but what the principal said') FROM comment AS s JOIN case_file AS c ON c.id = s.on_id
WHERE s.on_kind = kind('case') AND c.kind = 'conflict' AND 'comment/' || s.id = ANY (string_to_array(pg_temp.finds('dboss'), ' '))
  AND s.author_company_id = pg_temp.company('acme');

-- Who handles it, and what a decision names.
UPDATE case_file SET handler_id = pg_temp.member('dora') WHERE kind = 'complaint';
UPDATE case_file SET named = true, state = 'decided' WHERE kind = 'conflict';
SELECT pg_temp.all_find('once it is decided, while that waits');
SELECT pg_temp.kept() \g /dev/null
SELECT pg_temp.all_find('once it is decided');
SELECT cmp_ok(count(*)::int, '>', 0, 'now the rival finds what the other said') FROM comment AS s JOIN case_file AS c ON c.id = s.on_id
WHERE s.on_kind = kind('case') AND c.kind = 'conflict' AND 'comment/' || s.id = ANY (string_to_array(pg_temp.finds('dboss'), ' '))
  AND s.author_company_id = pg_temp.company('beta');
UPDATE case_file SET state = 'appealed' WHERE kind = 'conflict';
SELECT pg_temp.kept() \g /dev/null
SELECT pg_temp.all_find('appealed');

-- What was there before.
DELETE FROM search_doc WHERE kind = 'case';
INSERT INTO search_fill (kind, below) SELECT 'case', max(id) + 1 FROM case_file;
SELECT pg_temp.kept() \g /dev/null
SELECT pg_temp.all_find('filled');
SELECT * FROM finish();
ROLLBACK;
