-- Opens a conflict.
SELECT v.* FROM conflict_open(:about, :to, :with, :text) AS a(id), case_show(a.id) AS c, case_shown(c) AS v
