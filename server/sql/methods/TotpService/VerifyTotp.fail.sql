-- Notes a wrong code of the caller's, for slowing down. One row, without meaning.
SELECT totp_fail() IS NULL AS noted
