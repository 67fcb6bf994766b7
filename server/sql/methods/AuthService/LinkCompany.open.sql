-- Links the caller with the other membership, both passwords being right, and opens a session.
-- Parameters: member_id (from LinkCompany.find), token_hash (SHA-256 of the token), client, address; step or
-- code_sha256 of the other's second factor (NULL without one).
-- Columns: expires_at_s bigint (seconds since 1970), email, name, company, role text.
SELECT extract(epoch FROM o.expires_at)::bigint AS expires_at_s, o.email, o.name, o.company, o.role
FROM link_open(:member_id::bigint, :token_hash::bytea, :client::text, :address::text,
               :step::bigint, :code_sha256::bytea) AS o
