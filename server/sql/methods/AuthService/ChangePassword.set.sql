-- Sets the caller's password and ends the caller's other sessions, the old password being right.
-- Parameter: phc (the new password's argon2id hash). Column: sessions_ended int.
SELECT password_set(:phc::text) AS sessions_ended
