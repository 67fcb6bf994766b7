-- The files of an export that is done, in their order.
-- rows: files
SELECT f.no, f.name, f.kind, f.columns, f.n_rows AS rows, f.bytes, f.pieces
FROM export AS e JOIN export_file AS f ON f.export_id = e.id
WHERE e.id = :export_id AND e.state = 'done'
ORDER BY f.no
