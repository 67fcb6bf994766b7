-- Says something in a case.
SELECT v.*, s.* FROM case_answer(:case_id, :text, :evidence::text[]) AS a(id), case_show(a.id) AS c, case_shown(c) AS v, case_heard(c) AS s
