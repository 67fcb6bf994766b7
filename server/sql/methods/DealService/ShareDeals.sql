-- Gives a deal to a vendor, or all that it had in an earlier span of the partnership; with each the tasks on it
-- that the vendor has to do with. How many are left is what there was, for all of one statement sees the same.
WITH given AS MATERIALIZED (
    SELECT v.id, partner_span(:me.company_id, v.id) AS span FROM (SELECT vendor_by_slug(:vendor)) AS v(id)
), chosen AS MATERIALIZED (
    SELECT d.id, 1 AS i FROM deal AS d WHERE d.id = :deal_id
    UNION ALL
    SELECT d.id, row_number() OVER (ORDER BY d.id DESC) FROM deal AS d, given AS g
    WHERE :all::boolean AND d.company_id = :me.company_id AND d.vendor_id = g.id AND d.shared_span < g.span
      AND reaches(d.owner_id, me_scope())
), shared AS (
    UPDATE deal AS d SET vendor_id = g.id, shared_span = g.span
    FROM chosen AS c, given AS g WHERE d.id = c.id AND c.i <= 1000
    RETURNING d.id, g.id AS vendor_id, g.span
), tasks AS MATERIALIZED (
    SELECT count(*)::int AS n, count(task_share(s.id, s.vendor_id, s.span)) AS tasks FROM shared AS s
)
SELECT t.n AS shared, (SELECT nullif(greatest(max(c.i) - 1000, 0), 0)::int FROM chosen AS c) AS left
FROM tasks AS t WHERE t.n > 0 OR :all::boolean
