INSERT INTO tier (company_id, code, name, position) SELECT c.id, 'gold', 'Gold', 1 FROM company AS c WHERE c.slug = 'acme';
INSERT INTO tier_rule (tier_id, measure, over, at_least) SELECT t.id, 'won', 'quarter', 2 FROM tier AS t;
INSERT INTO tier_span (company_id, vendor_id, partnership_id, span, tier_id, code, name, figures, reason, member_id)
SELECT p.principal_id, p.vendor_id, p.id, p.span, t.id, t.code, t.name, '[]', 'They do well.', m.id
FROM partnership AS p JOIN tier AS t ON t.company_id = p.principal_id
JOIN member AS m ON m.email = 'sales@acme.example';
