-- Lists of words, tags, and deals found by them.
\ir fixture.psql
\ir plan.psql
SELECT no_plan();

SELECT pg_temp.company('acme') AS acme \gset
SELECT is((SELECT string_agg(l.list || CASE WHEN l.single THEN ' single' ELSE '' END || CASE WHEN l.closed THEN ' closed' ELSE '' END, ', '
        ORDER BY l.list) FROM choice_list AS l WHERE l.company_id = :acme),
    'competitor, customer_type single closed, industry single, intent single closed, lost_reason single closed, need, source single closed', 'a new company has lists');
SELECT is((SELECT string_agg(c.code || ' ' || c.label, ', ' ORDER BY c.position) FROM choice AS c WHERE c.company_id = :acme AND c.list = 'intent'),
    'high 高, medium 中, low 低', 'with codes');
SELECT is(count(*)::int, 0, 'the operators'' company has none') FROM choice_list WHERE company_id = pg_temp.company('operators');
SELECT pg_temp.act('op', 'company.create', $$ SELECT slug FROM company_create('delta', 'Delta', 'boss@delta.example',
    NULL, 'Boss', NULL, 'sq') $$) \g /dev/null
SELECT is((SELECT string_agg(c.label, ', ' ORDER BY c.position) FROM choice AS c WHERE c.company_id = pg_temp.company('delta')
    AND c.list = 'intent'), 'I lartë, Mesatar, I ulët', 'in its language');

---- Who changes lists

CREATE FUNCTION pg_temp.choose(VARIADIC fields text[]) RETURNS jsonb LANGUAGE sql AS
$$ SELECT pg_temp.answer('boss', 'choice.manage', pg_temp.method('ChoiceService/SetChoice', VARIADIC fields)) $$;
CREATE FUNCTION pg_temp.listing(VARIADIC fields text[]) RETURNS jsonb LANGUAGE sql AS
$$ SELECT pg_temp.answer('boss', 'choice.manage', pg_temp.method('ChoiceService/SetChoiceList', VARIADIC fields)) $$;
SELECT is(pg_temp.choose('list', 'need', 'code', 'robots', 'label', '机器人'),
    '{"list": "need", "code": "robots", "label": "机器人", "position": 1, "active": true, "tag": "need=robots"}'::jsonb, 'a new code is the first');
SELECT is(pg_temp.choose('list', 'need', 'code', 'vision', 'label', '视觉', 'retire', 'true'),
    '{"list": "need", "code": "vision", "label": "视觉", "position": 2, "active": false, "tag": "need=vision"}'::jsonb, 'or comes last');
SELECT is(pg_temp.choose('list', 'need', 'code', 'vision', 'restore', 'true', 'position', '0'),
    '{"list": "need", "code": "vision", "label": "视觉", "position": 0, "active": true, "tag": "need=vision"}'::jsonb, 'and is changed');
SELECT is(pg_temp.listing('list', 'region', 'title', '区域', 'each', 'one'),
    '{"list": "region", "title": "区域", "single": true, "closed": false}'::jsonb, 'a new list');
SELECT is(pg_temp.listing('list', 'region', 'codes', 'listed'),
    '{"list": "region", "title": "区域", "single": true, "closed": true}'::jsonb, 'is changed');
SELECT pg_temp.refuses($$ SELECT pg_temp.listing('list', 'other') $$, 'JY003', 'a new list needs a title; give one with --title');
SELECT pg_temp.refuses($$ SELECT pg_temp.choose('list', 'need', 'code', 'x') $$, 'JY003', 'a new code needs a label; give one with --label');
SELECT pg_temp.refuses($$ SELECT pg_temp.choose('list', 'nothing', 'code', 'x', 'label', 'X') $$, 'JY003',
    'there is no list nothing; the lists are competitor, customer_type, industry, intent, lost_reason, need, region, source');
