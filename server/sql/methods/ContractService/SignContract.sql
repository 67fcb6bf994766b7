-- Signs what is proposed.
SELECT v.id, v.kind, v.title, v.state, v.in_force, v.principal, v.vendor, v.version, v."from", v."to", v.state_since, v.created_at, v.no,
       v.owner, v.vendor_owner, v.reason, v.text_version, v.text_state, v.drafter, v.valid_from,
       v.valid_to, v.sha256, v.signatures, v.points, v.payments, v.more_payments
FROM contract_sign(:contract_id, :sha256, :public_key, :note, :signature) AS c(id), contract_show(c.id) AS v
