-- Comments that one sees among all of the company's are found by whom they are found by, as searches find texts: who sees little of a
-- company passed all of its comments (definitions/within_reach.sql).
SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

CREATE TABLE comment_reach (
    scope bigint NOT NULL,
    comment_id bigint NOT NULL,
    at timestamptz NOT NULL,
    topic text NOT NULL,
    CONSTRAINT comment_reach_pkey PRIMARY KEY (comment_id, scope)
);
ALTER TABLE comment_reach ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE comment_reach IS 'Who finds a comment without naming what it is on. Worked out from comments and what they are on.';
COMMENT ON COLUMN comment_reach.scope IS 'As in search_doc; of a member whatever the noun.';
COMMENT ON COLUMN comment_reach.comment_id IS 'The comment.';
COMMENT ON COLUMN comment_reach.at IS 'When it was said.';
COMMENT ON COLUMN comment_reach.topic IS 'Its topic.';
CREATE INDEX comment_reach_newest ON comment_reach (scope, at DESC, comment_id DESC);
CREATE INDEX comment_reach_topic ON comment_reach (scope, topic, at DESC, comment_id DESC);
