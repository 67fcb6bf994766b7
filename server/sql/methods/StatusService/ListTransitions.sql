-- Who may bring what from one state into another.
-- rows: transitions
SELECT t.object, nullif(t.variant, '') AS variant, t.from_state AS "from", t.to_state AS "to", t.side,
       t.permission, t.needs, t.key AS "page.key"
FROM (SELECT x.*, concat_ws('/', x.object, x.variant, x.from_state, x.to_state, x.side) AS key
      FROM transition AS x
      WHERE x.object = :object                                                --? object
     ) AS t
WHERE t.key > :page.after::text                                               --? page_token
ORDER BY t.key
LIMIT :page.limit
