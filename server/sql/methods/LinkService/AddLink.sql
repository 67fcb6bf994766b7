-- Links two things that the caller sees.
WITH made AS (
    INSERT INTO link AS l (from_kind, from_id, to_kind, to_id, role, note, audience, member_id)
    SELECT a.on_kind, a.on_id, b.on_kind, b.on_id, :role, :note,
           entry_audience(:internal, :shared, 'internal'), :me.member_id
    FROM object_seen(:from) AS a, object_seen(:to) AS b
    RETURNING l
)
SELECT v.* FROM made AS m, link_shown(m.l) AS v
