-- A task.
SELECT v.* FROM task AS t, task_shown(t) AS v WHERE t.id = :task_id
