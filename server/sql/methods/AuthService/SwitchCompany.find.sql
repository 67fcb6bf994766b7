-- The membership in that company that the caller linked, and its second factor.
-- Parameter: company. Columns: member_id bigint, totp_key, totp_sealed text, totp_after bigint (NULL without one).
SELECT f.member_id, f.totp_key, f.totp_sealed, f.totp_after FROM switch_find(:company::text) AS f
