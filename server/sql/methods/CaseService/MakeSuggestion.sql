-- Makes a suggestion.
SELECT v.* FROM suggestion_make(:to, :text) AS a(id), case_show(a.id) AS c, case_shown(c) AS v
