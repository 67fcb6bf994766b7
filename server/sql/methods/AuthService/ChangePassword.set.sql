-- Sets the caller's password and ends the caller's other sessions, the old password being right.
-- Parameters: phc (the new password's argon2id hash), request_sha256 (keeps the call, so that it is
-- applied once).
-- Column: sessions_ended int.
SELECT password_set(:phc::text, :request_sha256::bytea) AS sessions_ended
