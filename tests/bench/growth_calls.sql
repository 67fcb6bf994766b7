-- What the load of `bench.sh --growth` asks for, and as whom: lines of TOKEN OWNER STAGE PAGE_TOKEN DEAL_ID (- for nothing), made of
-- deals picked at random from what growth.sql loaded. psql's variables: deals as there; who, one of salesperson, manager, admin,
-- vendor and small; what, one of get, first, deep, filtered, inbox,
-- todo, tasks and comments.
--
-- However many deals there are, only so many are asked for that they fit into the cache: it is the calls' cost that is to be
-- compared, not the cost of too little memory.

SET search_path = jiayi, pg_catalog;

SELECT lpad(substr(split_part(caller.email, '@', 1), 2), 43, '0'),
       CASE :'what' WHEN 'filtered' THEN o.email ELSE '-' END,
       CASE :'what' WHEN 'filtered' THEN 'quoted' ELSE '-' END,
       CASE :'what' WHEN 'deep' THEN rtrim(translate(encode((:deals / 2)::text::bytea, 'base64'), '+/', '-_'), '=') ELSE '-' END,
       CASE WHEN :'what' IN ('get', 'comments') THEN d.id ELSE 0 END
FROM (SELECT DISTINCT floor(random() * (:deals / 2))::bigint * 2 + CASE :'who' WHEN 'small' THEN 1 ELSE 2 END AS id
      FROM generate_series(1, 40000)) AS picked
JOIN deal AS d ON d.id = picked.id
JOIN member AS o ON o.id = d.owner_id
JOIN role AS r ON r.id = o.role_id
JOIN LATERAL (
    SELECT o.email WHERE :'who' IN ('salesperson', 'small') AND r.name = 'salesperson'
    UNION ALL
    SELECT m.email FROM member AS m WHERE :'who' = 'manager' AND m.id = o.manager_id
    UNION ALL
    (SELECT m.email FROM member AS m JOIN role AS x ON x.id = m.role_id
     WHERE :'who' = 'admin' AND m.company_id = d.company_id AND x.name = 'admin' AND m.id <= o.id ORDER BY m.id DESC LIMIT 1)
    UNION ALL
    SELECT m.email FROM member AS m WHERE :'who' = 'vendor' AND m.company_id = d.vendor_id
) AS caller ON true
WHERE :'what' <> 'comments' OR EXISTS (SELECT FROM comment AS c WHERE c.on_kind = kind('deal') AND c.on_id = d.id)
ORDER BY random()
LIMIT CASE :'what' WHEN 'get' THEN 1000 WHEN 'comments' THEN 10 ELSE 100 END;
