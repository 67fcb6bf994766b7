-- The company's members, by e-mail address.
-- rows: members
SELECT m.id, m.email, m.name, r.name AS role, b.email AS manager, m.state, m.created_at,
       m.email AS "page.key"
FROM member AS m
JOIN role AS r ON r.id = m.role_id
LEFT JOIN member AS b ON b.id = m.manager_id
WHERE m.company_id = :me.company_id
  AND (m.state = 'active' OR coalesce(:all::boolean, false))                 --? !emails
  AND m.name = ANY (ARRAY(SELECT x.name FROM member AS x                     --? emails
                          WHERE x.company_id = :me.company_id                --? emails
                            AND x.email = ANY (:emails::text[])))            --? emails
  AND folded(m.name) = folded(:name)                                         --? name
  AND m.email > :page.after::text                                            --? page_token
ORDER BY m.email
LIMIT :page.limit
