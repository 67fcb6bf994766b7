-- Shapes of policy: who sees the rows of a table, who adds and who changes some, said by a word beside
-- protect(). What no shape says is a policy by hand; the test sql/shape has these, with the reasons.

CREATE OR REPLACE PROCEDURE shape("table" regclass, shape text, noun text DEFAULT NULL,
    owner text DEFAULT NULL, partner text DEFAULT NULL, author text DEFAULT NULL,
    parent text DEFAULT NULL, key text DEFAULT NULL, version text DEFAULT NULL,
    partners boolean DEFAULT false, changes boolean DEFAULT false,
    seen text DEFAULT NULL, first text DEFAULT NULL, sides text DEFAULT NULL, one_by_one boolean DEFAULT false)
LANGUAGE plpgsql AS $$
DECLARE
    -- Pieces: what stands with a NULL by || is NULL, and format() leaves that out.
    ours    text := 'company_id = me_company()';
    theirs  text := 'in_reach(-company_id)';
    active  text := CASE shape WHEN 'shared' THEN ' AND in_span(company_id, shared_span)' ELSE '' END;
    sees    text := format('sight(noun(%L))', coalesce(noun, parent));
    mine    text := author || ' = me_member()';
    nobodys text := (SELECT owner || ' IS NULL OR ' FROM pg_attribute AS a
        WHERE a.attrelid = "table" AND a.attname = owner AND NOT a.attnotnull);
    inside  text := (SELECT 'WHEN audience = ''internal'' AND author_company_id IS DISTINCT FROM '
        'me_company() THEN false' FROM pg_attribute AS a
        WHERE a.attrelid = "table" AND a.attname = 'audience');
    -- Of a child: the row above, of whose company it is, who sees what they did themselves across the
    -- line, and who sees the others'.
    is_ref  boolean := key LIKE '%,%';
    above   text := format('FROM %s AS p WHERE p.id = %s.%s', parent, "table", substring(key FROM '[^ ,]+$'));
    above_company text := CASE WHEN is_ref THEN format('object_company(%s)', key)
        ELSE format('(SELECT p.company_id %s)', above) END;
    across  text := CASE WHEN is_ref THEN format('object_said(%s)', key) ELSE sees || ' & 8 <> 0' END;
    shown   text := CASE WHEN one_by_one THEN format('%s_shows(%s, company_id, author_company_id, %s)', parent, substring(key FROM '[^ ,]+$'), version)
        ELSE format('EXISTS (SELECT %1$s AND (p.company_id = me_company()
            OR (p.company_id = %2$s.author_company_id
                AND shared_since(kind(%4$L), p.id, p.company_id, p.vendor_id, p.shared_span, p.shared_version)
                    <= %2$s.%3$s)))',
        above, "table", version, parent) END;
    -- Of what is an entry of the log of changes.
    logs    text := log_seen("table");
    -- The conditions; NULL: no policy.
    visible text;
    added   text;
    changed text;
BEGIN
    CASE shape
    WHEN 'named' THEN
        visible := format('%s = me_member()', owner);
    WHEN 'house' THEN
        visible := format('%s%s%s', ours,
            CASE WHEN noun IS NOT NULL THEN ' AND ' || sees || ' & 4 <> 0' END,
            CASE WHEN partners THEN ' OR ' || theirs END);
        added := CASE WHEN changes OR author IS NOT NULL THEN format('%s%s', ours, ' AND ' || mine) END;
        changed := CASE WHEN changes THEN ours END;
    WHEN 'owned', 'shared', 'two-sided' THEN
        visible := coalesce(seen, format('CASE
            WHEN %1$s THEN %2$s & 4 <> 0 OR (%3$s = me_member() AND %2$s & 1 <> 0)
                OR (%2$s & 2 <> 0 AND (%4$s%3$s = ANY ((SELECT me_team())::bigint[])))
            %5$s ELSE false END', ours, sees, owner, nobodys,
            'WHEN ' || partner || ' = me_company() THEN ' || sees || ' & 8 <> 0' || active));
        added := format('%s%s', ours, ' AND ' || mine);
        changed := coalesce(sides, CASE WHEN shape = 'shared' AND partner IS NOT NULL
            THEN format('shared_side(company_id, %s, kind(%L), id)', partner, "table")
            ELSE format('%s%s', ours, ' OR (' || partner || ' = me_company()' || active || ')') END);
    WHEN 'child' THEN
        visible := CASE
            WHEN version IS NULL AND is_ref THEN
                format('CASE %s ELSE object_visible(%s) END', coalesce(first, 'WHEN false THEN false'), key)
            WHEN version IS NULL THEN coalesce(seen, format('EXISTS (SELECT %s)', above))
            ELSE format('CASE %s
                WHEN author_company_id = me_company() AND company_id <> me_company() THEN %s
                %s %s ELSE %s END', first, across, inside,
                CASE WHEN is_ref THEN format('WHEN %s = kind(%L) THEN %s', split_part(key, ',', 1), parent, shown) END,
                CASE WHEN is_ref THEN format('object_shows(%s, author_company_id, %s)', key, version) ELSE shown END) END;
        added := mine || ' AND company_id = ' || above_company;
    END CASE;
    -- In calls about the log of changes who sees its entries sees the rows that are some.
    IF logs IS NOT NULL THEN
        visible := format('CASE WHEN %s THEN true ', logs)
            || CASE WHEN visible LIKE 'CASE %' THEN substr(visible, 6) ELSE format('ELSE %s END', visible) END;
    END IF;
    EXECUTE format('CREATE POLICY visible ON %s FOR %s TO jiayi_app USING (%s)', "table",
        CASE shape WHEN 'named' THEN 'ALL' ELSE 'SELECT' END, visible);
    EXECUTE format('COMMENT ON POLICY visible ON %s IS %L', "table", shape);
    IF added IS NOT NULL THEN
        EXECUTE format('CREATE POLICY own_insert ON %s FOR INSERT TO jiayi_app WITH CHECK (%s)',
            "table", added);
    END IF;
    IF changed IS NOT NULL THEN
        EXECUTE format('CREATE POLICY sides_update ON %s FOR UPDATE TO jiayi_app USING (%s)',
            "table", changed);
    END IF;
END
$$;
COMMENT ON PROCEDURE shape(regclass, text, text, text, text, text, text, text, text, boolean, boolean,
    text, text, text, boolean) IS
    'Writes the policies of a table for the statements of calls; which of these may be made at all, its '
    'rights say. Columns are given by name. Shapes:
owned: the owner sees a row, those above and the company, as far as their sight of the noun reaches; who '
    'sees a team''s also what has no owner.
shared: owned, and the people of partner while company_id shares with it what it gave to it in the span '
    'that is in shared_span.
two-sided: owned, and the people of partner for good.
Of these three each side''s people change rows, and the company''s add some, as author where that is '
    'given. seen, sides: conditions for SELECT and UPDATE in place of the shape''s; seen also of a child without version.
child: who sees the row of parent whose number is in key, sees this one. With version: what was done '
    'when that row had it, by somebody of author_company_id, which across the line is seen as '
    'ARCHITECTURE.md says. Where key is a reference, parent names the kind that most are on: of that the policy asks itself, of '
    'others by object_shows(), at ten times the cost. one_by_one: what is only listed of one parent at a time asks PARENT_shows(), '
    'which remembers the answer; of many parents that would be four times the cost. As author, where that is given, who calls '
    'adds rows. first: arms of the CASE that go before.
house: the company sees it, with a noun those who see that; with partners also whom it shares with now. '
    'With changes its people add and change rows, with author they add some as that.
named: only owner sees, adds and changes it.';
