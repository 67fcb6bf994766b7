-- A piece of a file of an export that is done.
SELECT p.data
FROM export AS e JOIN export_piece AS p ON p.export_id = e.id
WHERE e.id = :export_id AND e.state = 'done' AND p.no = :no AND p.seq = :seq
