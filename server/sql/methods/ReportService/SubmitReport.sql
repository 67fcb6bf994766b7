-- Submits a report.
SELECT r.* FROM report_submit(:kind, :period, :to, :title, :body, :deal_id) AS r
