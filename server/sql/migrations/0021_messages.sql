-- What refuses a call gives a template and its arguments, which the server says in the language of
-- the caller.
-- definitions: 1bfaeeb9170dc5f20dd41e0f7c430fcd177a2da2b981177fd4c294caaf725e2f

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION refuse(text, text, text);
