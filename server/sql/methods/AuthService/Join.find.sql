-- Whether a code is good, before a password is hashed for it. One that is not ends in JY016.
-- Parameter: code. Column: member_id bigint.
SELECT f AS member_id FROM join_find(:code::text) AS f
