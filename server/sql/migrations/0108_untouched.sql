-- A to-do list finds what nobody touched for too long by itself: by when it was to be touched it passed all that has a next
-- step as well, the more the longer people had not done theirs.
-- definitions: 4c94467c9ea30915e3b3f47403a0bca2ca06897bbb36a6a275253cd7baac2e04

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX deal_pulse_untouched ON deal_pulse (member_id, company_id, touch_by, deal_id) WHERE open AND next_due_on IS NULL;
