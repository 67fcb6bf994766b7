-- Submits a returned report again, as a new version.
SELECT r.* FROM report_resubmit(:report_id, :title, :body) AS r
