-- Asks a principal for support.
SELECT v.* FROM support_ask(:to, :on, :text, :severity) AS a(id), case_show(a.id) AS c, case_shown(c) AS v
