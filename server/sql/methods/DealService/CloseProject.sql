-- Sums up a deal that was won or lost: a report of it within the company, linked with the deal.
SELECT r.* FROM deal_summarize(:deal_id, :title, :body) AS r
