-- Has somebody take part in a thing that the caller sees; the trigger on participant has the rules.
WITH made AS (
    INSERT INTO participant AS p (on_kind, on_id, member_id, function, added_by)
    SELECT o.on_kind, o.on_id, participant_named(:email, vendor_by_slug(:company)), :function, :me.member_id
    FROM object_seen(:on) AS o
    RETURNING p
)
SELECT v.* FROM made AS m, participant_shown(m.p) AS v
