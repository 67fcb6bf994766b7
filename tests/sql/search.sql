-- Searching: what texts are compared as, what they are found by, who finds them, and how what was there before and what
-- was changed comes to be found.
\ir fixture.psql
SELECT no_plan();

---- One form for all that is the same

SELECT is(searchable(t), form, format('"%s" is compared as "%s"', t, form)) FROM (VALUES
    ('深圳港口', '深圳港口'), ('臺灣機器人', '台湾机器人'), ('台湾机器人', '台湾机器人'), ('ＡＢＣ　１２', 'abc 12'), ('ﾛﾎﾞｯﾄ', 'ロボット'),
    ('Harbour CRANES', 'harbour cranes'), ('  a,b;;c ', 'a b c'), ('3.5%', '3 5'), ('C++', 'c'), ('a_b', 'a b'),
    ('Ëndrra e Çmendur', 'endrra e cmendur'), (normalize('ëç', NFD), 'ec'), ('endrra', 'endrra'), ('Šah', 'sah'),
    ('Straße', 'strasse'), ('STRASSE', 'strasse'), ('STRAẞE', 'strasse'), ('İstanbul', 'istanbul'), ('Ω', 'ω'),
    ('가나다', '가나다'), (normalize('가', NFD), '가'), ('ﬁn', 'fin'), ('①', '1'), ('x²', 'x2'),
    ('🙂', ''), ('港🙂口', '港 口'), ('…！？，。', ''), ('%_', ''), (E'a\nb\tc', 'a b c'), ('', '')) AS v(t, form);
SELECT is(searchable(searchable(t)), searchable(t), format('once more changes nothing of "%s"', t))
FROM (VALUES ('臺灣機器人 ＡＢＣ'), ('Ëndrra ﬁn ﾛﾎﾞｯﾄ'), ('x² ①'), ('ŠŽĐ')) AS v(t);

---- What it is found by: whatever is in a text is found by keys that all are the text's

SELECT is(ARRAY(SELECT unnest(search_asked(searchable(t))) ORDER BY 1), ARRAY(SELECT unnest(form) ORDER BY 1), format('"%s" is looked for by %s', t, form)) FROM (VALUES
    ('港', '{港}'::text[]), ('港口', '{口,港,港口}'), ('自动化', '{动化,自动}'), ('x光', '{x光,光}'), ('B端', '{b端,端}'), ('华为P50', '{为p,华为,p50}'),
    ('ai', '{ai}'), ('a', '{a}'), ('port', '{ort,por}'), ('深圳 port', '{圳,深,深圳,ort,por}'), ('5g网', '{g网}'), ('a 港口', '{a,口,港,港口}')) AS v(t, form);
SELECT is(count(*) FILTER (WHERE search_has(p.s, l.likes, l.starts) AND NOT search_grams(p.s) @> search_asked(btrim(p.part)))::int, 0,
    'every part of a text is found by what the text has, but for one letter or two inside a word') FROM (
    SELECT substr(t.s, i, n) AS part, t.s FROM (VALUES ('深圳盐田港口自动化'), ('harbour cranes 12'), ('华为p50手机 x光 5g网 ai'), ('台积电tsmc n3')) AS t(s),
         generate_series(1, length(t.s)) AS i, generate_series(1, 12) AS n) AS p
, LATERAL search_like(btrim(p.part)) AS l
WHERE btrim(p.part) <> '';
SELECT is(string_agg(t, ' ' ORDER BY n), found, format('"%s" is found where a word begins', w)) FROM (VALUES
    ('ai', 'ai aim 港ai'), ('a', 'ai aim 港ai'), ('p5', 'p50 为p50手'), ('光', 'x光')) AS v(w, found),
    LATERAL search_like(v.w) AS l, unnest('{ai,aim,main,mai,港ai,p50,为p50手,3p50,x光}'::text[]) WITH ORDINALITY AS t(t, n)
