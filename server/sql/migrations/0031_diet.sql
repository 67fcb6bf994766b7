-- What a call asks of who calls is one row: a session has a copy of what its member's role permits.
-- definitions: bc6ece4143ef5e454ec7e94a5f3b130a5a1362a48cc0a7d10df338ef7351b7ee

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- What this migration fills in nobody did: it is no entry in anybody's log.
ALTER TABLE session DISABLE TRIGGER USER;

---- Functions that go, or change their arguments or result

DROP FUNCTION IF EXISTS authorize(bytea, text, bytea, bytea, text, int, text);
DROP FUNCTION IF EXISTS role_see() CASCADE;

---- Permissions by number

ALTER TABLE permission ADD COLUMN no int GENERATED ALWAYS AS IDENTITY (START WITH 4 MAXVALUE 400) UNIQUE;
COMMENT ON COLUMN permission.no IS
    'Its place in role.grants and session.grants; never given to another. 1 is for calls that need '
    'nothing but a session, 2 for those that need one that is no token, 3 for those that are open '
    'before the second factor is shown.';

---- What roles permit, and sessions a copy of it; the definitions fill them in

ALTER TABLE role ADD COLUMN grants text[] NOT NULL DEFAULT '{0 0 1,0 0 2,0 0 3}',
    ADD COLUMN wider text[];
COMMENT ON COLUMN role.grants IS
    'What role_permission has, as authorize() sets it: for each permission.no the bits, '
    'permission.noun_no and the number itself, with blanks between; NULL where the role lacks it. '
    'Kept by a trigger, as what follows.';
COMMENT ON COLUMN role.wider IS
    'For each permission.no that reaches further than its noun is seen: the sights during such a '
    'call. NULL: none does.';

ALTER TABLE session ADD COLUMN company_id bigint, ADD COLUMN caller text, ADD COLUMN grants text[],
    ADD COLUMN sights text NOT NULL DEFAULT '', ADD COLUMN wider text[];
COMMENT ON COLUMN session.company_id IS
    'The member''s company. This and what follows is a copy, so that a call looks up one row; '
    'triggers of member, role and company keep it.';
COMMENT ON COLUMN session.caller IS
    'The member''s address, the company''s short name, the session''s id and whether the company '
    'runs the server, with blanks between.';
COMMENT ON COLUMN session.grants IS
    'role.grants of the member''s role; NULL: the member was removed, and nobody is let in.';
COMMENT ON COLUMN session.sights IS 'role.sights of the member''s role.';
COMMENT ON COLUMN session.wider IS 'role.wider of the member''s role.';
UPDATE session SET company_id = m.company_id,
    caller = concat_ws(' ', m.email, c.slug, session.id, c.is_system)
FROM member AS m JOIN company AS c ON c.id = m.company_id WHERE m.id = session.member_id;
ALTER TABLE session ALTER COLUMN company_id SET NOT NULL, ALTER COLUMN caller SET NOT NULL;

---- What every move paid for

-- A check is read and set up anew by every statement that writes the table: deal_check() has those of
-- deals, and what the other tables' triggers write they write in no other way.
ALTER TABLE deal DROP CONSTRAINT deal_title_check, DROP CONSTRAINT deal_amount_check,
    DROP CONSTRAINT deal_amount_currency, DROP CONSTRAINT deal_won_amount,
    DROP CONSTRAINT deal_change_reason_check, DROP CONSTRAINT deal_shared_vendor,
    DROP CONSTRAINT deal_stage_reason_kept, DROP CONSTRAINT deal_stage_audience_kept;
ALTER TABLE deal_stage DROP CONSTRAINT deal_stage_kind_check;
ALTER TABLE audit_log DROP CONSTRAINT audit_log_action_check;

-- A key is looked up, and its row locked, by every row that refers to it. Members and companies are
-- never deleted; a row of deal_stage is written by the deal's own trigger, of that deal and of whom
-- authorize() found; and so is a call's record.
ALTER TABLE deal_stage DROP CONSTRAINT deal_stage_deal_id_fkey,
    DROP CONSTRAINT deal_stage_member_id_fkey, DROP CONSTRAINT deal_stage_author_company_id_fkey,
    DROP CONSTRAINT deal_stage_owner_id_fkey;
ALTER TABLE call_record DROP CONSTRAINT call_record_member_id_fkey;
