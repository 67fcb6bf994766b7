-- Begins an upload, or goes on with one of the same content. What the caller has put there already, and
-- is seen by whom it would be seen by now, is answered as it is.
WITH thing AS MATERIALIZED (
    SELECT o.on_kind, o.on_id, object_version(o.on_kind, o.on_id) AS version,
           object_audience(o.on_kind, o.on_id, entry_audience(:internal, :shared, 'shared')) AS audience
    FROM object_seen(:on) AS o
), there AS (
    SELECT f FROM thing AS t
    JOIN file AS f ON f.on_kind = t.on_kind AND f.on_id = t.on_id AND f.audience = t.audience
        AND f.version IS NOT DISTINCT FROM t.version
    WHERE f.state = 'complete' AND f.member_id = :me.member_id AND f.name = :name
      AND f.sha256 = decode(:sha256, 'hex')
    LIMIT 1
), made AS (
    INSERT INTO file AS f (on_kind, on_id, name, bytes, sha256, audience, member_id)
    SELECT t.on_kind, t.on_id, :name, :bytes, decode(:sha256, 'hex'), t.audience, :me.member_id
    FROM thing AS t WHERE NOT EXISTS (SELECT FROM there)
    ON CONFLICT (member_id, on_kind, on_id, name, sha256, bytes, audience) WHERE state = 'uploading'
        DO UPDATE SET begun_at = EXCLUDED.begun_at
    RETURNING f
)
SELECT v.* FROM (SELECT f FROM there UNION ALL SELECT f FROM made) AS x, file_shown(x.f, NULL) AS v
