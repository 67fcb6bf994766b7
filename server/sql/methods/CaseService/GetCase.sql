-- A case with what was said in it, and what was handed over; of a breach what it costs, and why.
SELECT v.*, f.due, f.made_good, f.days AS days_late, f.penalty, f.penalties,
       case_statements(c, 100, false) AS statements, case_evidence_of(c, false) AS evidence
FROM case_file AS c, case_shown(c) AS v, breach_figures(CASE c.kind WHEN 'breach' THEN c.id END) AS f WHERE c.id = :case_id
