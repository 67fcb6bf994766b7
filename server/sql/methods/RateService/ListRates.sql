-- The company's rates of exchange, the newest day first, and of a day what was given last.
-- rows: rates
SELECT r.id, r.from_currency AS "from", r.to_currency AS "to", r.rate::text AS rate, r.day, r.source,
       email_of(r.member_id) AS member, r.at, r.day || '/' || r.id AS "page.key"
FROM rate AS r
WHERE r.company_id = :me.company_id
  AND r.from_currency = upper(:from)                                         --? from
  AND r.to_currency = upper(:to)                                             --? to
  AND r.day >= :since::date                                                  --? since
  AND (r.day, r.id) < (split_part(:page.after::text, '/', 1)::date,          --? page_token
                       split_part(:page.after::text, '/', 2)::bigint)        --? page_token
ORDER BY r.day DESC, r.id DESC
LIMIT :page.limit
