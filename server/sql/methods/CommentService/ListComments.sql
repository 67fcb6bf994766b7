-- What was said of a thing that the caller knows; or on things of the caller's company, and by its people
-- on others'. Of a customer also what was said of those that became a part of it. The newest first; each arm walks an index
-- of its own: who sees all of the company its comments, others those of their scopes (definitions/within_reach.sql).
-- rows: comments
-- part: filter
       AND c.topic = :topic                                                    --? topic
       AND c.at >= day_begins(:me.company_id, :since::date)                    --? since
       AND (c.at, c.id) < (split_part(:page.after::text, '/', 1)::timestamptz, --? page_token
                           split_part(:page.after::text, '/', 2)::bigint)      --? page_token
     ORDER BY c.at DESC, c.id DESC LIMIT :page.limit
-- end
SELECT v.*, concat_ws('/', c.at, c.id) AS "page.key"
FROM (
    (SELECT c.* FROM
     (SELECT o.on_kind, n.id AS on_id FROM object_known(:on) AS o,             --? on
          unnest(object_numbers(o.on_kind, o.on_id)) AS n(id)) AS o CROSS JOIN --? on
     LATERAL (SELECT c.* FROM comment AS c
     WHERE true
       AND c.on_kind = o.on_kind AND c.on_id = o.on_id                         --? on
       AND c.company_id = :me.company_id AND (SELECT comments_whole())         --? !on
       :part.filter
    ) AS c)
    UNION ALL
    (SELECT c.* FROM comments_found(:topic::text, day_begins(:me.company_id, :since::date), --? !on
         split_part(:page.after::text, '/', 1)::timestamptz, split_part(:page.after::text, '/', 2)::bigint, --? page_token !on
         NULL, NULL,                                                           --? !page_token !on
         :page.limit) AS c)                                                    --? !on
    UNION ALL                                                                  --? !on
    (SELECT c.* FROM comment AS c
     WHERE c.author_company_id = :me.company_id AND c.company_id <> c.author_company_id
       AND false                                                               --? on
       :part.filter
    )
    ORDER BY at DESC, id DESC LIMIT :page.limit
) AS c, comment_shown(c) AS v
ORDER BY c.at DESC, c.id DESC
