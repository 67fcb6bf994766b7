-- What two rival vendors of one principal see of a deal that one had before the other (cases 19 and H4): what was
-- done while it is shared with them, their own for good, nothing internal of the other side, nothing of each other.
\ir fixture.psql
SELECT no_plan();

-- rival, another vendor of acme's: rita.
INSERT INTO company (slug, name) VALUES ('rival', 'Rival');
SELECT pg_temp.join_company('rita', 'rival', 'vendor') \g /dev/null
SELECT pg_temp.partners('acme', 'rival') \g /dev/null

SELECT pg_temp.deal('cleo', 'one') AS one, pg_temp.deal('cleo', 'two', true) AS two \gset

CREATE FUNCTION pg_temp.log(name text, deal bigint, what text, audience text DEFAULT 'shared') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.log', format('INSERT INTO activity (deal_id, company_id, member_id, kind, text, audience)
        SELECT id, company_id, me_member(), ''call'', %L, %L FROM deal WHERE id = %s RETURNING text', $3, $4, $2))
$$;
CREATE FUNCTION pg_temp.move(name text, deal bigint, stage text, reason text, audience text DEFAULT NULL) RETURNS text
LANGUAGE sql AS $$
    SELECT pg_temp.act($1, 'deal.move', format('UPDATE deal SET stage = %L, stage_reason = %L, stage_audience = %L, lost_code = CASE %L::text WHEN ''lost'' THEN ''other'' END
        WHERE id = %s RETURNING stage', $3, $4, $5, $3, $2))
$$;
CREATE FUNCTION pg_temp.share(deal bigint, vendor text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act('ben', 'deal.update', format('UPDATE deal SET vendor_id = vendor_by_slug(%L),
        change_reason = ''given'' WHERE id = %s RETURNING version', $2, $1))
$$;
-- What somebody sees: of the log, the history, the reasons that are kept apart.
CREATE FUNCTION pg_temp.logged(name text) RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.act($1, 'deal.read', 'SELECT string_agg(text, '' '' ORDER BY id) FROM activity') $$;
CREATE FUNCTION pg_temp.moved(name text) RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.act($1, 'deal.read', 'SELECT string_agg(concat_ws('':'', stage, reason), '' '' ORDER BY deal_id, seq) FROM deal_stage') $$;
CREATE FUNCTION pg_temp.reasons(name text) RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.act($1, 'deal.read', 'SELECT string_agg(text, '' '' ORDER BY seq) FROM deal_reason') $$;

-- The life of a deal: alone, with beta, with rival, alone, with beta again.
SELECT pg_temp.log('cleo', :one, 'alone'), pg_temp.move('cleo', :one, 'contacted', 'r-alone'),
    pg_temp.share(:one, 'beta'),
    pg_temp.log('cleo', :one, 'to-beta'), pg_temp.log('cleo', :one, 'floor', 'internal'),
    pg_temp.log('vito', :one, 'offer'), pg_temp.log('vito', :one, 'margin', 'internal'),
    pg_temp.move('cleo', :one, 'quoted', 'r-cleo', 'internal'),
    pg_temp.move('vito', :one, 'negotiating', 'r-vito'), pg_temp.move('vito', :one, 'deciding', 'r-secret', 'internal')
\g /dev/null

SELECT is(pg_temp.logged('cleo'), 'alone to-beta floor offer', 'case 19: the principal: all but what the vendor keeps for itself');
SELECT is(pg_temp.logged('vito'), 'to-beta offer margin', 'case 19: its vendor: since it is shared, and nothing internal');
SELECT is(pg_temp.logged('rita'), NULL, 'case 19: the other vendor: nothing');
SELECT is(pg_temp.moved('vito'), 'quoted negotiating:r-vito deciding new', 'case 19: the moves since then, without internal reasons');
SELECT is(pg_temp.reasons('cleo') || '/' || pg_temp.reasons('vito'), 'r-cleo/r-secret', 'case 19: internal reasons: one''s own company''s');
SELECT is(count(*)::int, 0, 'no reason stays in a deal') FROM deal WHERE stage_reason IS NOT NULL OR stage_audience IS NOT NULL;

SELECT pg_temp.share(:one, 'rival'), pg_temp.log('cleo', :one, 'to-rival') \g /dev/null
SELECT is(pg_temp.logged('rita') || '/' || coalesce(pg_temp.moved('rita'), ''), 'to-rival/',
    'case 19, H4: given to the rival: nothing from before, nothing of beta''s people');
SELECT is(pg_temp.logged('vito'), 'offer margin', 'case 19: beta keeps its own, and nothing else');
SELECT is(pg_temp.moved('vito'), 'negotiating:r-vito deciding new', 'case 19: its own moves');
SELECT is(pg_temp.reasons('vito'), 'r-secret', 'case 19: and why');
SELECT is(pg_temp.act('vito', 'deal.read', format('SELECT deal_known(%s)', :one)), :'one', 'case 19: which it can ask for');
SELECT pg_temp.refused('vito', 'deal.read', format('SELECT deal_seen(%s)', :one), 'JY005',
    format('there is no deal %s that you can see', :one), 'though the deal is gone');
SELECT pg_temp.log('rita', :one, 'rival-offer'), pg_temp.move('rita', :one, 'lost', 'r-rita') \g /dev/null
SELECT is(pg_temp.moved('vito'), 'negotiating:r-vito deciding new', 'H4: beta sees nothing of the rival''s');

-- Lost while it was the rival's: with whom it is shared next, for a reason, does not learn why.
SELECT pg_temp.act('ben', 'deal.update', format('UPDATE deal SET vendor_id = vendor_by_slug(''beta''), change_reason = ''r-share''
    WHERE id = %s RETURNING version', :one)) \g /dev/null
SELECT is(pg_temp.logged('vito'), 'offer margin', 'case 19: shared again is a new span: what was shared before does not come back');
SELECT is(pg_temp.act('vito', 'deal.read', format('SELECT lost_reason FROM deal AS d, deal_shown(d) WHERE d.id = %s', :one)), NULL,
    'H4: nor why it was lost to the rival');
SELECT is(pg_temp.act('cleo', 'deal.read', format('SELECT lost_reason FROM deal AS d, deal_shown(d) WHERE d.id = %s', :one)), 'r-rita',
    'the principal knows');
SELECT pg_temp.move('ben', :one, 'quoted', 'r-again'), pg_temp.log('cleo', :one, 'again'),
    pg_temp.move('vito', :one, 'lost', 'r-own', 'internal') \g /dev/null
SELECT is(pg_temp.logged('vito'), 'offer margin again', 'case 19: what comes now does');
SELECT is(pg_temp.act(who, 'deal.read', format('SELECT coalesce(lost_reason, ''-'') FROM deal AS d, deal_shown(d) WHERE d.id = %s', :one)), why,
    'case 19: an internal reason of a loss, to ' || who) FROM (VALUES ('vito', 'r-own'), ('cleo', '-')) AS x(who, why);

-- Whose: a colleague who does not see the deal sees nothing of it; nor does anybody whom nothing is shared with.
SELECT is(pg_temp.logged('dora'), NULL, 'a colleague without the deal');
SELECT is(pg_temp.logged('gina'), NULL, 'a stranger');
UPDATE partnership SET state = 'ended' WHERE vendor_id = pg_temp.company('beta');
SELECT is(pg_temp.logged('vito'), 'offer margin', 'after the partnership: one''s own');

-- The log of changes: what a vendor keeps for itself is in its own company's log.
SELECT is(string_agg(slug_of(company_id) || ':' || (after ->> 'text'), ' ' ORDER BY id),
    'acme:alone acme:to-beta acme:floor acme:offer beta:margin acme:to-rival acme:rival-offer acme:again',
    'case 19: an internal entry is logged for the company of who wrote it') FROM audit_entries() WHERE object = 'activity';
SELECT is(string_agg(slug_of(company_id) || ':' || (after ->> 'text'), ' ' ORDER BY id), 'acme:r-cleo beta:r-secret beta:r-own',
    'case 19: and an internal reason') FROM audit_entries() WHERE object = 'deal_reason';
SELECT is(count(*)::int, 0, 'and nowhere else') FROM audit_entries() WHERE company_id = pg_temp.company('acme')
    AND (after::text ~ 'margin|r-secret|r-own' OR before::text ~ 'margin|r-secret|r-own');

-- Who writes does not choose whose it is, nor when.
SELECT pg_temp.refused('vito', 'deal.log', format('INSERT INTO activity (deal_id, company_id, member_id, kind, text, deal_version)
    VALUES (%s, %s, me_member(), ''call'', ''x'', 1) RETURNING 1', :two, pg_temp.company('acme')), '42501', NULL, 'nobody sets the version');
SELECT throws_ok('DELETE FROM deal_reason', 'JY009', NULL, 'internal reasons are evidence');

SELECT * FROM finish();
ROLLBACK;
