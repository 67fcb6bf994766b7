-- Notes a wrong password, for throttling.
-- Parameters: email, address. One row, without meaning.
SELECT login_fail(:email::text, :address::text) IS NULL AS noted
