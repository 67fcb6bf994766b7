-- What refuses a call gives a template and its arguments, which the server says in the language of
-- the caller.
-- definitions: 3d8aa929020e73d07c9a2ff7932a2ee69cb74d4c9375445e130140c5d5235cc6

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION refuse(text, text, text);
