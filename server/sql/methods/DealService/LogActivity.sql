-- Logs a follow-up on a deal that the caller sees.
WITH made AS (
    INSERT INTO activity AS a (deal_id, company_id, member_id, kind, text, next_step, due_on, audience)
    SELECT d.id, d.company_id, :me.member_id, :kind, :text, :next, :due::date,
           entry_audience(:internal, :shared, 'shared')
    FROM deal AS d WHERE d.id = :deal_id
    RETURNING a AS activity
)
SELECT v.* FROM made, activity_shown(made.activity) AS v
