-- Who looks after a partnership on either side; and those see partners who share deals with them.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE partnership
    ADD COLUMN responsible_id bigint REFERENCES member,
    ADD COLUMN vendor_responsible_id bigint REFERENCES member;
COMMENT ON COLUMN partnership.responsible_id IS 'Who of the principal looks after it; NULL: nobody was named.';
COMMENT ON COLUMN partnership.vendor_responsible_id IS 'Who of the vendor looks after it; NULL: nobody was named.';
-- What a member looks after.
CREATE INDEX partnership_of_responsible ON partnership (responsible_id) WHERE responsible_id IS NOT NULL;
CREATE INDEX partnership_of_vendor_responsible ON partnership (vendor_responsible_id) WHERE vendor_responsible_id IS NOT NULL;

ALTER TYPE partner_view ADD ATTRIBUTE owner text, ADD ATTRIBUTE vendor_owner text;

ALTER TABLE invitation ADD COLUMN responsible_id bigint REFERENCES member;
COMMENT ON COLUMN invitation.responsible_id IS
    'Who of the principal is to look after the partnership; NULL: who invited.';

INSERT INTO event_kind (kind, to_manager) VALUES ('partner.assigned', false);

INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'partner.read', 'company' FROM role AS r
WHERE r.company_id IS NULL AND r.name = ANY (ARRAY['salesperson', 'partner', 'vendor']);

DROP FUNCTION IF EXISTS partner_invite(text, text, boolean);
DROP FUNCTION IF EXISTS member_duties(bigint, bigint[]);
DROP FUNCTION IF EXISTS hand_over(text, text, text, bigint[], boolean);
-- definitions: b2359df2adf0b8f0fab6b69cbdaa33260290512aeb3c19e5e29d5e477561ab05
