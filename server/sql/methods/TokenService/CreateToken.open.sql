-- Makes a token of the caller's.
-- Parameters: name, grants (text[]: permissions, each with its scope), expires (a date), token_hash (SHA-256 of the
-- token), client, address. Columns: id bigint, created_at_s, expires_at_s bigint (seconds since 1970).
SELECT o.id, extract(epoch FROM o.made_at)::bigint AS created_at_s,
       extract(epoch FROM o.ends_at)::bigint AS expires_at_s
FROM token_open(:name::text, :grants::text[], :expires::date, :token_hash::bytea, :client::text, :address::text) AS o
