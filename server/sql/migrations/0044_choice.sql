-- A company's own lists of words, and what is tagged with them.
-- definitions: 0

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE choice_list (
    company_id bigint NOT NULL REFERENCES company,
    list       text NOT NULL CONSTRAINT choice_list_code CHECK (list ~ '^[a-z][a-z0-9_-]{0,39}$'),
    title      text NOT NULL CONSTRAINT choice_list_title CHECK (length(title) BETWEEN 1 AND 100),
    single     boolean NOT NULL DEFAULT false,
    closed     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (company_id, list)
);
ALTER TABLE choice_list ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE choice_list IS
    'A list of words of a company''s own, such as how keen customers are. Its people see it, and those of '
    'vendors that it shares with.';
COMMENT ON COLUMN choice_list.company_id IS 'The company.';
COMMENT ON COLUMN choice_list.list IS 'What commands call it.';
COMMENT ON COLUMN choice_list.title IS 'What people call it.';
COMMENT ON COLUMN choice_list.single IS 'A thing has one of its codes at most: a new one takes the place.';
COMMENT ON COLUMN choice_list.closed IS 'Only codes that it has can be given.';

CREATE TABLE choice (
    company_id bigint NOT NULL,
    list       text NOT NULL,
    code       text NOT NULL CONSTRAINT choice_code CHECK (code ~ '^[a-z][a-z0-9_-]{0,39}$'),
    label      text NOT NULL CONSTRAINT choice_label CHECK (length(label) BETWEEN 1 AND 100),
    position   int NOT NULL,
    active     boolean NOT NULL DEFAULT true,
    PRIMARY KEY (company_id, list, code),
    FOREIGN KEY (company_id, list) REFERENCES choice_list
);
ALTER TABLE choice ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE choice IS 'A word of a list. Seen as the list is.';
COMMENT ON COLUMN choice.company_id IS 'The company.';
COMMENT ON COLUMN choice.list IS 'The list.';
COMMENT ON COLUMN choice.code IS 'What commands call it.';
COMMENT ON COLUMN choice.label IS 'What people read.';
COMMENT ON COLUMN choice.position IS 'Orders the list; of equal ones the code does.';
COMMENT ON COLUMN choice.active IS 'Whether it can still be given; what has it keeps it.';
-- A list in its order.
CREATE INDEX choice_in_order ON choice (company_id, list, position, code);

CREATE TABLE tag (
    on_kind           smallint NOT NULL REFERENCES object_kind,
    on_id             bigint NOT NULL,
    list              text NOT NULL,
    code              text NOT NULL CONSTRAINT tag_code CHECK (code ~ '^[a-z][a-z0-9_-]{0,39}$'),
    company_id        bigint NOT NULL,
    author_company_id bigint NOT NULL REFERENCES company,
    audience          text NOT NULL DEFAULT 'internal'
                      CONSTRAINT tag_audience CHECK (audience IN ('shared', 'internal')),
    version           int,
    member_id         bigint NOT NULL REFERENCES member,
    at                timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (on_kind, on_id, list, code),
    FOREIGN KEY (company_id, list) REFERENCES choice_list
);
ALTER TABLE tag ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE tag IS
    'A word of one of its company''s lists that a thing has. Seen as a comment on the thing is.';
COMMENT ON COLUMN tag.on_kind IS 'What has it: the kind of thing.';
COMMENT ON COLUMN tag.on_id IS 'Its number.';
COMMENT ON COLUMN tag.list IS 'The list.';
COMMENT ON COLUMN tag.code IS 'The code; of a list that is not closed it may be none that is listed.';
COMMENT ON COLUMN tag.company_id IS 'The thing''s company, copied by a trigger.';
COMMENT ON COLUMN tag.author_company_id IS 'The company of who gave it; set by a trigger.';
COMMENT ON COLUMN tag.audience IS 'internal: for the company of who gave it alone; or shared.';
COMMENT ON COLUMN tag.version IS 'The thing''s version then; NULL where it has none.';
COMMENT ON COLUMN tag.member_id IS 'Who gave it.';
COMMENT ON COLUMN tag.at IS 'When.';
-- What has a tag, the newest first.
CREATE INDEX tag_things ON tag (company_id, list, code, on_kind, on_id DESC NULLS LAST);

INSERT INTO choice_list (company_id, list, single, closed, title)
SELECT p.company_id, v.list, v.single, v.closed, CASE p.language WHEN 'zh' THEN v.zh WHEN 'sq' THEN v.sq ELSE v.en END
FROM company_profile AS p JOIN company AS c ON c.id = p.company_id AND NOT c.is_system, (VALUES
        ('source', true, true, '线索来源', 'Source', 'Burimi'),
        ('intent', true, true, '意向', 'Intent', 'Interesi'),
        ('lost_reason', true, true, '丢单原因', 'Reason of loss', 'Arsyeja e humbjes'),
        ('industry', true, false, '行业', 'Industry', 'Sektori'),
        ('need', false, false, '需求', 'Need', 'Nevoja'),
        ('competitor', false, false, '竞争对手', 'Competitor', 'Konkurrenti')
    ) AS v(list, single, closed, zh, en, sq);
INSERT INTO choice (company_id, list, code, position, label)
SELECT p.company_id, v.list, v.code, v.position, CASE p.language WHEN 'zh' THEN v.zh WHEN 'sq' THEN v.sq ELSE v.en END
FROM company_profile AS p JOIN company AS c ON c.id = p.company_id AND NOT c.is_system, (VALUES
        ('source', 'referral', 1, '转介绍', 'Referral', 'Rekomandim'),
        ('source', 'exhibition', 2, '展会', 'Exhibition', 'Panair'),
        ('source', 'website', 3, '官网', 'Website', 'Faqja e internetit'),
        ('source', 'cold_call', 4, '陌生拜访', 'Cold call', 'Kontakt i parë'),
        ('source', 'partner', 5, '合作伙伴', 'Partner', 'Partner'),
        ('source', 'other', 6, '其他', 'Other', 'Tjetër'),
        ('intent', 'high', 1, '高', 'High', 'I lartë'),
        ('intent', 'medium', 2, '中', 'Medium', 'Mesatar'),
        ('intent', 'low', 3, '低', 'Low', 'I ulët'),
        ('lost_reason', 'price', 1, '价格', 'Price', 'Çmimi'),
        ('lost_reason', 'competitor', 2, '竞争对手', 'Competitor', 'Konkurrenti'),
        ('lost_reason', 'no_budget', 3, '没有预算', 'No budget', 'Pa buxhet'),
        ('lost_reason', 'no_decision', 4, '迟迟不决', 'No decision', 'Pa vendim'),
        ('lost_reason', 'timing', 5, '时机不合适', 'Timing', 'Koha'),
        ('lost_reason', 'no_need', 6, '没有需求', 'No need', 'Pa nevojë'),
        ('lost_reason', 'unreachable', 7, '联系不上', 'Unreachable', 'I paarritshëm'),
        ('lost_reason', 'other', 8, '其他', 'Other', 'Tjetër')
    ) AS v(list, code, position, zh, en, sq);

INSERT INTO permission (name, reads, shareable, note, noun_no, whole) VALUES
    ('choice.read', 'choice.read', false, 'see the company''s lists', 16, true),
    ('choice.manage', 'choice.read', false, 'change the company''s lists', 16, true);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, p.name, 'company' FROM role AS r, permission AS p
WHERE r.company_id IS NULL AND (p.name = 'choice.manage' AND r.name = 'admin'
    OR p.name = 'choice.read' AND r.name IN ('admin', 'manager', 'salesperson', 'partner', 'vendor', 'auditor'));
