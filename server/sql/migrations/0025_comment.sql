-- Comments on anything: what reviewers said of reports becomes one kind of them.
-- definitions: bed4ea3a12a9dececc265210c235b350853d29022485e97c7fc7267754a20588

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

---- Functions that go, or change their result

DROP FUNCTION IF EXISTS report_said(bigint);

ALTER TABLE object_kind ADD COLUMN commentable boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN object_kind.commentable IS 'Whether something can be said of it: comment add.';
ALTER TABLE object_kind DISABLE TRIGGER USER;
UPDATE object_kind SET commentable = true WHERE kind <> 'member';
ALTER TABLE object_kind ENABLE TRIGGER USER;

ALTER TABLE report_comment RENAME TO comment;
ALTER TABLE comment DISABLE TRIGGER USER;
ALTER SEQUENCE report_comment_id_seq RENAME TO comment_id_seq;
ALTER INDEX report_comment_pkey RENAME TO comment_pkey;
DROP INDEX report_comment_of_report;
ALTER TABLE comment DROP CONSTRAINT report_comment_report_id_version_fkey,
    DROP CONSTRAINT report_comment_report_id_fkey,
    DROP CONSTRAINT report_comment_decision_check,
    DROP CONSTRAINT report_comment_text_check;
ALTER TABLE comment RENAME CONSTRAINT report_comment_member_id_fkey TO comment_member_id_fkey;
ALTER TABLE comment RENAME COLUMN report_id TO on_id;
ALTER TABLE comment ALTER COLUMN version DROP NOT NULL, ALTER COLUMN decision DROP NOT NULL,
    ADD COLUMN on_kind smallint NOT NULL DEFAULT 5 REFERENCES object_kind,
    ADD COLUMN company_id bigint,
    ADD COLUMN author_company_id bigint REFERENCES company,
    ADD COLUMN audience text NOT NULL DEFAULT 'shared'
        CONSTRAINT comment_audience CHECK (audience IN ('shared', 'internal')),
    ADD COLUMN topic text NOT NULL DEFAULT 'review'
        CONSTRAINT comment_topic CHECK (topic IN ('comment', 'review', 'market', 'competitor', 'need',
            'expectation', 'opportunity', 'lesson')),
    ADD COLUMN reply_to bigint REFERENCES comment,
    ADD COLUMN digest bytea,
    ADD CONSTRAINT comment_text CHECK (length(text) BETWEEN 1 AND 4000),
    ADD CONSTRAINT comment_said CHECK (text IS NOT NULL OR decision IS NOT NULL);
UPDATE comment AS c SET company_id = r.company_id, author_company_id = m.company_id
FROM report AS r, member AS m WHERE r.id = c.on_id AND m.id = c.member_id;
ALTER TABLE comment ALTER COLUMN on_kind DROP DEFAULT, ALTER COLUMN topic SET DEFAULT 'comment',
    ALTER COLUMN company_id SET NOT NULL, ALTER COLUMN author_company_id SET NOT NULL;
ALTER TABLE comment ENABLE TRIGGER USER;

COMMENT ON TABLE comment IS
    'What somebody said of a thing, or decided on it. Only ever added to. In the thing''s company who '
    'sees the thing sees it; across the line one''s own company''s for good, and what the thing''s '
    'company said while it was shared; what is internal only the company of who said it sees.';
COMMENT ON COLUMN comment.id IS 'The comment''s number; orders the comments.';
COMMENT ON COLUMN comment.on_kind IS 'What it is about: the kind of thing.';
COMMENT ON COLUMN comment.on_id IS 'Its number.';
COMMENT ON COLUMN comment.version IS
    'The version of the thing that it is about, which was the latest then; NULL: it has none.';
COMMENT ON COLUMN comment.company_id IS 'The thing''s company, copied by a trigger.';
COMMENT ON COLUMN comment.author_company_id IS 'The company of who said it; set by a trigger.';
COMMENT ON COLUMN comment.member_id IS 'Who said it.';
COMMENT ON COLUMN comment.audience IS 'shared, or internal: for the company of who said it alone.';
COMMENT ON COLUMN comment.topic IS
    'comment; review, a decision on a report; or what kind of note it is: market, competitor, need, '
    'expectation, opportunity, lesson.';
COMMENT ON COLUMN comment.reply_to IS 'The comment that it answers, on the same thing; no answer itself.';
COMMENT ON COLUMN comment.decision IS 'The state that was decided with it; NULL: none.';
COMMENT ON COLUMN comment.text IS 'What was said; NULL where something was decided without words.';
COMMENT ON COLUMN comment.digest IS
    'The SHA-256 of the comment with all that decides what it is, as comment_digest() works it out; '
    'NULL for those from before it was taken.';
-- What was said of a thing, in order.
CREATE INDEX comment_of ON comment (on_kind, on_id, id DESC);
-- Notes by topic, the newest first: on the company's things, and by its people on others'.
CREATE INDEX comment_topic_of_company ON comment (company_id, topic, id DESC) WHERE topic <> 'comment';
CREATE INDEX comment_topic_of_author ON comment (author_company_id, topic, id DESC)
    WHERE topic <> 'comment' AND author_company_id <> company_id;

INSERT INTO permission (name, reads, shareable, note, noun_no) VALUES
    ('comment.add', 'comment.add', false, 'comment on what one sees', 34);
INSERT INTO role_permission (role_id, permission, scope)
SELECT r.id, 'comment.add', 'company' FROM role AS r
WHERE r.company_id IS NULL AND r.name IN ('admin', 'manager', 'salesperson', 'partner', 'vendor');
