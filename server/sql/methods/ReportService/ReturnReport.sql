-- Returns a submitted report to its author.
SELECT r.* FROM report_review(:report_id, 'returned', :comment, :version) AS r