SELECT is(pg_temp.sees('cleo', 'choice.read', 'DISTINCT company_id FROM choice'), :'acme', 'its people see its lists');
SELECT is(pg_temp.sees('vera', 'choice.read', 'DISTINCT company_id FROM choice'), pg_temp.company('acme') || ',' || pg_temp.company('beta'),
    'a vendor''s its principal''s, too');
SELECT is(pg_temp.sees('anna', 'choice.read', 'DISTINCT company_id FROM choice'), :'acme', 'a principal not its vendor''s');
SELECT is(pg_temp.sees('gina', 'choice.read', 'DISTINCT company_id FROM choice_list'), pg_temp.company('gamma')::text, 'a stranger''s its own');

---- Tags

SELECT pg_temp.deal('cleo', 'mine', true) AS mine, pg_temp.deal('dora', 'hers') AS hers, pg_temp.deal('gina', 'theirs') AS theirs \gset
CREATE FUNCTION pg_temp.tag(who text, VARIADIC fields text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    at int;
BEGIN
    FOREACH at IN ARRAY ARRAY[1, 2] LOOP
        IF array_position(fields, (ARRAY['tags', 'remove'])[at]) IS NULL THEN
            fields := fields || ARRAY[(ARRAY['tags', 'remove'])[at], '{}'];
        END IF;
    END LOOP;
    RETURN pg_temp.act(who, 'deal.update', pg_temp.method('DealService/TagDeal', VARIADIC fields));
END
$$;
CREATE FUNCTION pg_temp.tags(who text, deal text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act(who, 'deal.read', format('SELECT string_agg(concat(t ->> ''list'', ''='', t ->> ''code'', '' '' || (t ->> ''label''),
        '' internal '' || (t ->> ''internal'')), '', '') FROM jsonb_array_elements(tags_of(3::smallint, %s)) AS t', deal))
$$;
SELECT is(pg_temp.tag('cleo', 'deal_id', :'mine', 'tags', '{intent=low,need=robots,need=drones}'), :'mine', 'a deal is tagged');
SELECT is(pg_temp.tags('cleo', :'mine'), 'intent=low 低 internal true, need=robots 机器人 internal true, need=drones internal true', 'with labels');
SELECT pg_temp.tag('cleo', 'deal_id', :'mine', 'tags', '{intent=high,need=robots}', 'remove', '{need=drones}') \g /dev/null
SELECT is(pg_temp.tags('boss', :'mine'), 'intent=high 高 internal true, need=robots 机器人 internal true',
    'of a single list the new one takes the place; others are added; one is taken away');
SELECT is(pg_temp.tags('vito', :'mine'), NULL, 'a vendor does not see what is internal');
SELECT pg_temp.tag('cleo', 'deal_id', :'mine', 'tags', '{need=robots}', 'shared', 'true') \g /dev/null
SELECT is(pg_temp.tags('vito', :'mine'), 'need=robots 机器人', 'but what is shared');
SELECT pg_temp.tag('cleo', 'deal_id', :'mine', 'tags', '{need=robots}') \g /dev/null
SELECT is(pg_temp.tags('vito', :'mine'), 'need=robots 机器人', 'which stays so where nothing is said');
SELECT is(pg_temp.tags('dora', :'mine'), NULL, 'who does not see the deal sees no tag');
SELECT is(pg_temp.sees('gina', 'deal.read', 'on_id FROM tag'), '', 'nor does a stranger');
SELECT pg_temp.refused('vito', 'deal.update', pg_temp.method('DealService/TagDeal', 'deal_id', :'mine', 'tags', '{intent=low}', 'remove', '{}'),
    'JY007', format('you may see deal/%s but not tag it', :'mine'));
SELECT pg_temp.refused('vito', 'deal.update', pg_temp.method('DealService/TagDeal', 'deal_id', :'mine', 'tags', '{}', 'remove', '{need=robots}'),
    'JY007', format('you may see deal/%s but not tag it', :'mine'));
SELECT pg_temp.refused('cleo', 'deal.update', pg_temp.method('DealService/TagDeal', 'deal_id', d, 'tags', '{intent=low}', 'remove', '{}'),
    'JY005', format('there is no deal %s that you can see', d)) FROM unnest(ARRAY[:'hers', :'theirs', '999999']) AS d;
SELECT pg_temp.refuses(format('SELECT pg_temp.tag(%L, %L, %L, %L, %L)', 'cleo', 'deal_id', :'mine', field, tag), code, says) FROM (VALUES
    ('tags', '{intent=huge}', 'JY003', 'the list intent has no code huge; its codes are high, medium, low'),
    ('tags', '{colour=red}', 'JY003', 'there is no list colour; the lists are competitor, customer_type, industry, intent, lost_reason, need, region, source'),
    ('tags', '{intent=high,intent=low}', 'JY003', 'of the list intent one code at most is given; name one'),
    ('remove', '{intent=low}', 'JY005', 'deal/' || :'mine' || ' has no tag intent=low')
) AS x(field, tag, code, says);
SELECT pg_temp.choose('list', 'need', 'code', 'robots', 'retire', 'true') \g /dev/null
SELECT is(pg_temp.tags('cleo', :'mine'), 'intent=high 高 internal true, need=robots 机器人', 'what has a retired code keeps it');
SELECT pg_temp.refused('dora', 'deal.update', pg_temp.method('DealService/TagDeal', 'deal_id', :'hers', 'tags', '{need=robots}', 'remove', '{}'),
    'JY009', 'the code robots of the list need is retired; jiayi choice list need shows the others');
SELECT pg_temp.tag('cleo', 'deal_id', :'mine', 'tags', '{need=drones}') \g /dev/null
SELECT pg_temp.refuses($$ SELECT pg_temp.listing('list', 'need', 'each', 'one') $$, 'JY009',
    'some things have several codes of need; take all but one from each first');
SELECT is((SELECT string_agg(a.action || ' ' || a.object_id, ', ' ORDER BY a.id) FROM audit_log AS a WHERE a.object = 'tag' AND a.member_id = pg_temp.member('cleo')
    AND a.object_id LIKE '%intent'), format('insert 3/%s/intent, delete 3/%1$s/intent, insert 3/%1$s/intent', :'mine'), 'the log has what was given and taken');

---- Deals by tag: 1,000 companies, acme with 10,000 deals of which each fourth is of high interest, and each fortieth needs drones

SET LOCAL session_replication_role = replica;
INSERT INTO customer (company_id, name) VALUES (:acme, 'C') RETURNING id AS customer \gset
INSERT INTO deal (company_id, title, customer_id, stage, outcome, owner_id)
SELECT :acme, 'D' || i, :customer, 'new', 'open', pg_temp.member(CASE WHEN i % 100 = 0 AND i <= 4000 THEN 'cleo' ELSE 'dora' END) FROM generate_series(1, 10000) AS i;
INSERT INTO tag (on_kind, on_id, list, code, company_id, author_company_id, version, member_id)
SELECT 3, d.id, t.list, t.code, d.company_id, d.company_id, 1, d.owner_id FROM deal AS d, LATERAL (
    SELECT 'intent', CASE substring(d.title FROM 2)::int % 4 WHEN 0 THEN 'high' WHEN 1 THEN 'medium' ELSE 'low' END
    UNION ALL SELECT 'need', 'drones' WHERE substring(d.title FROM 2)::int % 40 = 0) AS t(list, code)
WHERE d.customer_id = :customer;
INSERT INTO tag (on_kind, on_id, list, code, company_id, author_company_id, version, member_id)
SELECT 3, 1000000 + i, 'intent', 'high', 1000000 + i % 1000, 1000000 + i % 1000, 1, 1 FROM generate_series(1, 100000) AS i;
INSERT INTO choice (company_id, list, code, label, position)
SELECT CASE i % 10 WHEN 0 THEN :acme ELSE 1000000 + i % 1000 END, 'intent', 'c' || i, 'C', i FROM generate_series(1, 20000) AS i;
SET LOCAL session_replication_role = origin;
ANALYZE deal;
ANALYZE tag;
ANALYZE choice;
CREATE FUNCTION pg_temp.found(who text, VARIADIC fields text[]) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act(who, 'deal.read', 'SELECT concat_ws('' '', count(*), string_agg(DISTINCT x.title, '','') FILTER (WHERE x.title !~ ''^D'')) FROM ('
        || pg_temp.variant('DealService/ListDeals', VARIADIC fields) || ') AS x')
$$;
SELECT is(pg_temp.found('boss', 'tags', '{intent=high}'), '51', 'a page of those with a tag');
SELECT is(pg_temp.act('boss', 'deal.read', 'SELECT count(*) FILTER (WHERE substring(title FROM 2)::int % 40 <> 0) || '' '' || count(*) || '' '' ||
    count(DISTINCT id) FROM (' || pg_temp.variant('DealService/ListDeals', 'tags', '{intent=high,need=drones}', 'page_token', '', 'page.after',
    :'mine') || ') AS x'), '0 0 0', 'none before the first');
SELECT is(pg_temp.act('boss', 'deal.read', 'SELECT count(*) FILTER (WHERE title ~ ''^D'' AND substring(title FROM 2)::int % 40 <> 0) || '' '' || count(*)
    FROM (' || pg_temp.variant('DealService/ListDeals', 'tags', '{intent=high,need=drones}') || ') AS x'), '0 51', 'of two lists: with both');
SELECT is(pg_temp.act('boss', 'deal.read', 'SELECT count(*) || '' '' || count(DISTINCT id) || '' '' || count(*) FILTER (WHERE title ~ ''^D'' AND
    substring(title FROM 2)::int % 4 > 1) FROM (' || pg_temp.variant('DealService/ListDeals', 'tags', '{intent=high,intent=medium}') || ') AS x'),
    '51 51 0', 'of one list: with either, each once');
SELECT is(pg_temp.found('cleo', 'tags', '{intent=high,need=drones}'), '21 mine', 'a salesperson finds the own');
SELECT is(pg_temp.found('cleo', 'tags', '{intent=high}', 'stage', 'new', 'owner', 'cleo@acme.example'), '41 mine', 'with other filters');
SELECT is(pg_temp.found('vito', 'tags', '{need=robots}'), '1 mine', 'a vendor by what is shared with it');
SELECT is(pg_temp.found('vito', 'tags', '{intent=high}'), '0', 'and by nothing else');
SELECT is(pg_temp.found('gina', 'tags', '{intent=high}'), '0', 'a stranger nothing');
SELECT pg_temp.refused('boss', 'deal.read', pg_temp.variant('DealService/ListDeals', 'tags', '{colour=red}'), 'JY003');
-- What is read of each table.
SELECT alike(pg_temp.reads('boss', 'deal.read', 'tag', 'DealService/ListDeals', 'tags', '{intent=high}'), '%tag_things 51/0%',
    'a page of what has the tag is read, in order');
SELECT is(pg_temp.reads('boss', 'deal.read', 'deal', 'DealService/ListDeals', 'tags', '{intent=high}'), 'deal_of_company 1/0, deal_of_vendor 0/0',
    'and the deals by their number');
SELECT alike(pg_temp.reads('cleo', 'deal.read', 'tag', 'DealService/ListDeals', 'tags', '{intent=high}') || ',', 'tag_things 0/0,%',
    'who sees the own walks the own, and reads nobody''s tags for that');
SELECT is(pg_temp.reads('boss', 'choice.read', 'choice', 'ChoiceService/ListChoices'), 'choice_in_order 51/0', 'lists are read in order');

SELECT * FROM finish();
ROLLBACK;
