-- Adds a key by which the caller signs.
SELECT k.id, :public_key AS public_key, :note AS note, now() AS created_at, NULL::timestamptz AS revoked_at
FROM key_add(:public_key, :note) AS k(id)
