-- Says who handles a case, and who is the other side of a conflict.
SELECT v.* FROM case_assign(:case_id, :email, :with, :version::int) AS a(id), case_show(a.id) AS c, case_shown(c) AS v
