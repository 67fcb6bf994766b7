-- Changes a stage. What is absent stays.
SELECT v.* FROM stage_update(:name, :title, :goal, :probability, :max_days, :checklist, :requires::text[],
    :min_touches, :clear::text[], :restore, :version) AS changed(name), stage_own_shown(changed.name) AS v
