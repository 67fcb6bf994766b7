-- Decides a case, and does what that says.
SELECT v.*, s.* FROM case_decide(:case_id, :resolution, :accept, :name, :expire, :share::text[], :version::int) AS a(id), case_show(a.id) AS c, case_shown(c) AS v, case_heard(c) AS s
