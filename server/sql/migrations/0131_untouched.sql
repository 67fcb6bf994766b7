-- A to-do list finds what nobody touched for too long by itself: by when it was to be touched it passed all that has a next
-- step as well, the more the longer people had not done theirs.
-- definitions: da719abc033a9584ed51e4a8c35c7abffe910466a20020a26d0eaf91200d71ab

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX deal_pulse_untouched ON deal_pulse (member_id, company_id, touch_by, deal_id) WHERE open AND next_due_on IS NULL;
