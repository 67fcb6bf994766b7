-- Has the caller told of a thing.
SELECT ref(s.on_kind, s.on_id) AS "on", s.at AS since FROM follow(:on) AS s
