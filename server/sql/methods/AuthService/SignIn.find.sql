-- What is needed to check a password; nothing of it may be told before the password is right.
-- Parameters: email, company (NULL where none was chosen), address (the caller's network address), device
-- (SHA-256 of the secret that the client showed; NULL without one).
-- One row: member_id bigint, phc, its password's argon2id hash; both NULL where nobody is meant. totp_key, totp_sealed
-- text, totp_after bigint: its second factor; NULL without one.
-- Who has to wait after wrong passwords ends in JY008.
SELECT f.member_id, f.phc, f.totp_key, f.totp_sealed, f.totp_after
FROM login_find(:email::text, :company::text, :address::text, :device::bytea) AS f
