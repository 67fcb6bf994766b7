-- Has one of the caller's keys sign no more.
UPDATE member_key AS k SET revoked_at = coalesce(k.revoked_at, now())
WHERE k.id = :key_id AND k.member_id = :me.member_id
RETURNING k.id, encode(k.public_key, 'hex') AS public_key, k.note, k.created_at, k.revoked_at
