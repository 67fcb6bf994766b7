-- The deals that the caller sees, the newest first: those of the own company (for one who sees all of
-- it), else those of the owners whom the caller reaches; those that principals share with it; and those in
-- which the caller takes part, as far as nothing else shows them. Each arm walks an index of its own in
-- order and stops at the page's end, so that a page costs the same however many deals there are; in one
-- condition, the policy would hide the order. What an arm begins with is NULL for whom it has nothing, and
-- then it reads nothing; that an arm stands there costs as well, so who names an owner has one less.
-- NULLS LAST keeps to those indexes: the primary key's would be in order too, but passes everybody's deals.
-- With tags and no owner who sees all of the company walks what has the first one, an arm for each of its
-- list's codes; others walk their own. Of those below a manager only those are walked who have something on the page, and no
-- further: deals_ahead(). What else is asked of a row is asked by functions: of sub-selects the
-- planner would think that they leave next to nothing, and sort all that has the tag.
-- Rows pass through as they are read, and each looks up its owner under the policies: to keep a page, and
-- join it with what one function says of all of it, costs more. The customer's name stands in the deal. Functions, of
-- which each call costs as much as ten look-ups, are asked only for what policies hide: names of another company's.
-- For filters that have another way through the data there is another form, below.
-- rows: deals
-- part: shown
       d.id, d.title, d.customer_name AS customer,
       d.stage, d.amount::text AS "amount.amount", d.currency AS "amount.currency",
       CASE d.vendor_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_known(d.vendor_id) END AS vendor,
       CASE d.company_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_known(d.company_id) END AS company,
       d.version, d.created_at, d.updated_at, d.closed_at,
       CASE d.outcome WHEN 'lost' THEN lost_reason(d.id, d.closed_version) END AS lost_reason, d.lost_code,
       CASE d.outcome WHEN 'lost' THEN choice_label(d.company_id, 'lost_reason', d.lost_code) END AS lost_label,
       d.lost_to, d.close_on, d.kind, d.won_on,
-- end
-- part: filter
       AND d.stage = (SELECT stage_known(:stage))                             --? stage
       AND d.vendor_id = (SELECT x.id FROM company AS x WHERE x.slug = :vendor) --? vendor
       AND d.id = ANY ((SELECT f.ids FROM found AS f)::bigint[])              --? search
       AND d.id < :page.after::bigint                                         --? page_token
       AND has_tags(kind('deal'), d.id, :tags::text[])                        --? tags
-- end
WITH found AS MATERIALIZED (SELECT deals_found(:search, :page.after::bigint,  --? search
    :stage::text IS NOT NULL OR :owner::text IS NOT NULL OR :vendor::text IS NOT NULL --? search
    OR cardinality(:tags::text[]) > 0) AS ids)                                --? search
SELECT (SELECT lower(:owner)) AS owner,                                       --? owner
SELECT CASE WHEN d.owner_id = :me.member_id THEN (SELECT me_email()) WHEN o.id IS NOT NULL THEN o.email --? !owner
            ELSE email_known(d.owner_id) END AS owner,                        --? !owner
       :part.shown
       d.id::text AS "page.key"
