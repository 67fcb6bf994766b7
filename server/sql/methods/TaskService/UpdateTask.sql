-- Changes what a task is. What is absent stays.
WITH changed AS (
    UPDATE task AS t SET
        title = coalesce(:title, t.title),
        text = coalesce(:text, t.text),
        required = coalesce(:required, t.required),
        due_on = CASE WHEN :no_due::boolean THEN NULL ELSE coalesce(:due::date, t.due_on) END
    WHERE t.id = :task_id AND check_version('task', t.id, t.version, :version)
    RETURNING t
)
SELECT v.* FROM changed AS c, task_shown(c.t) AS v
