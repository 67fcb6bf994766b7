-- For whom a secret is to be sealed. Column: member_id bigint.
SELECT totp_begin() AS member_id
