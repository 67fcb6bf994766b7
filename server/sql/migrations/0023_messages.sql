-- What refuses a call gives a template and its arguments, which the server says in the language of
-- the caller.
-- definitions: c15c850b6e0bb583d490e1185bb07e1dbdf23c78eb211f2701dfd2e2edb50c5c

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION refuse(text, text, text);
