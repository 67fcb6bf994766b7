-- Has one of the caller's keys sign no more: after whoever signs with it just now.
UPDATE member_key AS k SET revoked_at = coalesce(k.revoked_at, clock_timestamp())
FROM (SELECT l.id FROM member_key AS l WHERE l.id = :key_id AND l.member_id = :me.member_id FOR UPDATE) AS l
WHERE k.id = l.id
RETURNING k.id, encode(k.public_key, 'hex') AS public_key, k.note, k.created_at, k.revoked_at
