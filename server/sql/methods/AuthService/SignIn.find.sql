-- What is needed to check a password; nothing of it may be told before the password is right.
-- Parameters: email, company (NULL where none was chosen), address (the caller's network address).
-- A row for each membership that fits: member_id bigint; company, its short name; phc, its
-- password's argon2id hash. Those of one password stand together. No row: there is no such account.
-- An account that has to wait after wrong passwords ends in JY008.
SELECT f.member_id, f.company_slug AS company, f.phc
FROM login_find(:email::text, :company::text, :address::text) AS f
