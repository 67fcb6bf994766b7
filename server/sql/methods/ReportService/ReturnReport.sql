-- Returns a submitted report to its author.
SELECT r.id, r.kind, r.period, r.state, r.version, r.author, r.company, r."to", r.title, r.body,
       r.deal_id, r.created_at, r.updated_at, r.comments
FROM report_review(:report_id, 'returned', :comment, :version) AS r
