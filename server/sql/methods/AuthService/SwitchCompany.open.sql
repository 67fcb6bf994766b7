-- Opens a session of the membership in that company that the caller linked.
-- Parameters: company; token_hash (SHA-256 of the token), client, address; step or code_sha256 of the second factor there
-- (NULL without one).
-- Columns: expires_at_s bigint (seconds since 1970), email, name, company, role text.
SELECT extract(epoch FROM o.expires_at)::bigint AS expires_at_s, o.email, o.name, o.company_slug AS company, o.role
FROM switch_open(:company::text, :token_hash::bytea, :client::text, :address::text,
                 :step::bigint, :code_sha256::bytea) AS o
