-- Notes a sign-in at home that failed, as one of SignIn.
-- Parameters: email, home, address. One row, without meaning.
SELECT login_fail(:email::text, :home::text, :address::text, NULL) IS NULL AS noted
