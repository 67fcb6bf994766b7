-- Has the caller told of a thing no longer.
SELECT ref(s.on_kind, s.on_id) AS "on", s.at AS since FROM unfollow(:on) AS s
