-- Makes a stage of the company's pipeline; the function has the rules.
SELECT v.* FROM stage_define(:name, :title, :goal, :probability, :max_days, :checklist, :requires::text[],
    :min_touches, :outcome, :after) AS made(name), stage_own_shown(made.name) AS v
