-- Gives an e-mail domain back.
DELETE FROM company_domain AS d WHERE d.domain = lower(:domain)
RETURNING d.domain, slug_of(d.company_id) AS company, d.added_at
