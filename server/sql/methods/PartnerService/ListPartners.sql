-- The partnerships of the caller's company and the invitations without an answer, the newest first. The
-- two are numbered apart: a page's key counts partnerships even, invitations odd.
-- rows: partners
SELECT *
FROM (SELECT p.id, o.slug AS company, o.name, CASE p.principal_id WHEN :me.company_id THEN 'vendor'
             ELSE 'principal' END AS side,
             p.state, p.updated_at, p.created_at, a.slug AS principal, b.slug AS vendor, partner_shares(p) AS shares,
             email_of(p.responsible_id) AS owner, email_of(p.vendor_responsible_id) AS vendor_owner,
             t.code AS tier, t.name AS tier_name,
             2 * p.id AS "page.key"
      FROM partnership AS p
      JOIN company AS a ON a.id = p.principal_id
      JOIN company AS b ON b.id = p.vendor_id
      JOIN company AS o ON o.id = CASE p.principal_id WHEN :me.company_id THEN p.vendor_id
          ELSE p.principal_id END
      CROSS JOIN LATERAL tier_of(p) AS t
      -- What was ended and is being begun anew is there once.
      WHERE p.state <> 'ended' OR NOT EXISTS (SELECT FROM invitation AS i WHERE i.state = 'open'
          AND i.principal_id = p.principal_id AND i.slug = b.slug)
      UNION ALL
      SELECT v.*, 2 * i.id + 1
      FROM invitation AS i, LATERAL invitation_show(i.id) AS v
      WHERE i.state = 'open') AS p
WHERE p."page.key" < coalesce(:page.after::bigint, 9223372036854775807)
ORDER BY p."page.key" DESC
LIMIT :page.limit
