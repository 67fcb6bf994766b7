-- What a call sees of other nouns than its permission's own: as far as the role's .read reaches.
-- definitions: b26995a778b5a5aae1fc51f1e7b1c85a63df87a08afddf4da970b65ca936cd72

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS me_sight() CASCADE;
DROP FUNCTION IF EXISTS me_owners() CASCADE;
DROP FUNCTION IF EXISTS look_as(text);

ALTER TABLE permission DISABLE TRIGGER USER;
ALTER TABLE role DISABLE TRIGGER USER;
ALTER TABLE permission ADD COLUMN noun_no smallint CHECK (noun_no BETWEEN 1 AND 60);
COMMENT ON COLUMN permission.noun_no IS
    'The number of what it is about, the word before the point: its place in role.sights.';
UPDATE permission AS p SET noun_no = n.no
FROM (VALUES ('company', 1), ('member', 2), ('role', 3), ('partner', 4), ('deal', 5), ('kpi', 6),
             ('report', 7), ('audit', 8), ('server', 9)) AS n(name, no)
WHERE n.name = split_part(p.name, '.', 1);
ALTER TABLE permission ALTER COLUMN noun_no SET NOT NULL;
CREATE UNIQUE INDEX permission_noun_read ON permission (noun_no) WHERE name LIKE '%.read';

ALTER TABLE role ADD COLUMN sights text NOT NULL DEFAULT '';
COMMENT ON COLUMN role.sights IS
    'How far the role sees of each noun: at the place permission.noun_no the character of code 64 '
    'plus the bits of its .read. Kept by a trigger of role_permission.';
ALTER TABLE permission ENABLE TRIGGER USER;
ALTER TABLE role ENABLE TRIGGER USER;
