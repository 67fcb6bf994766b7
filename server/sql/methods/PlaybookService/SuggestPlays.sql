-- Plays that fit a deal, the best first; the function has the rules.
-- rows: plays
SELECT v.* FROM play_suggest(:deal_id) AS v
