-- Comments on a thing that the caller sees. Notes that name rivals, markets and needs stay inside
-- unless they are to be shared, or the company says otherwise.
WITH made AS (
    INSERT INTO comment AS c (on_kind, on_id, member_id, text, topic, reply_to, audience)
    SELECT o.on_kind, o.on_id, :me.member_id, :text, coalesce(:topic, 'comment'), :reply_to,
           object_audience(o.on_kind, o.on_id, entry_audience(:internal, :shared, CASE
               WHEN :topic IN ('market', 'competitor', 'need', 'lesson') THEN 'internal' ELSE 'shared' END))
    FROM object_seen(:on) AS o
    RETURNING c
)
SELECT v.* FROM made AS m, comment_shown(m.c) AS v
