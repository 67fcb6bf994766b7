-- Moves a deal to another stage; the trigger on deal has the rules.
WITH moved AS (
    UPDATE deal AS d SET stage = :stage, stage_reason = :reason,
        stage_audience = CASE WHEN :internal::boolean THEN 'internal' END
    WHERE d.id = :deal_id
      AND check_version('deal', d.id, d.version, :version)                   --? version
    RETURNING d AS deal
)
SELECT v.* FROM moved, deal_shown(moved.deal) AS v
