-- The milestones of a deal by when they are due, with how many of their parts are done. For each state the walk is in the
-- index's order and stops at the page's end.
-- rows: milestones
WITH page AS MATERIALIZED (
    SELECT t.* FROM unnest('{open,done,delivered,accepted,rejected,cancelled}'::text[]) AS s(state) CROSS JOIN LATERAL (
        SELECT t.* FROM task AS t
        WHERE t.on_kind = kind('deal') AND t.on_id = (SELECT deal_seen(:deal_id)) AND t.state = s.state
          AND t.kind = 'milestone'
          AND (t.due_at, t.id) > (split_part(:page.after::text, '/', 1)::timestamptz, --? page_token
                                  split_part(:page.after::text, '/', 2)::bigint)      --? page_token
        ORDER BY t.due_at, t.id LIMIT :page.limit) AS t
    ORDER BY t.due_at, t.id LIMIT :page.limit
)
SELECT t.id, t.title, t.text AS goal, t.state,
       CASE t.assignee_id WHEN :me.member_id THEN (SELECT me_email()) ELSE email_of(t.assignee_id) END AS owner,
       nullif(company_of(t.assignee_id), me_slug()) AS owner_company, t.due_on AS due,
       nullif(greatest(CASE WHEN t.done_at IS NULL THEN today() ELSE company_day(t.company_id, t.done_at) END
                       - t.due_on, 0), 0) AS late_days,
       n.done, n.total, m.kpi, m.target, m.actual, concat_ws('/', t.due_at, t.id) AS "page.key"
FROM page AS t CROSS JOIN LATERAL (
    SELECT (count(*) FILTER (WHERE p.state IN ('done', 'accepted')))::int AS done,
           (count(*) FILTER (WHERE p.state <> 'cancelled'))::int AS total
    FROM task AS p WHERE p.on_kind = kind('task') AND p.on_id = t.id) AS n
LEFT JOIN LATERAL (
    SELECT k.code AS kpi, l.target::text, l.actual::text
    FROM link AS x JOIN kpi_line AS l ON l.id = x.to_id JOIN kpi AS k ON k.id = l.kpi_id
    WHERE x.from_kind = kind('task') AND x.from_id = t.id AND x.role = 'measures' AND x.to_kind = kind('kpi_line')
    ORDER BY x.id DESC LIMIT 1) AS m ON true
ORDER BY t.due_at, t.id
