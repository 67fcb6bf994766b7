-- Events: what happened that somebody should know; and what each member was told of it.
-- definitions: 0c696b93835f6c1217b0b96e3cbbecd14f284232ca6de5622cbbd056e09431a8
--
-- A change writes one row of event, in its own transaction and without looking who is to know. The
-- dispatcher of some server makes rows of inbox of it, in the order in which transactions ended.

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

-- Who is invited is told of it before there is a partnership that could be named.
ALTER TABLE object_kind DISABLE TRIGGER USER;
INSERT INTO object_kind (no, kind, commentable, attachable) VALUES (27, 'invitation', false, false);
ALTER TABLE object_kind ENABLE TRIGGER USER;

CREATE TABLE event_kind (
    kind       text PRIMARY KEY CHECK (kind ~ '^[a-z_]{1,20}\.[a-z_]{1,20}$'),
    to_manager boolean NOT NULL DEFAULT false
);
ALTER TABLE event_kind ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE event_kind IS 'The kinds of events. Everybody may read it.';
COMMENT ON COLUMN event_kind.kind IS 'The kind, such as deal.won: what it is about, and what happened.';
COMMENT ON COLUMN event_kind.to_manager IS
    'The manager of whom the thing belongs to is told as well.';
INSERT INTO event_kind (kind, to_manager) VALUES
    ('deal.created', false), ('deal.assigned', false), ('deal.shared', false), ('deal.moved', false),
    ('deal.won', true), ('deal.lost', true), ('deal.reopened', true), ('deal.logged', false),
    ('report.submitted', false), ('report.returned', false), ('report.accepted', false),
    ('task.assigned', false), ('task.done', false), ('task.delivered', false), ('task.accepted', false),
    ('task.rejected', false), ('task.cancelled', false), ('task.open', false),
    ('comment.added', false), ('kpi.target', false), ('kpi.reached', true),
    ('partner.invited', false), ('partner.accepted', false), ('partner.suspended', false),
    ('partner.resumed', false), ('partner.ended', false),
    ('member.added', false), ('member.moved', false), ('member.removed', false),
    ('role.changed', false);

-- Foreign keys would be asked at each change: what stands here is copied from rows that cannot go.
CREATE TABLE event (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    position   bigint,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    company_id bigint NOT NULL,
    partner_id bigint,
    kind       text NOT NULL,
    on_kind    smallint NOT NULL,
    on_id      bigint NOT NULL,
    actor_id   bigint,
    member_ids bigint[] NOT NULL,
    data       jsonb CHECK (octet_length(data::text) <= 2048)
);
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE event IS
    'What happened, written by triggers in the transaction in which it happened. Seen by functions of '
    'jiayi_auth alone; kept for 90 days.';
COMMENT ON COLUMN event.id IS 'The event''s number.';
COMMENT ON COLUMN event.xid IS 'The transaction, by which events are put in order.';
COMMENT ON COLUMN event.position IS
    'Its place in the order of all; NULL while it has not been told. Set once.';
COMMENT ON COLUMN event.at IS 'When it happened.';
COMMENT ON COLUMN event.company_id IS 'Whose people it is for.';
COMMENT ON COLUMN event.partner_id IS
    'The other company whose people it is for; NULL: there is none, or it is not for them.';
COMMENT ON COLUMN event.kind IS 'What happened: event_kind has it.';
COMMENT ON COLUMN event.on_kind IS 'To what: the kind of thing.';
COMMENT ON COLUMN event.on_id IS 'Its number.';
COMMENT ON COLUMN event.actor_id IS 'Who did it, and is not told; NULL: nobody in person.';
COMMENT ON COLUMN event.member_ids IS
    'Whom it concerns, by what the rows say; may have NULLs and people who may not see the thing.';
COMMENT ON COLUMN event.data IS 'States before and after, if any; no texts.';
-- What is to be told, in order.
CREATE INDEX event_waiting ON event (xid, id) WHERE position IS NULL;

CREATE SEQUENCE event_position;

-- It has what it needs of its event, which goes earlier.
CREATE TABLE inbox (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id bigint NOT NULL,
    event_id  bigint NOT NULL,
    at        timestamptz NOT NULL,
    kind      text NOT NULL,
    on_kind   smallint NOT NULL,
    on_id     bigint NOT NULL,
    actor_id  bigint,
    data      jsonb,
    read_at   timestamptz
);
ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE inbox IS
    'What each member was told. The numbers are in the order in which rows can be seen: who has read '
    'up to one misses none by asking for those above it. Seen by the member alone; kept for 180 days '
    'once read.';
COMMENT ON COLUMN inbox.id IS 'The row''s number, and the cursor of who watches.';
COMMENT ON COLUMN inbox.member_id IS 'Who was told.';
COMMENT ON COLUMN inbox.event_id IS 'The event.';
COMMENT ON COLUMN inbox.at IS 'When it happened.';
COMMENT ON COLUMN inbox.kind IS 'What happened: event_kind has it.';
COMMENT ON COLUMN inbox.on_kind IS 'To what: the kind of thing.';
COMMENT ON COLUMN inbox.on_id IS 'Its number.';
COMMENT ON COLUMN inbox.actor_id IS 'Who did it; NULL: nobody in person.';
COMMENT ON COLUMN inbox.data IS 'As of the event.';
COMMENT ON COLUMN inbox.read_at IS 'When the member had read it; NULL while not.';
-- A member's inbox; what of it is unread; what was read long ago.
CREATE INDEX inbox_member ON inbox (member_id, id DESC);
CREATE INDEX inbox_unread ON inbox (member_id, id DESC) WHERE read_at IS NULL;
CREATE INDEX inbox_read ON inbox (read_at) WHERE read_at IS NOT NULL;

CREATE TABLE subscription (
    id        bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT subscription_id_unique UNIQUE,
    member_id bigint NOT NULL REFERENCES member,
    on_kind   smallint NOT NULL REFERENCES object_kind,
    on_id     bigint NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (on_kind, on_id, member_id)
);
ALTER TABLE subscription ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE subscription IS
    'Who follows what: is told of all that happens to it, as long as they may see it. Seen by the '
    'member alone.';
COMMENT ON COLUMN subscription.id IS 'The row''s number, for lists.';
COMMENT ON COLUMN subscription.member_id IS 'Who follows.';
COMMENT ON COLUMN subscription.on_kind IS 'What: the kind of thing.';
COMMENT ON COLUMN subscription.on_id IS 'Its number.';
COMMENT ON COLUMN subscription.at IS 'Since when.';
-- What a member follows.
CREATE INDEX subscription_member ON subscription (member_id, id DESC);
