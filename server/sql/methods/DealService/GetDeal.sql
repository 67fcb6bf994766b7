-- A deal, what there is beside it, and what the caller's side does next. The last two are values, worked out once
-- (OFFSET 0): to join them would be to set up more nodes, each as wide as all that is answered.
SELECT v.*, (x.around).*, (p.pulse).next_step AS next, (p.pulse).next_due_on AS next_due,
       CASE WHEN (p.pulse).open THEN (p.pulse).touch_by END AS touch_until
FROM deal AS d CROSS JOIN LATERAL (SELECT deal_pulse_of(d.id) AS pulse OFFSET 0) AS p CROSS JOIN LATERAL (
         SELECT CASE WHEN (p.pulse).beside IS DISTINCT FROM 0 THEN deal_around(d.id, (p.pulse).beside) END AS around
         OFFSET 0) AS x, deal_shown(d) AS v
WHERE d.id = :deal_id
