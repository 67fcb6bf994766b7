-- Gives a company an e-mail domain.
SELECT d.domain_name AS domain, d.slug AS company, d.added_at FROM domain_add(:domain, :company) AS d
