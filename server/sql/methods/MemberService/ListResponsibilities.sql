-- How much members are responsible for, as far as the caller sees deals.
-- rows: responsibilities
SELECT m.email AS member, m.state, d.customers, d.deals, d.tasks, d.reports, d.people, d.partners, d.contracts, m.id AS "page.key"
FROM (SELECT m.* FROM member AS m
      WHERE m.company_id = :me.company_id AND reaches(m.id, sight(noun('deal')))
        AND (m.state = 'active' OR member_has_duties(m.id))
        AND m.id = member_seen(:email)                                        --? email
        AND m.id > :page.after::bigint                                        --? page_token
      ORDER BY m.id LIMIT :page.limit) AS m, member_duties(m.id, NULL) AS d
ORDER BY m.id
LIMIT :page.limit
