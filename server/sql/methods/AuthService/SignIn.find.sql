-- What is needed to check a password; nothing of it may be told before the password is right.
-- Parameters: email, company (NULL where none was chosen), address (the caller's network address).
-- Columns: known boolean: there is such an account; phc text: its password's argon2id hash, or
-- NULL; member_id bigint: the
-- membership that fits, or NULL; companies text: where several fit and none was chosen, their short
-- names, with commas.
-- An account that has to wait after wrong passwords ends in JY008.
SELECT f.known, f.member_id, f.phc, f.companies
FROM login_find(:email::text, :company::text, :address::text) AS f
