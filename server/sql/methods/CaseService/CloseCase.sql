-- Closes a case.
SELECT v.* FROM case_end(:case_id, 'closed', :score, :version::int) AS a(id), case_show(a.id) AS c, case_shown(c) AS v
