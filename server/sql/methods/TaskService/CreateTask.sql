-- Makes a task of the caller's company, on a thing that the caller sees or on none. It is the caller's
-- where nobody else is named, and nobody's in person yet where a partner's people do it.
WITH made AS (
    INSERT INTO task AS t (company_id, kind, on_kind, on_id, title, text, assignee_id, vendor_id, side,
        acceptance, required, due_on, created_by)
    SELECT :me.company_id, coalesce(:kind, 'todo'), o.on_kind, o.on_id, :title, :text,
           CASE WHEN w.side = 'ours' THEN coalesce(member_by_email(:owner), :me.member_id)
                ELSE task_no_owner(:owner) END,
           task_vendor(:vendor, :side), w.side, coalesce(:acceptance, false), coalesce(:required, false),
           :due::date, :me.member_id
    FROM (SELECT CASE WHEN :vendor::text IS NULL THEN 'ours' ELSE coalesce(:side::text, 'vendor') END
          AS side) AS w
    LEFT JOIN object_asked(:on) AS o ON true
    RETURNING t
)
SELECT v.* FROM made AS m, task_shown(m.t) AS v
