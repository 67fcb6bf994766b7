-- A report in its latest version, or the one asked for. Each version has a state of its own: only one
-- that was returned has a version after it.
SELECT r.id, r.kind, r.period,
       CASE WHEN v.version = r.version THEN r.state ELSE 'returned' END AS state, v.version,
       coalesce(m.email, email_of(r.author_id)) AS author,
       nullif(slug_of(r.company_id), me_slug()) AS author_company,
       slug_of(r.company_id) AS company, slug_of(r.to_company_id) AS "to", v.title, v.body,
           r.deal_id, r.created_at, r.updated_at,
       nullif((SELECT count(*) FROM comment AS c
               WHERE c.on_kind = kind('report') AND c.on_id = r.id)
           > (SELECT count(*) FROM report_said(r.id)), false) AS more_comments,
       nullif(r.version > 100, false) AS more_versions
FROM report AS r
JOIN revision AS v ON v.on_kind = kind('report') AND v.on_id = r.id
    AND v.version = coalesce(:version::int, r.version)
LEFT JOIN member AS m ON m.id = r.author_id
WHERE r.id = :report_id
