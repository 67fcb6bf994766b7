-- Gives a task to another member of the company whose people do it.
WITH changed AS (
    UPDATE task AS t SET assignee_id = member_by_email(:owner)
    WHERE t.id = :task_id AND check_version('task', t.id, t.version, :version)
    RETURNING t
)
SELECT v.* FROM changed AS c, task_shown(c.t) AS v
