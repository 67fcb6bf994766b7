-- A deal, what there is beside it, and what the caller's side does next.
SELECT v.*, x.*, p.next_step AS next, p.next_due_on AS next_due, CASE WHEN p.open THEN p.touch_by END AS touch_until
FROM deal AS d LEFT JOIN deal_pulse AS p ON p.deal_id = d.id AND p.company_id = me_company(), deal_shown(d) AS v,
     deal_around(d.id, p.beside) AS x
WHERE d.id = :deal_id
