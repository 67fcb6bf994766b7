-- Submits a report.
SELECT r.id, r.kind, r.period, r.state, r.version, r.author, r.company, r."to", r.title, r.body,
       r.deal_id, r.created_at, r.updated_at, r.comments
FROM report_submit(:kind, :period, :to, :title, :body, :deal_id) AS r
