-- Exports: who may make them.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

INSERT INTO permission (name, reads, shareable, note, noun_no, whole) VALUES
    ('data.export', 'data.import', false, 'export what the company has', 32, true);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'data.export', 'company' FROM role AS r WHERE r.company_id IS NULL AND r.name = 'admin';
