-- The history of a deal says who owned it from when on, and who assigned it.
-- definitions: 9d80fc6e5e5fac2957cdd6e9062ec1faa8f3616a0bbb84a47832a152af6a146c

SET LOCAL ROLE jiayi_owner;
SET LOCAL search_path = jiayi, pg_catalog;

ALTER TABLE deal_stage ADD COLUMN owner_id bigint REFERENCES member,
    DROP CONSTRAINT deal_stage_kind_check,
    ADD CONSTRAINT deal_stage_kind_check CHECK (kind IN ('move', 'undo', 'change', 'owner'));
COMMENT ON COLUMN deal_stage.owner_id IS
    'Who owns the deal from then on; NULL where its owner stayed the same, and where it is not known.';
COMMENT ON COLUMN deal_stage.kind IS
    'move: it came into the stage; undo: by taking back the move before; change: it was changed in '
    'it; owner: it was assigned to another member in it.';

-- What the log of changes knows of the time before.
ALTER TABLE deal_stage DISABLE TRIGGER USER;
UPDATE deal_stage AS s SET owner_id = (a.after ->> 'owner_id')::bigint
FROM audit_log AS a
WHERE a.object = 'deal' AND a.object_id = s.deal_id::text AND a.company_id = s.company_id
  AND a.action = 'insert' AND s.seq = 1;
INSERT INTO deal_stage (deal_id, seq, company_id, author_company_id, stage, entered_at, member_id,
    kind, owner_id)
SELECT d.id, (a.after ->> 'version')::int, d.company_id, d.company_id, s.stage, a.at, a.member_id,
       'owner', (a.after ->> 'owner_id')::bigint
FROM audit_log AS a
JOIN deal AS d ON d.id::text = a.object_id AND d.company_id = a.company_id
CROSS JOIN LATERAL (SELECT x.stage FROM deal_stage AS x
    WHERE x.deal_id = d.id AND x.seq <= (a.after ->> 'version')::int
    ORDER BY x.seq DESC LIMIT 1) AS s
WHERE a.object = 'deal' AND a.action = 'update' AND a.after ? 'owner_id' AND a.after ? 'version'
ON CONFLICT (deal_id, seq) DO UPDATE SET owner_id = EXCLUDED.owner_id;
ALTER TABLE deal_stage ENABLE TRIGGER USER;
