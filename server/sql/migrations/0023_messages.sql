-- What refuses a call gives a template and its arguments, which the server says in the language of
-- the caller.
-- definitions: 52a7ccb2bb073e80d0446fdf68bbc36e1d2d7957a8b29a8d15011d3ea09f7f47

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION refuse(text, text, text);
