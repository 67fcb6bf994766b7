-- Takes back the caller's own last move of a deal; the functions on deal have the rules.
WITH undone AS (
    UPDATE deal AS d SET stage = deal_undo(d.id)
    WHERE d.id = :deal_id
      AND check_version('deal', d.id, d.version, :version)                   --? version
    RETURNING d AS deal
)
SELECT v.* FROM undone, deal_shown(undone.deal) AS v
