-- Gives an e-mail domain back.
DELETE FROM company_domain AS d WHERE d.domain = lower(:domain)
RETURNING d.domain, (SELECT c.slug FROM company AS c WHERE c.id = d.company_id) AS company, d.added_at