WHERE search_has(t, l.likes, l.starts) AND search_grams(t) @> search_asked(v.w) GROUP BY v.w, v.found;
SELECT is(count(*)::int, 0, 'letters that no word begins with are no key') FROM unnest(search_grams('main 港ai')) AS g WHERE g IN ('n', 'in', 'i', '');
SELECT is(cardinality(search_asked(repeat('港', 200))), 1, '200 characters that are the same are one key');
SELECT cmp_ok(cardinality(search_asked((SELECT string_agg(chr(19968 + i), '') FROM generate_series(1, 200) AS i))), '=', 199,
    '200 characters are 199');
SELECT is((SELECT count(DISTINCT search_key(g, s)) FROM unnest(ARRAY['港口', '自动']) AS g, generate_series(0, 9999) AS i, LATERAL (SELECT i * 1024 + i % 7 AS s) AS s)::int, 20000,
    'no two scopes have a key in common');

---- Who finds what

CREATE FUNCTION pg_temp.finds(name text, words text, VARIADIC kinds text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.act(name, 'session', format('SELECT string_agg(f.ref, '' '') FROM search_found(%L, %L, NULL, 51) AS f', words, kinds)) $$;
CREATE FUNCTION pg_temp.kept() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WHILE (SELECT k.kept FROM jiayi.search_keep(3) AS k) > 0 LOOP
    END LOOP;
END
$$;
SELECT pg_temp.kept() \g /dev/null
SELECT is(count(*)::int, 0, 'nothing waits') FROM search_todo;
SELECT is(count(*)::int, 0, 'nothing from before is left') FROM search_fill;

SELECT pg_temp.deal('cleo', 'Quokka', true) AS deal, pg_temp.deal('dora', 'Quokka too') AS other \gset
INSERT INTO comment (on_kind, on_id, member_id, text, audience) VALUES
    (kind('deal'), :deal, pg_temp.member('cleo'), 'quokka shared', 'shared'),
    (kind('deal'), :deal, pg_temp.member('cleo'), 'quokka floor', 'internal'),
    (kind('deal'), :deal, pg_temp.member('vito'), 'quokka margin', 'internal'),
    (kind('deal'), :deal, pg_temp.member('vito'), 'quokka offer', 'shared');
SELECT max(id) - 3 AS shared, max(id) - 2 AS floor, max(id) - 1 AS margin, max(id) AS offer FROM comment \gset
CREATE TEMP TABLE expected AS SELECT * FROM (VALUES
    ('cleo', ARRAY['deal/' || :deal, 'comment/' || :shared, 'comment/' || :floor, 'comment/' || :offer]),
    ('ben', ARRAY['deal/' || :deal, 'comment/' || :shared, 'comment/' || :floor, 'comment/' || :offer]),
    ('boss', ARRAY['deal/' || :deal, 'deal/' || :other, 'comment/' || :shared, 'comment/' || :floor, 'comment/' || :offer]),
    ('ewa', ARRAY['deal/' || :deal, 'deal/' || :other, 'comment/' || :shared, 'comment/' || :floor, 'comment/' || :offer]),
    ('dora', ARRAY['deal/' || :other]),
    ('vito', ARRAY['deal/' || :deal, 'comment/' || :shared, 'comment/' || :margin, 'comment/' || :offer]),
    ('bboss', ARRAY['deal/' || :deal, 'comment/' || :shared, 'comment/' || :margin, 'comment/' || :offer]),
    ('gboss', '{}'), ('gina', '{}'), ('op', '{}')) AS v(who, refs);
CREATE FUNCTION pg_temp.all_find(moment text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT is(ARRAY(SELECT r FROM unnest(string_to_array(pg_temp.finds(e.who, 'QUOKKA', 'deal', 'comment'), ' ')) AS r ORDER BY 1),
              ARRAY(SELECT r FROM unnest(e.refs) AS r ORDER BY 1), moment || ': ' || e.who)
    FROM expected AS e
$$;
SELECT pg_temp.all_find('while it waits');
-- All that waits is looked at, the first as well; and where it is too much, nobody is told half of it.
INSERT INTO search_todo (kind, on_id, company_id) SELECT 'deal', -i, pg_temp.company('acme') FROM generate_series(1, 900) AS i;
SELECT pg_temp.all_find('behind 900 others that wait');
INSERT INTO search_todo (kind, on_id, company_id) SELECT 'deal', -i, pg_temp.company('acme') FROM generate_series(1, 200) AS i;
SELECT throws_ok($$ SELECT pg_temp.finds('cleo', 'quokka') $$, 'JY014', NULL, 'more than 1,000: the call ends');
SELECT throws_ok($$ SELECT pg_temp.act('cleo', 'deal.read', 'SELECT deals_found(''quokka'', NULL, false)::text') $$, 'JY014', NULL, 'of a list as well');
SELECT is(pg_temp.finds('gboss', 'quokka'), NULL, 'that is no matter to others');
DELETE FROM search_todo WHERE on_id < 0;
SELECT pg_temp.kept() \g /dev/null
SELECT pg_temp.all_find('from the index');

-- Candidates are cut to the caller's reach before they are counted: of many that others have, none takes room.
SELECT pg_temp.deal('dora', 'Quokka ' || i) FROM generate_series(1, 60) AS i \g /dev/null
SELECT pg_temp.kept() \g /dev/null
SELECT pg_temp.all_find('among many') LIMIT 2;
SELECT is(pg_temp.act('cleo', 'session', 'SELECT count(*)::text FROM search_candidates(''quokka'', ''{deal}'', ''infinity'', '''', 0, 50)'), '1',
    'not even the numbers of others'' things are candidates');

-- Who sees all of the company walks where that is sooner, and finds the same: common, rare, in parts, the page behind.
CREATE FUNCTION pg_temp.pages(name text, words text, most int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    after text;
    found text := '';
    part  text;
BEGIN
    LOOP
        part := pg_temp.act(name, 'session', format('SELECT string_agg(f.ref, '' '') || ''|'' || (array_agg(f.key))[count(*)] '
            'FROM search_found(%L, ''{deal}'', %L, %s) AS f', words, after, most));
        EXIT WHEN part IS NULL;
        found := found || ' ' || split_part(part, '|', 1);
        after := split_part(part, '|', 2);
    END LOOP;
    RETURN nullif(btrim(found), '');
END
$$;
SELECT is(pg_temp.pages('boss', w, 7), (SELECT string_agg('deal/' || d.id, ' ' ORDER BY d.created_at DESC, d.id DESC) FROM deal AS d
        WHERE d.company_id = pg_temp.company('acme') AND d.title ILIKE '%' || w || '%'), 'all of "' || w || '" in pages of seven')
FROM unnest('{quokka,too,nothing}'::text[]) AS w;
SET LOCAL session_replication_role = replica;
INSERT INTO search_doc (kind, id, at, scopes, text, company_id)
SELECT 'deal', -i, now() + i * interval '1 second', ARRAY[search_scope('company', noun('deal'), pg_temp.company('acme'))], 'filler ' || i,
       pg_temp.company('acme') FROM generate_series(1, 9000) AS i;
SET LOCAL session_replication_role = origin;
SELECT pg_temp.sign('boss', 'session');
RESET ROLE;
SELECT is((search_newest('{deal}', ARRAY['%' || w || '%'], '{}', 'infinity', '', 0, 51)).enough, enough, why) FROM (VALUES ('filler', true, 'what is common fills the page'),
    ('quokka', false, 'what is rare is left to its letters')) AS v(w, enough, why);
SELECT pg_temp.leave();
SELECT is(pg_temp.finds('boss', 'quokka', 'deal'), left(pg_temp.pages('boss', 'quokka', 7), length(pg_temp.finds('boss', 'quokka', 'deal'))),
    'behind 9,000 newer ones all is found');
SELECT is(pg_temp.act('cleo', 'session', 'SELECT true FROM search_candidates(''filler'', ''{deal}'', ''infinity'', '''', 0, 51)'), NULL,
    'who does not see all passes nothing');
DELETE FROM search_doc WHERE kind = 'deal' AND id < 0;

-- A policy that shows less than the index has the last word.
UPDATE search_doc SET scopes = scopes || search_scope('company', 0, pg_temp.company('gamma')) WHERE kind = 'deal' AND id = :deal;
SELECT is(pg_temp.finds('gina', 'quokka'), NULL, 'what the index has wrongly is not shown');
SELECT is(pg_temp.act('gina', 'session', 'SELECT count(*)::text FROM search_candidates(''quokka'', ''{deal}'', ''infinity'', '''', 0, 50)'), '1',
    'though it is a candidate');

---- The tables are closed

SELECT is(has_table_privilege('jiayi_app', 'jiayi.' || t, 'SELECT'), false, t || ' is closed')
FROM unnest(ARRAY['search_doc', 'search_todo', 'search_fill']) AS t;

---- What there was before

DELETE FROM search_doc;
INSERT INTO search_fill (kind, below) SELECT 'deal', max(id) + 1 FROM deal;
SELECT throws_ok($$ SELECT pg_temp.finds('cleo', 'quokka') $$, 'JY014', NULL, 'while that is prepared nobody is told half of it');
SELECT pg_temp.kept() \g /dev/null
SELECT is(count(*)::int, 0, 'it is prepared') FROM search_fill;
SELECT is(pg_temp.finds('cleo', 'quokka', 'deal'), 'deal/' || :deal, 'and found');

---- What is noted

SELECT is(count(*)::int, 0, 'nothing waits any more') FROM search_todo;
UPDATE deal SET stage = 'contacted' WHERE id = :deal;
UPDATE deal SET title = title, vendor_id = vendor_id WHERE id = :deal;
SELECT is(count(*)::int, 0, 'a move, or a change of nothing, is not noted') FROM search_todo;
UPDATE deal SET owner_id = pg_temp.member('dora') WHERE id = :deal;
SELECT is(string_agg(kind || '/' || on_id, ' '), 'deal/' || :deal, 'another owner is') FROM search_todo;
SELECT pg_temp.kept() \g /dev/null
SELECT is(pg_temp.finds('cleo', 'quokka', 'deal', 'comment'), NULL, 'and all that was said goes along');

---- Where in a text it is

SELECT is(s.match || ' | ' || s.snippet, want, t) FROM (VALUES
    ('客户想看港口的演示', '港口', '港口 | 客户想看港口的演示'),
    ('Ëndrra e Çmendur', 'cmendur', 'Çmendur | Ëndrra e Çmendur'),
    ('臺灣機器人', '机器', '機器 | 臺灣機器人'),
    ('ＡＢＣ　１２', 'bc', 'ＢＣ | ＡＢＣ １２'),
    ('Die Straße', 'strasse', 'Straße | Die Straße'),
    (E'one\ntwo', 'two', 'two | one two'),
    (repeat('甲', 100) || '港口' || repeat('乙', 200), '港口', '港口 | …' || repeat('甲', 12) || '港口' || repeat('乙', 106) || '…'),
    (repeat('甲', 3000) || '機器' || repeat('乙', 3000), '机器', '機器 | …' || repeat('甲', 12) || '機器' || repeat('乙', 106) || '…')) AS v(t, asked, want),
    LATERAL search_snippet(v.t, v.asked) AS s;

-- As dispatch(), planned with hardly a text.
CREATE FUNCTION pg_temp.read_whole() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(s.relname || ' ' || s.seq_scan, ', ' ORDER BY s.relname) FROM pg_stat_xact_user_tables AS s
    WHERE s.relname = ANY ('{search_doc,search_todo,deal,customer}')
$$;
SELECT pg_temp.deal('dora', 'late') \g /dev/null
-- Of what is on one page the planner reads all, where it may.
ANALYZE search_doc, search_todo, deal, customer;
DISCARD PLANS;
SELECT pg_temp.read_whole() AS before \gset
SET LOCAL ROLE jiayi_job;
SELECT cmp_ok((SELECT kept FROM search_keep(1000)), '>', 0::bigint, 'it is put where it is found');
RESET ROLE;
SELECT is(pg_temp.read_whole(), :'before', 'and no table is read as a whole for that');
SELECT * FROM finish();
ROLLBACK;
