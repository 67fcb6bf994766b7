-- A chunk of a file that is complete.
SELECT c.file_id, c.seq, c.data
FROM file AS f JOIN file_chunk AS c ON c.file_id = f.id
WHERE f.id = :file_id AND f.state = 'complete' AND c.seq = :seq
