-- Opens a case again.
SELECT v.*, s.* FROM case_reopen(:case_id, :reason) AS a(id), case_show(a.id) AS c, case_shown(c) AS v, case_heard(c) AS s
