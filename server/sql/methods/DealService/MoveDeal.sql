-- Moves a deal to another stage; the trigger on deal has the rules.
WITH moved AS (
    UPDATE deal AS d SET stage = :stage
        , stage_reason = :reason                                             --? reason
        , stage_audience = entry_audience(:internal, :shared, 'shared')      --? reason
        , stage_skip = :skip                                                 --? skip
        , lost_code = :lost_code                                             --? lost_code
        , lost_to = :lost_to                                                 --? lost_to
    WHERE d.id = :deal_id
      AND check_version('deal', d.id, d.version, :version)                   --? version
    RETURNING d AS deal
)
SELECT v.* FROM moved, deal_shown(moved.deal) AS v
