-- Notes a wrong password of the company that has the address's domain, as a wrong one of SignIn.
-- Parameters: email, address. One row, without meaning.
SELECT login_fail(:email::text, NULL, :address::text, NULL) IS NULL AS noted
