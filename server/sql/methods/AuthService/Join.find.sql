-- Whether a code is good, before a password is hashed for it. One that is not ends in JY016.
-- Parameter: code. Columns: email text, the member's; home text, the short name of the company whose domain the
-- address has, where that is another one: the member has to sign in there.
SELECT f.email, f.home FROM join_find(:code::text) AS f
