-- Redeems a code and opens a session.
-- Parameters: code; phc (the new password's argon2id hash); token_hash (SHA-256 of the token), client,
-- address, keep (whether it is kept on a device of the member's own: it is known from then on); device
-- (NULL), new_device (SHA-256 of the device's secret); step or code_sha256 of the second factor at home (NULL without one); before
-- (SHA-256 of the token that the call came with; NULL without one).
-- Columns: expires_at_s bigint (seconds since 1970), email, name, company, role text; is_new_device boolean; replaced, without meaning.
SELECT extract(epoch FROM o.expires_at)::bigint AS expires_at_s, o.email, o.name, o.company, o.role,
       CASE WHEN :keep::boolean THEN device_know(o.session_id, :device::bytea, :new_device::bytea) END AS is_new_device,
       login_replace(o.session_id, :before::bytea) IS NULL AS replaced
FROM join_open(:code::text, :phc::text, :token_hash::bytea, :client::text, :address::text,
               :keep::boolean, :step::bigint, :code_sha256::bytea) AS o
