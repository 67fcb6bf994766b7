-- Has somebody take part no more.
WITH gone AS (
    DELETE FROM participant AS p USING object_seen(:on) AS o
    WHERE p.on_kind = o.on_kind AND p.on_id = o.on_id AND p.member_id = ANY (members_called(:email))
    RETURNING p
)
SELECT v.* FROM gone AS g, participant_shown(g.p) AS v
