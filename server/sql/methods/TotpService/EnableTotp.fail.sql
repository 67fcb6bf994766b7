-- Notes a wrong password of the caller's, for slowing down. One row, without meaning.
SELECT password_fail() IS NULL AS noted
