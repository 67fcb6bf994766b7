-- Deals about which somebody has to do something, by the day and the number: the caller's or a member's; or, for
-- the team, those of the owners whom the caller reaches, of the company, and what principals share with it. Each
-- arm walks an index of its own in that order, up to the last day that is asked for, and stops at the page's end.
-- rows: deals
-- part: filter
           AND p.open AND p.company_id = :me.company_id
           AND (p.touch_by, p.deal_id) > (due_day(:page.after::text), due_id(:page.after))
         ORDER BY p.touch_by, p.deal_id LIMIT :page.limit) AS p
-- end
WITH page AS MATERIALIZED (
    (SELECT p.* FROM pulses_ahead(todo_of(noun('deal'), :team, :member), due_until(:days), :page.after::text, :page.limit) AS o(id, latest)
     CROSS JOIN LATERAL (
         SELECT p.* FROM deal_pulse AS p
         WHERE p.member_id = o.id AND p.touch_by <= o.latest
           :part.filter
     WHERE :team::boolean IS NOT TRUE OR sight(noun('deal')) & 4 = 0)
    UNION -- what is shared may be of somebody below as well
    (SELECT p.* FROM unnest(CASE WHEN sight(noun('deal')) & 4 <> 0 THEN ARRAY[:me.company_id] END
                            || CASE WHEN sight(noun('deal')) & 8 <> 0 THEN me_principals() END) AS c(id)
     CROSS JOIN LATERAL (
         SELECT p.* FROM deal_pulse AS p
         WHERE p.deal_company_id = c.id AND p.touch_by <= due_until(:days)
           :part.filter
     WHERE :team)
    ORDER BY touch_by, deal_id LIMIT :page.limit
)
SELECT due_when(p.touch_by, p.next_due_on) AS when, p.touch_by AS touch_until, p.deal_id, d.title, d.customer_name AS customer, d.stage,
       p.next_step AS next, p.next_due_on AS due, p.touched_on AS touched, p.touches, p.stage_on AS stage_since,
       p.stage_on + p.stay_days AS stay_until,
       CASE p.member_id WHEN :me.member_id THEN (SELECT me_email()) ELSE m.email END AS member,
       CASE d.company_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_of(d.company_id) END AS company,
       concat_ws('/', p.touch_by, p.deal_id) AS "page.key"
FROM page AS p
JOIN deal AS d ON d.id = p.deal_id
LEFT JOIN emails_of((SELECT array_agg(member_id) FROM page WHERE member_id <> :me.member_id)) AS m ON m.id = p.member_id
ORDER BY p.touch_by, p.deal_id
