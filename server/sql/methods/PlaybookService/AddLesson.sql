-- Writes what a deal teaches; the function has the rules.
SELECT v.* FROM lesson_add(:deal_id, :title, :body, :customer_type) AS p(id), play_made(p.id) AS v
