-- Submits a returned report again, as a new version.
SELECT r.id, r.kind, r.period, r.state, r.version, r.author, r.company, r."to", r.title, r.body,
       r.deal_id, r.created_at, r.updated_at, r.comments
FROM report_resubmit(:report_id, :title, :body) AS r
