-- What somebody is responsible for is handed over, at once and with a word; nobody leaves with it.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

DROP FUNCTION IF EXISTS member_remove(text);

CREATE TABLE handover (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company,
    from_id    bigint NOT NULL REFERENCES member,
    to_id      bigint NOT NULL REFERENCES member,
    member_id  bigint REFERENCES member,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    note       text NOT NULL CONSTRAINT handover_note CHECK (length(note) BETWEEN 1 AND 4000),
    counts     jsonb NOT NULL,
    CONSTRAINT handover_two CHECK (from_id <> to_id)
);
ALTER TABLE handover ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE handover IS
    'Evidence: who was given what another member was responsible for. Those two see it, who did it, those above '
    'them, and who sees all of the company''s log.';
COMMENT ON COLUMN handover.id IS 'Numbers these.';
COMMENT ON COLUMN handover.company_id IS 'The company.';
COMMENT ON COLUMN handover.from_id IS 'Whose it was.';
COMMENT ON COLUMN handover.to_id IS 'Whose it is from then on.';
COMMENT ON COLUMN handover.member_id IS 'Who did it.';
COMMENT ON COLUMN handover.at IS 'When.';
COMMENT ON COLUMN handover.note IS 'What there is to know; also said on each customer and deal.';
COMMENT ON COLUMN handover.counts IS 'How many there were, by kind.';
CREATE INDEX handover_of ON handover (from_id, id);

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('member.handover', 'member.read', false, 'hand over what a member is responsible for', 2);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'member.handover', g.scope
FROM role AS r JOIN (VALUES ('admin', 'company'), ('manager', 'team')) AS g(role, scope)
    ON g.role = r.name AND r.company_id IS NULL;

INSERT INTO event_kind (kind, to_manager) VALUES ('member.handed_over', false);
