-- Takes a dispute further.
SELECT v.*, s.* FROM case_escalate(:case_id, :venue, :text) AS a(id), case_show(a.id) AS c, case_shown(c) AS v, case_heard(c) AS s
