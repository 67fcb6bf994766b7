-- The caller's own password's hash. Who has to wait after wrong passwords ends in JY008.
-- Columns: phc text, ended int (the call was done before, and ended so many sessions; else NULL).
SELECT f.phc, f.ended
FROM password_find() AS f
