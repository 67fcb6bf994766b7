-- Takes a case back.
SELECT v.* FROM case_end(:case_id, 'withdrawn', NULL, :version::int) AS a(id), case_show(a.id) AS c, case_shown(c) AS v
