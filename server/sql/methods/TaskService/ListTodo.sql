-- What waits for the caller, for those below or for one member: by when it is due, or since when it
-- waits; then by the reason and the number. Each arm walks an index of its own in that order, for one
-- person and state at a time, and stops at the page's end, of deals of many below a manager where todo_ahead() says;
-- the policies say what is seen.
-- rows: items
WITH page AS MATERIALIZED (
    -- 1: tasks to do, of the own company and of its principals.
    (SELECT t.due_at AS at, 1 AS no, t.id
     FROM unnest(todo_of(noun('task'), :team, :member)) AS o(id)
     CROSS JOIN unnest(:me.company_id || me_principals()) AS c(id)
     CROSS JOIN unnest(ARRAY['open', 'rejected']) AS s(state) CROSS JOIN LATERAL (
         SELECT t.due_at, t.id FROM task AS t
         WHERE t.assignee_id = o.id AND t.company_id = c.id AND t.state = s.state
           AND (t.due_at, 1, t.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY t.due_at, t.id LIMIT :page.limit) AS t)
    UNION ALL
    -- 1 as well: what principals gave to the company and nobody has yet, for each who may do it.
    (SELECT t.due_at, 1, t.id
     FROM unnest(me_principals()) AS c(id)
     CROSS JOIN unnest(ARRAY['open', 'rejected']) AS s(state) CROSS JOIN LATERAL (
         SELECT t.due_at, t.id FROM task AS t
         WHERE t.vendor_id = :me.company_id AND t.side = 'vendor' AND t.assignee_id IS NULL
           AND t.company_id = c.id AND t.state = s.state
           AND (t.due_at, 1, t.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY t.due_at, t.id LIMIT :page.limit) AS t
     WHERE :member::text IS NULL AND todo_does() & 8 <> 0)
    UNION ALL
    -- 2: what was delivered and is the caller's to accept: given to others, done by those below, or
    -- done for the caller's company by a principal.
    (SELECT t.due_at, 2, t.id FROM (
         SELECT t.due_at, t.id FROM unnest(todo_of(noun('task'), :team, :member)) AS o(id)
         CROSS JOIN LATERAL (
             SELECT t.due_at, t.id FROM task AS t
             WHERE t.created_by = o.id AND t.assignee_id IS DISTINCT FROM t.created_by
               AND t.state = 'delivered'
               AND (t.due_at, 2, t.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
             ORDER BY t.due_at, t.id LIMIT :page.limit) AS t
         UNION
         SELECT t.due_at, t.id FROM unnest(me_owners(noun('task'))) AS o(id) CROSS JOIN LATERAL (
             SELECT t.due_at, t.id FROM task AS t
             WHERE t.assignee_id = o.id AND t.company_id = :me.company_id AND t.state = 'delivered'
               AND t.vendor_id IS NULL
               AND (t.due_at, 2, t.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
             ORDER BY t.due_at, t.id LIMIT :page.limit) AS t
         WHERE :member::text IS NULL AND o.id <> :me.member_id
         UNION
         SELECT t.due_at, t.id FROM (
             SELECT t.due_at, t.id FROM task AS t
             WHERE t.vendor_id = :me.company_id AND t.state = 'delivered' AND t.side = 'ours'
               AND (t.due_at, 2, t.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
             ORDER BY t.due_at, t.id LIMIT :page.limit) AS t
         WHERE :member::text IS NULL AND sight(noun('task')) & 8 <> 0) AS t)
    UNION ALL
    -- 3: next steps of deals that have a day, and deals for which there is none that nobody touched for too long.
    (SELECT day_ends(:me.company_id, p.due_on), 3, p.deal_id
     FROM todo_ahead(todo_of(noun('deal'), :team, :member), false, :page.after::text, :page.limit) AS o(id, latest) CROSS JOIN LATERAL (
         SELECT p.next_due_on AS due_on, p.deal_id FROM deal_pulse AS p
         WHERE p.open AND p.member_id = o.id AND p.company_id = :me.company_id
           AND p.next_due_on >= todo_day(:page.after) AND p.next_due_on <= o.latest
           AND (day_ends(:me.company_id, p.next_due_on), 3, p.deal_id)
               > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY p.next_due_on, p.deal_id LIMIT :page.limit) AS p)
    UNION ALL
    (SELECT day_ends(:me.company_id, p.due_on), 3, p.deal_id
     FROM todo_ahead(todo_of(noun('deal'), :team, :member), true, :page.after::text, :page.limit) AS o(id, latest) CROSS JOIN LATERAL (
         SELECT p.touch_by AS due_on, p.deal_id FROM deal_pulse AS p
         WHERE p.open AND p.member_id = o.id AND p.company_id = :me.company_id AND p.next_due_on IS NULL
           AND p.touch_by >= todo_day(:page.after) AND p.touch_by < due_until(0) AND p.touch_by <= o.latest
           AND (day_ends(:me.company_id, p.touch_by), 3, p.deal_id)
               > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY p.touch_by, p.deal_id LIMIT :page.limit) AS p)
    UNION ALL
    -- 4: reports that the caller reviews: of the company, else of those below; and of partners.
    (SELECT r.updated_at, 4, r.id FROM (
         SELECT r.updated_at, r.id FROM report AS r
         WHERE r.to_company_id = :me.company_id AND r.company_id = :me.company_id
           AND r.state = 'submitted' AND todo_reviews() & 4 <> 0 AND NOT is_my_person(r.author_id)
           AND (r.updated_at, 4, r.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY r.updated_at, r.id LIMIT :page.limit) AS r
     WHERE :member::text IS NULL)
    UNION ALL
    (SELECT r.updated_at, 4, r.id FROM unnest(me_team()) AS o(id) CROSS JOIN LATERAL (
         SELECT r.updated_at, r.id FROM report AS r
         WHERE r.author_id = o.id AND r.state = 'submitted' AND r.to_company_id = :me.company_id
           AND (r.updated_at, 4, r.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY r.updated_at, r.id LIMIT :page.limit) AS r
     WHERE :member::text IS NULL AND todo_reviews() & 6 = 2)
    UNION ALL
    (SELECT r.updated_at, 4, r.id FROM (
         SELECT r.updated_at, r.id FROM report AS r
         WHERE r.to_company_id = :me.company_id AND r.company_id <> r.to_company_id
           AND r.state = 'submitted' AND todo_reviews() & 8 <> 0 AND NOT is_my_person(r.author_id)
           AND (r.updated_at, 4, r.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY r.updated_at, r.id LIMIT :page.limit) AS r
     WHERE :member::text IS NULL)
    UNION ALL
    -- 5: reports that were returned to their authors.
    (SELECT r.updated_at, 5, r.id
     FROM unnest(todo_of(noun('report'), :team, :member)) AS o(id) CROSS JOIN LATERAL (
         SELECT r.updated_at, r.id FROM report AS r
         WHERE r.author_id = o.id AND r.state = 'returned'
           AND (r.updated_at, 5, r.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY r.updated_at, r.id LIMIT :page.limit) AS r)
    UNION ALL
    -- 6: invitations, for who may answer them.
    (SELECT i.created_at, 6, i.id FROM invitation AS i
     WHERE i.slug = (SELECT me_slug()) AND i.state = 'open' AND :member::text IS NULL
       AND EXISTS (SELECT FROM caller_grants() AS g WHERE g.permission = 'partner.manage')
       AND (i.created_at, 6, i.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after)))
    UNION ALL
    -- 7: registrations that wait for an answer, for who may give it.
    (SELECT r.created_at, 7, r.id FROM (
         SELECT r.created_at, r.id FROM registration AS r
         WHERE r.company_id = :me.company_id AND r.state = 'pending'
           AND (r.created_at, 7, r.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY r.created_at, r.id LIMIT :page.limit) AS r
     WHERE :member::text IS NULL AND todo_registrations() & 6 <> 0)
    UNION ALL
    -- 8: payments of contracts that are to be made, or confirmed, by the side of who is responsible for the contract; and those of
    -- contracts for which nobody is.
    (SELECT p.due_at, 8, p.id FROM unnest(todo_of(noun('contract'), :team, :member)) AS o(id) CROSS JOIN LATERAL (
         SELECT p.due_at, p.id FROM payment AS p
         WHERE p.owner_id = o.id AND p.turn = 'principal'
           AND (p.due_at, 8, p.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY p.due_at, p.id LIMIT :page.limit) AS p)
    UNION ALL
    (SELECT p.due_at, 8, p.id FROM unnest(todo_of(noun('contract'), :team, :member)) AS o(id) CROSS JOIN LATERAL (
         SELECT p.due_at, p.id FROM payment AS p
         WHERE p.vendor_owner_id = o.id AND p.turn = 'vendor'
           AND (p.due_at, 8, p.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY p.due_at, p.id LIMIT :page.limit) AS p)
    UNION ALL
    (SELECT p.due_at, 8, p.id FROM (
         SELECT p.due_at, p.id FROM payment AS p
         WHERE p.company_id = :me.company_id AND p.owner_id IS NULL AND p.turn = 'principal'
           AND (p.due_at, 8, p.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY p.due_at, p.id LIMIT :page.limit) AS p
     WHERE :member::text IS NULL AND todo_pays() & 6 <> 0)
    UNION ALL
    (SELECT p.due_at, 8, p.id FROM (
         SELECT p.due_at, p.id FROM payment AS p
         WHERE p.vendor_id = :me.company_id AND p.vendor_owner_id IS NULL AND p.turn = 'vendor'
           AND (p.due_at, 8, p.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY p.due_at, p.id LIMIT :page.limit) AS p
     WHERE :member::text IS NULL AND todo_pays() & 6 <> 0)
    UNION ALL
    -- 9: breaches and disputes in which it is the company's turn, for who sees a team's or all of its cases and speaks in them.
    (SELECT c.answer_by, 9, c.id FROM (
         SELECT c.answer_by, c.id FROM case_file AS c
         WHERE c.turn_id = :me.company_id
           AND (c.answer_by, 9, c.id) > (todo_at(:page.after::text), todo_no(:page.after), todo_id(:page.after))
         ORDER BY c.answer_by, c.id LIMIT :page.limit) AS c
     WHERE :member::text IS NULL AND todo_cases())
    ORDER BY at, no, id LIMIT :page.limit
)
SELECT CASE WHEN p.no = 8 AND y.state = 'paid' THEN 'confirmation' ELSE
           (ARRAY['task', 'acceptance', 'follow_up', 'review', 'returned', 'invitation', 'registration', 'payment', 'case'])[p.no] END AS why,
       CASE WHEN p.no <= 2 THEN 'task/' || p.id WHEN p.no = 3 THEN 'deal/' || p.id
            WHEN p.no <= 5 THEN 'report/' || p.id WHEN p.no = 7 THEN 'registration/' || p.id
            WHEN p.no = 8 THEN 'payment/' || p.id WHEN p.no = 9 THEN 'case/' || p.id END AS "on",
       CASE WHEN p.no <= 2 THEN t.title WHEN p.no = 3 THEN CASE WHEN f.next_step IS NULL THEN d.title ELSE f.next_step END
            WHEN p.no <= 5 THEN v.title WHEN p.no = 7 THEN g.title
            WHEN p.no = 8 THEN concat_ws(' ', y.amount, y.currency, y.title) WHEN p.no = 9 THEN m.title
            ELSE (SELECT n.company FROM invitation_show(p.id) AS n) END AS title,
       CASE WHEN p.no <= 2 AND t.on_id IS NOT NULL THEN object_title(t.on_kind, t.on_id)
            WHEN p.no = 3 THEN CASE WHEN f.next_step IS NULL THEN d.customer_name ELSE d.title END
            WHEN p.no <= 5 THEN r.period WHEN p.no = 7 THEN g.customer_name
            WHEN p.no >= 8 THEN object_title(kind('contract'), CASE p.no WHEN 8 THEN y.contract_id ELSE m.contract_id END) END AS about,
       CASE WHEN p.no <= 2 THEN t.due_on WHEN p.no = 3 THEN CASE WHEN f.next_due_on IS NULL THEN f.touch_by
                ELSE f.next_due_on END WHEN p.no = 8 THEN y.due_on
            WHEN p.no = 9 THEN company_day(:me.company_id, p.at - interval '1 microsecond') END AS due,
       CASE WHEN p.no = 3 AND f.next_due_on IS NULL THEN 'forgotten' WHEN p.no <= 3 OR p.no = 9 OR (p.no = 8 AND y.state = 'due') THEN todo_when(p.at)
            ELSE 'waiting' END AS "when",
       CASE WHEN p.no = 8 THEN CASE y.state WHEN 'paid' THEN y.state_since END WHEN p.no = 9 THEN m.state_since
            WHEN p.no > 3 THEN p.at END AS since,
       email_of(w.id) AS owner,
       CASE WHEN w.id <> :me.member_id THEN nullif(company_of(w.id), me_slug()) END AS owner_company,
       concat_ws('/', p.at, p.no, p.id) AS "page.key"
FROM page AS p
-- By a number that only the rows of that kind have: the others are looked up nowhere.
LEFT JOIN task AS t ON t.id = CASE WHEN p.no <= 2 THEN p.id END
LEFT JOIN deal AS d ON d.id = CASE WHEN p.no = 3 THEN p.id END
LEFT JOIN deal_pulse AS f ON f.deal_id = d.id AND f.company_id = :me.company_id
LEFT JOIN report AS r ON r.id = CASE WHEN p.no IN (4, 5) THEN p.id END
LEFT JOIN revision AS v ON v.on_kind = kind('report') AND v.on_id = r.id AND v.version = r.version
LEFT JOIN registration AS g ON g.id = CASE WHEN p.no = 7 THEN p.id END
LEFT JOIN payment AS y ON y.id = CASE WHEN p.no = 8 THEN p.id END
LEFT JOIN case_file AS m ON m.id = CASE WHEN p.no = 9 THEN p.id END
CROSS JOIN LATERAL (SELECT coalesce(t.assignee_id, f.member_id, r.author_id, CASE y.turn WHEN 'principal' THEN y.owner_id
    WHEN 'vendor' THEN y.vendor_owner_id END) AS id) AS w
ORDER BY p.at, p.no, p.id
