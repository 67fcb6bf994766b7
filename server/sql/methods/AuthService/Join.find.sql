-- Whether a code is good, before a password is hashed for it. One that is not ends in JY016.
-- Parameter: code. Columns: email text, the member's; is_away, whether it is of another company's domain, so
-- that the member has to sign in there; home_phc, the argon2id hash of the password there, NULL where there is none.
SELECT f.email, f.is_away, f.home_phc FROM join_find(:code::text) AS f
