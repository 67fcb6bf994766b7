-- Logs a follow-up on a deal that the caller sees.
WITH made AS (
    INSERT INTO activity AS a (deal_id, company_id, member_id, kind, text, next_step, due_on, audience, outcome,
        happened_at, playbook_id, contact_id)
    SELECT d.id, d.company_id, :me.member_id, :kind, :text, :next, :due::date,
           entry_audience(:internal, :shared, 'shared'), :outcome,
           CASE WHEN :at::text IS NULL THEN clock_timestamp() ELSE moment_of(:at, d.company_id) END,
           play_used(:play, d.company_id), :contact_id
    FROM deal AS d WHERE d.id = :deal_id
    RETURNING a AS activity
)
SELECT v.* FROM made, activity_shown(made.activity) AS v
