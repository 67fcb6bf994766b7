INSERT INTO ledger_entry (kind, on_kind, on_id, version, company_id, at, entry)
SELECT 'stage', 3, s.deal_id, s.seq, s.company_id, s.entered_at, convert_to(format('{"ref":"deal/%s"}', s.deal_id), 'UTF8') FROM deal_stage AS s;
