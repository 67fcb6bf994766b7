-- Tasks by when they are due: those of the own company (for one who sees all of it), else those that
-- the people whom the caller reaches have or gave to others, and those that have to do with the company
-- as a partner, and those in which the caller takes part, few as they are; or all on a thing. What is
-- seen for the thing alone is listed with the thing: from all things no index leads there in order. For each state every arm walks an
-- index of its own in order and stops at the page's end; of many below a manager, where tasks_ahead() says. Some are in two
-- arms: UNION takes them once.
-- rows: tasks
-- part: alike
           AND t.kind = :kind                                                 --? kind
-- end
-- part: rest
           AND (t.due_at, t.id) > (split_part(:page.after::text, '/', 1)::timestamptz, --? page_token
                                   split_part(:page.after::text, '/', 2)::bigint)      --? page_token
         ORDER BY t.due_at, t.id LIMIT :page.limit
-- end
-- part: filter
         :part.alike
           AND t.due_at <= CASE WHEN :due_by::date IS NULL THEN 'infinity'
                                ELSE day_ends(:me.company_id, :due_by::date) END
         :part.rest
-- end
WITH page AS MATERIALIZED (
    (SELECT t.due_at, t.id FROM
         unnest(members_called(:owner)) AS o(id) CROSS JOIN                   --? owner
         unnest(task_states(:state)) AS s(state) CROSS JOIN LATERAL (
         SELECT t.due_at, t.id FROM task AS t
         WHERE t.state = s.state
           AND (t.on_kind, t.on_id) = (SELECT x.on_kind, x.on_id FROM object_seen(:on) AS x) --? on
           AND t.company_id = :me.company_id                                  --? !on
           AND sight(noun('task')) & 4 <> 0                                   --? !on
           AND t.assignee_id = o.id                                           --? owner
         :part.filter
         ) AS t)
    UNION
    (SELECT t.due_at, t.id FROM tasks_ahead(me_owners(noun('task')), false, task_states(:state), :kind::text,
         CASE WHEN :due_by::date IS NOT NULL THEN day_ends(:me.company_id, :due_by::date) END,
         :page.after::text,                                                   --? page_token
         NULL,                                                                --? !page_token
         :owner::text IS NOT NULL, :page.limit) AS o(id, state, latest) CROSS JOIN LATERAL (
         SELECT t.due_at, t.id FROM task AS t
         WHERE t.assignee_id = o.id AND t.company_id = :me.company_id AND t.state = o.state
         :part.alike
           AND t.due_at <= o.latest
         :part.rest
         ) AS t
     WHERE sight(noun('task')) & 4 = 0
       AND o.id = ANY (members_called(:owner))                                --? owner
       AND false                                                              --? on
    )
    UNION
    (SELECT t.due_at, t.id FROM tasks_ahead(me_owners(noun('task')), true, task_states(:state), :kind::text,
         CASE WHEN :due_by::date IS NOT NULL THEN day_ends(:me.company_id, :due_by::date) END,
         :page.after::text,                                                   --? page_token
         NULL,                                                                --? !page_token
         :owner::text IS NOT NULL, :page.limit) AS o(id, state, latest) CROSS JOIN LATERAL (
         SELECT t.due_at, t.id FROM task AS t
         WHERE t.created_by = o.id AND t.assignee_id IS DISTINCT FROM t.created_by
           AND t.state = o.state
           AND t.assignee_id = ANY (members_called(:owner))                   --? owner
         :part.alike
           AND t.due_at <= o.latest
         :part.rest
         ) AS t
     WHERE sight(noun('task')) & 4 = 0
       AND false                                                              --? on
    )
    UNION
    (SELECT t.due_at, t.id FROM unnest(task_states(:state)) AS s(state) CROSS JOIN LATERAL (
         SELECT t.due_at, t.id FROM task AS t
         WHERE t.vendor_id = :me.company_id AND t.state = s.state
           AND t.assignee_id = ANY (members_called(:owner))                   --? owner
         :part.filter
         ) AS t
     WHERE sight(noun('task')) & 8 <> 0
       AND false                                                              --? on
    )
    UNION
    (SELECT t.due_at, t.id FROM participant AS p JOIN task AS t ON t.id = p.on_id
     WHERE p.member_id = :me.member_id AND p.on_kind = kind('task')
       AND t.state = ANY (task_states(:state))
       AND t.assignee_id = ANY (members_called(:owner))                       --? owner
       AND false                                                              --? on
         :part.filter
    )
    ORDER BY due_at, id LIMIT :page.limit
)
SELECT v.*, concat_ws('/', p.due_at, p.id) AS "page.key"
FROM page AS p JOIN task AS t ON t.id = p.id, task_shown(t) AS v
ORDER BY p.due_at, p.id
