-- Contracts and registrations are talked about: comments and files of both sides, of a draft those of the drafting side alone.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

UPDATE object_kind SET commentable = true, attachable = true WHERE kind IN ('contract', 'registration');
-- definitions: df6654cc4f8d099c1b08858b8c33e619b16776fb817612485bdf19eae6b1f50a
