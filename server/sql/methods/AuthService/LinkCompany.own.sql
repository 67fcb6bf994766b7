-- The caller's own password's hash. Who has to wait after wrong passwords ends in JY008.
-- Column: phc text.
SELECT f.phc FROM password_find() AS f
