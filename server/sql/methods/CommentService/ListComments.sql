-- What was said of a thing that the caller knows, or on a topic: on things of the caller's company,
-- and by its people on others'. The newest first; each arm walks an index of its own.
-- rows: comments
SELECT v.*, v.id AS "page.key"
FROM (
    (SELECT c.* FROM comment AS c
     WHERE true
       AND (c.on_kind, c.on_id) = (SELECT o.on_kind, o.on_id FROM object_known(:on) AS o) --? on
       AND c.company_id = :me.company_id AND c.topic <> 'comment'              --? !on
       AND c.topic = :topic                                                   --? topic
       AND c.id < :page.after::bigint                                         --? page_token
     ORDER BY c.id DESC LIMIT :page.limit)
    UNION ALL                                                                 --? !on
    (SELECT c.* FROM comment AS c                                             --? !on
     WHERE c.author_company_id = :me.company_id                               --? !on
       AND c.company_id <> c.author_company_id AND c.topic <> 'comment'       --? !on
       AND c.topic = :topic                                                   --? !on
       AND c.id < coalesce(:page.after::bigint, 9223372036854775807)          --? !on
     ORDER BY c.id DESC LIMIT :page.limit)                                    --? !on
) AS c, comment_shown(c) AS v
ORDER BY v.id DESC
LIMIT :page.limit
