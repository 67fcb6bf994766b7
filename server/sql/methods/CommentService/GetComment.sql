-- A comment.
SELECT v.* FROM comment AS c, comment_shown(c) AS v WHERE c.id = :comment_id
