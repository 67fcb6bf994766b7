-- Notes that the second factor was shown, and gives the session another token.
-- Parameters: token_hash (SHA-256 of the token); step or code_sha256 of the code.
-- Columns: expires_at_s bigint (seconds since 1970), email, name, company, role text.
SELECT extract(epoch FROM o.expires_at)::bigint AS expires_at_s, o.email, o.name, o.company, o.role
FROM totp_verify(:step::bigint, :code_sha256::bytea, :token_hash::bytea) AS o
