-- Accepts a submitted report.
SELECT r.* FROM report_review(:report_id, 'accepted', :comment, :version) AS r
