-- Begins an import, or goes on with one of the same file that was cut off.
INSERT INTO import AS i (company_id, kind, source, name, sha256, dry_run, total, member_id)
VALUES (:me.company_id, import_check(:kind), coalesce(:source, 'file'), :name, decode(:sha256, 'hex'),
        coalesce(:dry_run, false), :total, :me.member_id)
ON CONFLICT (company_id, kind, source, sha256, dry_run) WHERE state = 'running'
    DO UPDATE SET state = EXCLUDED.state
RETURNING i.id, i.kind, i.source, i.name, encode(i.sha256, 'hex') AS sha256, nullif(i.dry_run, false) AS dry_run,
          i.state, i.total, i.applied, i.skipped, i.failed, i.last_line, email_of(i.member_id) AS member, i.began_at,
          i.ended_at