FROM (
    (SELECT d.* FROM
         (SELECT w.list, w.codes, c.code FROM tag_groups(:tags::text[]) AS w, --? tags !owner
              unnest(w.codes) AS c(code) WHERE w.n = 1) AS w CROSS JOIN       --? tags !owner
     LATERAL (
         SELECT d.* FROM
              tag AS t JOIN                                                   --? tags !owner
         deal AS d
              ON d.id = t.on_id                                               --? tags !owner
         WHERE
               d.company_id = (SELECT me_whole(noun('deal')))                 --? !owner
           AND t.company_id = (SELECT me_whole(noun('deal')))                 --? tags !owner
           AND t.on_kind = kind('deal')                                       --? tags !owner
           AND t.list = w.list AND t.code = w.code                            --? tags !owner
           AND t.on_id < coalesce(:page.after::bigint, 9223372036854775807)   --? tags !owner
           AND is_first_tag(t, w.codes)                                       --? tags !owner
               d.owner_id = (SELECT owner_seen(noun('deal'), :owner))         --? owner
           AND (SELECT count(*) FROM tag_groups(:tags::text[])) > 0           --? tags owner
           :part.filter
         ORDER BY d.id DESC NULLS LAST LIMIT :page.limit) AS d)
    UNION ALL                                                                 --? !owner
    (SELECT d.* FROM deals_ahead(me_owners(noun('deal')),                     --? !owner
             stage_known(:stage),                                             --? stage !owner
             NULL,                                                            --? !stage !owner
             :page.after::bigint,                                             --? page_token !owner
             NULL,                                                            --? !page_token !owner
             num_nonnulls(:search::text, :vendor::text) > 0 OR cardinality(:tags::text[]) > 0, :page.limit) --? !owner
         AS o(id, least_id) CROSS JOIN LATERAL (                              --? !owner
         SELECT d.* FROM deal AS d WHERE d.owner_id = o.id AND (d.id, 0) >= (o.least_id, 0) --? !owner
           :part.filter                                                       --? !owner
         ORDER BY d.id DESC NULLS LAST LIMIT :page.limit) AS d                --? !owner
     WHERE (SELECT me_whole(noun('deal'))) IS NULL)                           --? !owner
    UNION ALL
    (SELECT d.* FROM
         unnest(members_elsewhere(:owner)) AS o(id) CROSS JOIN                --? owner
     LATERAL (
         SELECT d.* FROM deal AS d
         WHERE d.vendor_id = (SELECT me_partner(noun('deal')))
           AND d.owner_id = o.id                                              --? owner
           :part.filter
         ORDER BY d.id DESC NULLS LAST LIMIT :page.limit) AS d)
    UNION ALL
    (SELECT d.* FROM deals_taking_part(
         :owner::text,                                                        --? owner
         NULL,                                                                --? !owner
         :stage::text,                                                        --? stage
         NULL,                                                                --? !stage
         :vendor::text,                                                       --? vendor
         NULL,                                                                --? !vendor
         (SELECT coalesce(f.ids, '{}') FROM found AS f),                      --? search
         NULL,                                                                --? !search
         :tags::text[],                                                       --? tags
         NULL,                                                                --? !tags
         :page.after::bigint,                                                 --? page_token
         9223372036854775807,                                                 --? !page_token
         :page.limit::bigint) AS d)
    ORDER BY id DESC NULLS LAST LIMIT :page.limit
) AS d
LEFT JOIN member AS o ON o.id = CASE WHEN d.company_id = :me.company_id    --? !owner
    AND d.owner_id <> :me.member_id THEN d.owner_id END                       --? !owner
ORDER BY d.id DESC NULLS LAST
-- for: mine team outcome closing_by
-- As above, but the caller's own, those of the members below, of an outcome - by the stages that have it, so that each
-- arm walks what there is by stage - or, by the day, what is expected to close. What no index serves each row is asked
-- by functions, as for tags above, but of rows that are in order already (OFFSET 0) and in one CASE: of conditions side by side
-- the planner would think that they leave next to nothing, and sort all that an owner has.
-- part: asked
WITH found AS MATERIALIZED (SELECT deals_found(:search, NULL, true) AS ids),  --? search
WITH                                                                          --? !search
asked AS MATERIALIZED (SELECT * FROM deals_asked(:owner, :mine::boolean, :team::boolean, :vendor, :stage, :outcome, :customer_id))
SELECT CASE WHEN d.owner_id = :me.member_id THEN (SELECT me_email()) WHEN o.id IS NOT NULL THEN o.email
            ELSE email_known(d.owner_id) END AS owner,
       :part.shown
       concat_ws('/', d.close_on, d.id) AS "page.key"                         --? closing_by
       d.id::text AS "page.key"                                               --? !closing_by
-- end
-- part: fits
           AND d.outcome = 'open' AND d.close_on <= :closing_by::date         --? closing_by
           AND (d.close_on, d.id) > (due_day(:page.after::text), due_id(:page.after)) --? closing_by
           AND d.id < coalesce(:page.after::bigint, 9223372036854775807)      --? !closing_by
         ORDER BY d.close_on, d.id OFFSET 0) AS d                             --? closing_by
         ORDER BY d.id DESC NULLS LAST OFFSET 0) AS d                         --? !closing_by
         WHERE CASE WHEN deal_fits(d.owner_id, d.vendor_owner_id, d.vendor_id, d.stage, d.outcome, d.customer_id,
                                   a.people, a.vendor, a.stage, :outcome, a.customers)
                    THEN cardinality(:tags::text[]) = 0 OR has_tags(kind('deal'), d.id, :tags::text[]) END
           AND d.id = ANY ((SELECT f.ids FROM found AS f)::bigint[])          --? search
         LIMIT :page.limit) AS d)
-- end
-- part: stages
     unnest(a.stages) AS s(name) CROSS JOIN                                   --? stage !closing_by
     unnest(a.stages) AS s(name) CROSS JOIN                                   --? outcome !stage !closing_by
-- end
-- part: in_stage
           AND d.stage = s.name                                               --? stage !closing_by
           AND d.stage = s.name                                               --? outcome !stage !closing_by
           :part.fits
