-- Delivers what a task was about: what was done, for the other side to judge.
WITH changed AS (
    UPDATE task AS t SET state = 'delivered'
    WHERE t.id = :task_id AND check_version('task', t.id, t.version, :version)
    RETURNING t
), said AS (
    INSERT INTO comment (on_kind, on_id, version, member_id, topic, decision, text)
    SELECT kind('task'), (c.t).id, (c.t).version, :me.member_id, 'delivery', 'delivered', :text FROM changed AS c
)
SELECT v.* FROM changed AS c, task_shown(c.t) AS v
