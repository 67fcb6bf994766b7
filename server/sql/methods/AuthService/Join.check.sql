-- What is needed to check the sign-in at home, as SignIn.find has it.
-- Parameters: email, home, address (the caller's network address).
-- Who has to wait after wrong passwords ends in JY008.
SELECT f.member_id, f.phc, f.totp_key, f.totp_sealed, f.totp_after
FROM login_find(:email::text, :home::text, :address::text, NULL) AS f
