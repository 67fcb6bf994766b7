-- What the caller logged, a member, or the caller and those below; for who sees all deals of the company, what is on those.
-- The latest first; each arm walks an index of its own and begins and ends with the days that are asked for.
-- rows: activities
-- part: fits
         AND (:kind::text IS NULL OR a.kind = :kind)
         AND a.at >= day_begins(:me.company_id, :since::date)                  --? since
-- end
-- part: latest
         :part.fits
         AND (a.at, a.id) < (logged_at(:page.after::text), logged_id(:page.after))
         ORDER BY a.at DESC, a.id DESC LIMIT :page.limit
-- end
SELECT v.*, coalesce(d.title, object_title(kind('customer'), a.customer_id)) AS about, concat_ws('/', a.at, a.id) AS "page.key"
FROM (
    (SELECT a.* FROM unnest(todo_of(noun('deal'), :team, :member)) AS o(id) CROSS JOIN LATERAL (
         SELECT a.* FROM activity AS a WHERE a.member_id = o.id
         :part.latest
     ) AS a WHERE :team::boolean IS NOT TRUE OR me_whole(noun('deal')) IS NULL)
    UNION ALL
    (SELECT a.* FROM activity AS a WHERE a.company_id = CASE WHEN :team::boolean THEN (SELECT me_whole(noun('deal'))) END
         :part.latest
    )
    ORDER BY at DESC, id DESC LIMIT :page.limit
) AS a
LEFT JOIN deal AS d ON d.id = a.deal_id
CROSS JOIN LATERAL activity_shown(a) AS v
ORDER BY a.at DESC, a.id DESC
-- for: deal_id
-- What was logged on a deal, the newest first.
SELECT v.*, NULL::text AS about, a.id::text AS "page.key"
FROM activity AS a, activity_shown(a) AS v
WHERE a.deal_id = (SELECT deal_known(:deal_id))
         :part.fits
  AND a.member_id = ANY (members_called(:member))                            --? member
  AND a.id < :page.after::bigint                                             --? page_token
ORDER BY a.id DESC
LIMIT :page.limit
-- for: customer_id
-- What was logged on a customer itself, and on those that became a part of it, the newest first.
SELECT v.*, NULL::text AS about, a.id::text AS "page.key"
FROM (
    SELECT a.* FROM unnest(object_numbers(kind('customer'), (SELECT customer_asked(:customer_id)))) AS n(id) CROSS JOIN LATERAL (
         SELECT a.* FROM activity AS a WHERE a.customer_id = n.id
         :part.fits
         AND a.member_id = ANY (members_called(:member))                     --? member
         AND a.id < :page.after::bigint                                      --? page_token
         ORDER BY a.id DESC LIMIT :page.limit) AS a
    ORDER BY a.id DESC LIMIT :page.limit
) AS a, activity_shown(a) AS v
ORDER BY a.id DESC
