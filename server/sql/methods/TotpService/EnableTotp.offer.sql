-- Keeps the sealed secret until it is confirmed.
-- Parameters: key_id (of the server's key), secret_sealed. Columns: email, company text.
SELECT o.email, o.company FROM totp_offer(:key_id::text, :secret_sealed::bytea) AS o
