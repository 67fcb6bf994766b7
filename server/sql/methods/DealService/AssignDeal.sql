-- Makes another member the owner of a deal; of one that a principal shares, who is responsible at the vendor.
WITH changed AS (
    UPDATE deal AS d SET
        owner_id = CASE d.company_id WHEN :me.company_id THEN deal_assignee(d, :owner) ELSE d.owner_id END,
        vendor_owner_id = CASE d.company_id WHEN :me.company_id THEN d.vendor_owner_id
            ELSE deal_assignee(d, :owner) END
    WHERE d.id = :deal_id AND check_version('deal', d.id, d.version, :version)
    RETURNING d AS deal
)
SELECT v.* FROM changed, deal_shown(changed.deal) AS v
