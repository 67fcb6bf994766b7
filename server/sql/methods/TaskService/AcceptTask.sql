-- Accepts what was delivered.
WITH changed AS (
    UPDATE task AS t SET state = 'accepted'
    WHERE t.id = :task_id AND check_version('task', t.id, t.version, :version)
    RETURNING t
), said AS (
    INSERT INTO comment (on_kind, on_id, version, member_id, topic, decision, text)
    SELECT kind('task'), (c.t).id, (c.t).version, :me.member_id, 'review', 'accepted', :text FROM changed AS c
)
SELECT v.* FROM changed AS c, task_shown(c.t) AS v
