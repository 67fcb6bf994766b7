-- People are told what their days bring: tasks that are due and overdue, deals that nobody looked after; what others change
-- of a deal, and those who follow a thing what is put on it.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

INSERT INTO event_kind (kind, to_manager) VALUES
    ('deal.updated', false), ('deal.overdue', false), ('deal.neglected', false), ('task.due', false), ('task.overdue', false),
    ('file.added', false), ('link.added', false), ('tag.added', false);

INSERT INTO job (name, every, catch_up, next_slot, due_at)
SELECT 'due', interval '1 hour', false, t.slot, t.slot
FROM (SELECT date_bin('1 hour', now(), '2000-01-01 00:00Z') + interval '1 hour' AS slot) AS t;

-- definitions: 177c0daadfa135dd90a7e9ad88d8abe474741a4a24684100278d15678f78e85e
