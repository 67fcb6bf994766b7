-- The caller's keys, also those that were revoked, the newest first.
-- rows: keys
SELECT k.id, encode(k.public_key, 'hex') AS public_key, k.note, k.created_at, k.revoked_at, k.id AS "page.key"
FROM member_key AS k
WHERE k.member_id = :me.member_id
  AND k.id < :page.after::bigint                                             --? page_token
ORDER BY k.id DESC
LIMIT :page.limit
