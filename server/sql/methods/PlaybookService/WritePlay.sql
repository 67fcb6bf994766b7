-- Writes a play, or writes one anew; the function has the rules.
SELECT v.* FROM play_write(:code, :title, :body, :kind, :customer_type, :stage, :signs::text[], :shared, :own, :version)
    AS p(id), play_made(p.id) AS v
