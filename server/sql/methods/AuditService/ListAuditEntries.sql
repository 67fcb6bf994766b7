-- The log of changes to the company's data, the newest first.
-- rows: entries
SELECT a.id, a.at, a.member, a.method, a.request_id, a.object, a.object_id,
       audit_name(a.object, a.object_id) AS name, a.action, audit_change(a.before, a.after) AS change,
       a.before::text AS before, a.after::text AS after,
       nullif(company_of(a.member_id), me_slug()) AS member_company, a.id AS "page.key"
FROM audit_log AS a
WHERE a.company_id = :me.company_id
  AND a.object = :object AND a.object_id = (SELECT audit_key(:object, :object_id)) --? object
  AND a.member = lower(:member)                                               --? member
  AND a.at >= day_begins(:me.company_id, :since::date)                        --? since
  AND a.id < :page.after::bigint                                              --? page_token
ORDER BY a.id DESC
LIMIT :page.limit
