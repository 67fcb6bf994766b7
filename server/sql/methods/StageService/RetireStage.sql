-- Retires a stage, and moves what is in it; the function has the rules.
SELECT r.stage, r.moved, r.remaining FROM stage_retire(:name, :to, :reason) AS r
