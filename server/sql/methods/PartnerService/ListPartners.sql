-- The partnerships of the caller's company, an arm a side - the vendors in the order of an index, for they may be many -, and
-- the invitations without an answer; the newest first. The two are numbered apart: a page's key counts partnerships even,
-- invitations odd.
-- rows: partners
-- part: filter
       -- What was ended and is being begun anew is there once.
       AND (p.state <> 'ended' OR NOT partner_begins_anew(p.principal_id, p.vendor_id))
       AND p.id < (:page.after::bigint + 1) / 2   --? page_token
     ORDER BY p.id DESC LIMIT :page.limit
-- end
WITH page AS MATERIALIZED (
    (SELECT p.* FROM partnership AS p
     WHERE p.principal_id = :me.company_id
       :part.filter
    )
    UNION ALL
    (SELECT p.* FROM partnership AS p
     WHERE p.vendor_id = :me.company_id
       :part.filter
    )
    ORDER BY id DESC LIMIT :page.limit
)
SELECT v.*, 2 * p.id AS "page.key" FROM page AS p, LATERAL partner_shown(p) AS v
UNION ALL
SELECT v.*, 2 * i.id + 1 FROM invitation AS i, LATERAL invitation_show(i.id) AS v
WHERE i.state = 'open'
  AND 2 * i.id + 1 < :page.after::bigint          --? page_token
ORDER BY "page.key" DESC LIMIT :page.limit
