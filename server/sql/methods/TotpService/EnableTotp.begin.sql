-- For whom a secret is to be sealed, and the hash of their password. Who has to wait after wrong passwords ends in JY008.
-- Columns: member_id bigint, phc text.
SELECT totp_begin() AS member_id, f.phc
FROM password_find() AS f
