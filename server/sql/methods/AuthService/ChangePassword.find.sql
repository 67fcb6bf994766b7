-- The caller's own address and password's hash. An account that has to wait after wrong passwords ends in JY008.
-- Parameter: address (the caller's network address). Columns: email text, phc text, ended int (the call was
-- done before, and ended so many sessions; else NULL).
SELECT f.email, f.phc, f.ended
FROM password_find(:address::text) AS f
