-- Retires a play.
WITH retired AS (
    UPDATE playbook AS p SET active = false
    WHERE p.id = (SELECT o.id FROM play_of(me_company(), :code) AS o)
      AND check_version('playbook', p.id, p.version, :version)
    RETURNING p AS play
)
SELECT v.* FROM retired, play_shown(retired.play) AS v
