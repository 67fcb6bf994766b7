-- Ends the caller's second factor.
SELECT totp_disable() AS disabled
