-- Notes a wrong password, for slowing down.
-- Parameters: email, company (NULL where none was typed), address (the caller's network address), device (SHA-256 of
-- the secret that the client showed; NULL without one). One row, without meaning.
SELECT login_fail(:email::text, :company::text, :address::text, :device::bytea) IS NULL AS noted
