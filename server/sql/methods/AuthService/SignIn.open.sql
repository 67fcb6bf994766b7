-- Opens a session, the password being right, and forgets the wrong ones before it.
-- Parameters: member_id (from SignIn.find), token_hash (SHA-256 of the token), client, address,
-- keep (whether it is kept on a device of the member's own).
-- Columns: expires_at_s bigint (seconds since 1970), email, name, company, role text; password_set_by
-- text, who set the password where that was somebody else; password_spent, whether it opens no other.
SELECT extract(epoch FROM o.expires_at)::bigint AS expires_at_s, o.email, o.name, o.company, o.role,
       o.password_set_by, o.password_spent
FROM login_open(:member_id::bigint, :token_hash::bytea, :client::text, :address::text,
                :keep::boolean) AS o
