-- Logs a follow-up on a customer of the caller's company that has no deal for it.
WITH made AS (
    INSERT INTO activity AS a (customer_id, company_id, member_id, kind, text, outcome, happened_at, playbook_id, contact_id)
    SELECT c.id, :me.company_id, :me.member_id, :kind, :text, :outcome,
           CASE WHEN :at::text IS NULL THEN clock_timestamp() ELSE moment_of(:at, :me.company_id) END,
           play_used(:play, :me.company_id), :contact_id
    FROM customer AS c WHERE c.id = customer_now(:customer_id)
    RETURNING a AS activity
)
SELECT v.* FROM made, activity_shown(made.activity) AS v
