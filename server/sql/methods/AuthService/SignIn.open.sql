-- Opens a session, the password being right, forgets the wrong ones before it, and knows the device again.
-- Parameters: member_id (from SignIn.find), token_hash (SHA-256 of the token), client, address,
-- keep (whether it is kept on a device of the member's own); email, company, device as SignIn.find had them,
-- new_device (SHA-256 of a secret for a device that is not known yet); step or code_sha256 of the second factor (NULL
-- without one); before (SHA-256 of the token that the call came with; NULL without one).
-- Columns: expires_at_s bigint (seconds since 1970), email, name, company, role text; password_set_by
-- text, who set the password where that was somebody else; password_spent, whether it opens no other;
-- is_new_device, whether the new secret counts; factor, calm and replaced, without meaning.
SELECT extract(epoch FROM o.expires_at)::bigint AS expires_at_s, o.email, o.name, o.company, o.role,
       o.password_set_by, o.password_spent,
       CASE WHEN :keep::boolean THEN device_know(o.session_id, :device::bytea, :new_device::bytea) END AS is_new_device,
       login_factor(o.session_id, :step::bigint, :code_sha256::bytea) AS factor,
       login_replace(o.session_id, :before::bytea) IS NULL AS replaced,
       login_calm(:email::text, :company::text, :address::text, :device::bytea) IS NULL AS calm
FROM login_open(:member_id::bigint, :token_hash::bytea, :client::text, :address::text,
                :keep::boolean) AS o
