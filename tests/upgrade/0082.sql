INSERT INTO export (company_id, member_id, state, n_rows, as_of, ended_at, expires_at)
SELECT m.company_id, m.id, 'done', 1, now(), now(), now() + interval '1 day' FROM member AS m WHERE m.email = 'sales@acme.example';
INSERT INTO export_file (export_id, no, name, kind, columns, n_rows, bytes, pieces) SELECT e.id, 1, 'rates', 'rates', '{key}', 1, 2, 1 FROM export AS e;
INSERT INTO export_piece (export_id, no, seq, data) SELECT f.export_id, f.no, 0, '{}' FROM export_file AS f;
