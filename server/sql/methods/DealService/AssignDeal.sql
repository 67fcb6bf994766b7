-- Makes another member the owner of a deal.
WITH changed AS (
    UPDATE deal AS d SET owner_id = member_by_email(:owner)
    WHERE d.id = :deal_id AND check_version('deal', d.id, d.version, :version)
    RETURNING d AS deal
)
SELECT v.* FROM changed, deal_shown(changed.deal) AS v
