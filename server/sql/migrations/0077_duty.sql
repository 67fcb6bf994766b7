-- Duties of a contract are tasks, delivered by one side and accepted by the other; and a deal that a vendor wins may wait for
-- its owner to confirm it.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE task DROP CONSTRAINT task_kind,
    ADD CONSTRAINT task_kind CHECK (kind IN ('todo', 'action', 'milestone', 'training', 'coaching', 'resource', 'check',
        'onboarding', 'duty', 'confirm'));
COMMENT ON COLUMN task.kind IS
    'What kind of task it is: todo, action, milestone, training, coaching, resource; or a point of a '
    'checklist, check or onboarding; or a duty of a contract; or confirm: a deal that its vendor says is won.';
-- The same duty of a contract for the same day is made once, whoever makes it.
CREATE UNIQUE INDEX task_duty_once ON task (on_id, side, title, due_on) WHERE kind = 'duty' AND state <> 'cancelled';

INSERT INTO job (name, every, catch_up, next_slot, due_at)
SELECT 'duties', interval '1 hour', false, t.slot, t.slot
FROM (SELECT date_bin('1 hour', now(), '2000-01-01 00:00Z') AS slot) AS t;
