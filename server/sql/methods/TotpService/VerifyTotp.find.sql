-- The caller's second factor. Columns: member_id bigint, totp_key, totp_sealed text, totp_after bigint.
SELECT f.member_id, f.totp_key, f.totp_sealed, f.totp_after FROM totp_find(true) AS f
