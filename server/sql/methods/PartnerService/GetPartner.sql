-- Shows a partnership, or an invitation, with what it comes to and the text of the framework contract.
SELECT p.*,
       t.text AS terms, encode(sha256(convert_to(t.text, 'UTF8')), 'hex') AS terms_sha256,
       partner_contracts(x) AS contracts, o.onboarding, o.points, partner_cases(x) AS cases,
       partner_figures(x) AS figures, d.figures AS tier_figures, s.pauses, s.pauses_until
FROM partner_asked(:company, :side) AS p CROSS JOIN LATERAL partner_terms(p) AS t(text)
LEFT JOIN partnership AS x ON x.id = p.id CROSS JOIN LATERAL partner_onboarding(p.id) AS o CROSS JOIN LATERAL tier_asked(x) AS d
    CROSS JOIN LATERAL sharing_pause(x.principal_id, x.vendor_id) AS s
