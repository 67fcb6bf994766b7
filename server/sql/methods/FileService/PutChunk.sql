-- Adds a chunk to an upload; one that is there already stays.
WITH upload AS (
    SELECT f FROM file AS f WHERE f.id = :file_id
), made AS (
    INSERT INTO file_chunk (file_id, seq, data)
    SELECT (u.f).id, :seq, :data FROM upload AS u
    ON CONFLICT (file_id, seq) DO NOTHING
)
SELECT v.* FROM upload AS u, file_shown(u.f, :seq) AS v
