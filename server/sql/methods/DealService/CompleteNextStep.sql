-- Logs that the next step of a deal was done, the one of the caller's company: a follow-up that says so.
WITH made AS (
    INSERT INTO activity AS a (deal_id, company_id, member_id, kind, text, next_step, due_on, audience, outcome,
        happened_at, done_id)
    SELECT d.id, d.company_id, :me.member_id, 'done', coalesce(:text, s.next_step), :next, :due::date,
           CASE WHEN s.audience = 'internal' AND :shared::boolean IS NOT TRUE THEN 'internal'
                ELSE entry_audience(:internal, :shared, 'shared') END, :outcome,
           CASE WHEN :at::text IS NULL THEN clock_timestamp() ELSE moment_of(:at, d.company_id) END, s.id
    FROM deal AS d, next_step_of(d.id) AS s WHERE d.id = :deal_id
    RETURNING a AS activity
)
SELECT v.* FROM made, activity_shown(made.activity) AS v
