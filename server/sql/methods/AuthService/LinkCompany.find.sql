-- The other membership, as SignIn.find has it.
-- Parameters: email (NULL: the caller's), company, address (the caller's network address).
-- One row: member_id bigint, phc, its password's argon2id hash; both NULL where nobody is meant.
SELECT f.member_id, f.phc, f.totp_key, f.totp_sealed, f.totp_after
FROM link_find(:email::text, :company::text, :address::text) AS f
