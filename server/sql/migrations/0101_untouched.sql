-- A to-do list finds what nobody touched for too long by itself: by when it was to be touched it passed all that has a next
-- step as well, the more the longer people had not done theirs.
-- definitions: c5f07fd48e285dd0b3a79c0ecfb5bb8d5476ba979533a96ff777c5ba895d325e

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE INDEX deal_pulse_untouched ON deal_pulse (member_id, company_id, touch_by, deal_id) WHERE open AND next_due_on IS NULL;
