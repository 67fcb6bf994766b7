-- The stages that a deal was in and who owned it, the earliest first, and what was changed once it was
-- won or lost. Who has only their own left of a deal that was shared with them does not see when it left
-- a stage: what came next is not theirs.
-- rows: history
SELECT s.stage, s.entered_at, s.left_at, email_known(s.member_id) AS member,
       CASE WHEN s.author_company_id <> :me.company_id THEN slug_of(s.author_company_id)
            END AS member_company,
       coalesce(s.reason, r.text) AS reason, nullif(r.deal_id IS NOT NULL, false) AS internal,
       nullif(s.kind = 'undo', false) AS undo,
       slug_of(s.company_id) AS company, s.lost_code, choice_label(s.company_id, 'lost_reason', s.lost_code) AS lost_label, s.lost_to,
       deal_skipped(s.skipped, s.company_id) AS skipped,
       deal_change_text(s.changed, s.company_id = :me.company_id) AS change,
       email_of(s.owner_id) AS owner, s.owner_until,
       CASE WHEN s.owner_id IS NOT NULL AND s.company_id <> :me.company_id
            THEN slug_of(s.company_id) END AS owner_company, s.seq::bigint AS "page.key"
FROM (SELECT h.*,
             CASE WHEN (SELECT deal_since(:deal_id)) <= h.seq AND h.kind IN ('move', 'undo') THEN
                  lead(h.entered_at) OVER (PARTITION BY h.kind IN ('move', 'undo') ORDER BY h.seq)
                  END AS left_at,
             CASE WHEN (SELECT deal_since(:deal_id)) <= h.seq AND h.owner_id IS NOT NULL THEN
                  lead(h.entered_at) OVER (PARTITION BY h.owner_id IS NULL ORDER BY h.seq)
                  END AS owner_until
      FROM deal_stage AS h
      WHERE h.deal_id = (SELECT deal_known(:deal_id))) AS s
LEFT JOIN deal_reason AS r ON r.deal_id = s.deal_id AND r.seq = s.seq
WHERE s.seq > coalesce(:page.after::bigint, 0)
ORDER BY s.seq
LIMIT :page.limit
