-- Says what was done about a case.
SELECT v.*, s.* FROM case_handle(:case_id, :text, :state, :version::int) AS a(id), case_show(a.id) AS c, case_shown(c) AS v, case_heard(c) AS s
