-- A play with its text, and what came of its use.
SELECT v.*, r.body, encode(r.sha256, 'hex') AS sha256, g.uses, g.closed, play_share(g.won, g.closed) AS won_share,
       CASE WHEN g.closed >= 5 THEN (SELECT play_share(b.won, b.closed) FROM play_base(p.stage) AS b) END AS base_share
FROM play_of(addressee_by_slug(coalesce(:company, me_slug())), :code) AS p, play_shown(p) AS v, play_figures(p) AS g,
     revision AS r
WHERE r.on_kind = kind('playbook') AND r.on_id = p.id AND r.version = p.text_version
