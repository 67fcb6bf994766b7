-- Accepts a submitted report.
SELECT r.id, r.kind, r.period, r.state, r.version, r.author, r.company, r."to", r.title, r.body,
       r.deal_id, r.created_at, r.updated_at, r.comments
FROM report_review(:report_id, 'accepted', :comment, :version) AS r
