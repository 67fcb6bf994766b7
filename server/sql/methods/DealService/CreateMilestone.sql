-- Makes a milestone of a deal: a task whose parts have to be done before it is. Mine where nobody else is named. It may be measured by a KPI.
WITH made AS (
    INSERT INTO task AS t (company_id, kind, on_kind, on_id, title, text, assignee_id, due_on, created_by)
    SELECT :me.company_id, 'milestone', kind('deal'), deal_changed(d), :title, :goal,
           coalesce(member_by_email(:owner), :me.member_id), :due::date, :me.member_id
    FROM deal AS d WHERE d.id = deal_seen(:deal_id)
    RETURNING t
)
SELECT v.* FROM made AS m, milestone_measure((m.t).id, :kpi, :target::numeric), task_shown(m.t) AS v
