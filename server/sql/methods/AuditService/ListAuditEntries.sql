-- The log of changes to the company's data, the newest first: audit_log, and the evidence that is its own
-- entry (see logged()). Each table's index is walked in order, and all of them stop at the page's end.
-- rows: entries
SELECT a.id, a.at, a.member, a.method, a.request_id, a.object, a.object_id,
       audit_name(a.object, a.object_id) AS name, a.action, audit_change(a.object, a.before, a.after) AS change,
       a.before::text AS before, a.after::text AS after,
       nullif(company_of(a.member_id), me_slug()) AS member_company, a.id AS "page.key"
FROM (
    (SELECT a.*, NULL::bigint AS number FROM audit_log AS a
     WHERE a.company_id = :me.company_id
       AND a.object = :object AND a.object_id = (SELECT audit_key(:object, :object_id)) --? object
       AND a.member = lower(:member)                                               --? member
       AND a.at >= day_begins(:me.company_id, :since::date)                        --? since
       AND a.id < :page.after::bigint                                              --? page_token
     ORDER BY a.id DESC LIMIT :page.limit)
    UNION ALL
    (SELECT a.* FROM evidence() AS a
     WHERE a.company_id = :me.company_id AND a.id IS NOT NULL
       AND a.number = (SELECT audit_number(:object, audit_key(:object, :object_id)))    --? object
       AND a.object = :object AND a.object_id = (SELECT audit_key(:object, :object_id)) --? object
       AND a.member = lower(:member)                                               --? member
       AND a.at >= day_begins(:me.company_id, :since::date)                        --? since
       AND a.id < :page.after::bigint                                              --? page_token
     ORDER BY a.id DESC LIMIT :page.limit)
    ORDER BY id DESC LIMIT :page.limit
) AS a
ORDER BY a.id DESC
