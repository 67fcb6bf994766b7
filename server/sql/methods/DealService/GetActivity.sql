-- A follow-up.
SELECT v.* FROM activity AS a, activity_shown(a) AS v WHERE a.id = :activity_id
