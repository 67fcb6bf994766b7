-- Notes what a customer needs, expects and offers as a chance, each as a comment of its topic on the deal. Inside the
-- company unless it is to be shared, or the company says otherwise.
WITH noted AS (
    INSERT INTO comment AS c (on_kind, on_id, member_id, text, topic, audience)
    SELECT kind('deal'), deal_seen(:deal_id), :me.member_id, t.text, t.topic, entry_audience(:internal, :shared, 'internal')
    FROM (VALUES (1, 'need', :text::text), (2, 'expectation', :expectation::text), (3, 'opportunity', :opportunity::text))
        AS t(n, topic, text)
    WHERE t.text IS NOT NULL ORDER BY t.n
    RETURNING c
)
SELECT v.* FROM noted AS m, comment_shown(m.c) AS v WHERE (m.c).topic = 'need'
