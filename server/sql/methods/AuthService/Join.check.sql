-- Who has to wait after wrong passwords ends in JY008.
-- Parameters: email, address. One row, without meaning.
SELECT join_check(:email::text, :address::text) IS NULL AS checked
