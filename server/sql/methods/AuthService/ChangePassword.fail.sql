-- Notes a wrong password, for throttling, as a wrong one of SignIn.
-- Parameters: email, address. One row, without meaning.
SELECT login_fail(:email::text, :address::text) IS NULL AS noted