-- end
-- part: page
    ORDER BY close_on, id LIMIT :page.limit                                   --? closing_by
    ORDER BY id DESC NULLS LAST LIMIT :page.limit                             --? !closing_by
) AS d
LEFT JOIN member AS o ON o.id = CASE WHEN d.company_id = :me.company_id AND d.owner_id <> :me.member_id THEN d.owner_id END
ORDER BY d.close_on, d.id                                                     --? closing_by
ORDER BY d.id DESC NULLS LAST                                                 --? !closing_by
-- end
:part.asked
FROM (
    (SELECT d.* FROM asked AS a CROSS JOIN
     :part.stages
     LATERAL (
         SELECT d.* FROM (SELECT d.* FROM deal AS d WHERE d.company_id = a.whole
           :part.in_stage
    UNION ALL
    (SELECT d.* FROM asked AS a CROSS JOIN LATERAL deals_ahead(a.owners, a.stage,
         :page.after::bigint,                                                 --? !closing_by
         NULL,                                                                --? closing_by
         num_nonnulls(:search::text, :vendor::text, :outcome::text, :closing_by::text) > 0 OR cardinality(:tags::text[]) > 0,
         :page.limit) AS o(id, least_id) CROSS JOIN
     :part.stages
     LATERAL (
         SELECT d.* FROM (SELECT d.* FROM deal AS d WHERE d.owner_id = o.id AND (d.id, 0) >= (o.least_id, 0)
           :part.in_stage
    UNION ALL
    (SELECT d.* FROM asked AS a CROSS JOIN
     :part.stages
     LATERAL (
         SELECT d.* FROM (SELECT d.* FROM deal AS d WHERE d.vendor_id = a.shared
           :part.in_stage
    UNION ALL
    (SELECT d.* FROM asked AS a CROSS JOIN unnest(a.elsewhere) AS o(id) CROSS JOIN
     :part.stages
     LATERAL (
         SELECT d.* FROM (SELECT d.* FROM deal AS d WHERE d.vendor_id = a.partner AND d.owner_id = o.id
           :part.in_stage
    UNION ALL
    (SELECT d.* FROM asked AS a CROSS JOIN unnest(a.responsible) AS o(id) CROSS JOIN LATERAL (
         SELECT d.* FROM (SELECT d.* FROM deal AS d WHERE d.vendor_owner_id = o.id
           :part.fits
    UNION ALL
    (SELECT d.* FROM asked AS a CROSS JOIN LATERAL (
         SELECT d.* FROM (SELECT d.* FROM participant AS p JOIN deal AS d ON d.id = p.on_id
         WHERE p.member_id = :me.member_id AND p.on_kind = kind('deal')
           AND shared_seen(noun('deal'), d.owner_id, d.company_id, d.vendor_id, d.shared_span, NULL, NULL) IS NOT TRUE
           :part.fits
:part.page
-- for: customer_id
-- Of a customer, and of those that became a part of it: what the own company has with it - in words by which nobody walks
-- all of the company's - and what a principal shares.
:part.asked
FROM (
    (SELECT d.* FROM asked AS a CROSS JOIN unnest(a.customers) AS w(id) CROSS JOIN LATERAL (
         SELECT d.* FROM (SELECT d.* FROM deal AS d WHERE d.customer_id = w.id AND d.company_id IS NOT DISTINCT FROM :me.company_id
           :part.fits
    UNION ALL
    (SELECT d.* FROM asked AS a CROSS JOIN unnest(a.customers) AS w(id) CROSS JOIN LATERAL (
         SELECT d.* FROM (SELECT d.* FROM deal AS d WHERE d.customer_id = w.id AND d.vendor_id = a.partner
           :part.fits
    UNION ALL
    (SELECT d.* FROM asked AS a CROSS JOIN LATERAL (
         SELECT d.* FROM (SELECT d.* FROM participant AS p JOIN deal AS d ON d.id = p.on_id
         WHERE p.member_id = :me.member_id AND p.on_kind = kind('deal') AND p.company_id <> :me.company_id
           AND shared_seen(noun('deal'), d.owner_id, d.company_id, d.vendor_id, d.shared_span, NULL, NULL) IS NOT TRUE
           :part.fits
:part.page
-- for: participant
-- In which somebody takes part: of the own people in any company's, of others' in the own company's.
:part.asked
FROM (
    (SELECT d.* FROM asked AS a CROSS JOIN takes_part_in(:participant) AS m CROSS JOIN LATERAL (
         SELECT d.* FROM (SELECT d.* FROM participant AS p JOIN deal AS d ON d.id = p.on_id
         WHERE p.member_id = m.member_id AND p.company_id = m.company_id AND p.on_kind = kind('deal')
           :part.fits
:part.page
