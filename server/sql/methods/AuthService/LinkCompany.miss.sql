-- Notes a wrong password of the other membership, as a wrong one of SignIn.
-- Parameters: as of LinkCompany.find. One row, without meaning.
SELECT link_fail(:email::text, :company::text, :address::text) IS NULL AS noted
