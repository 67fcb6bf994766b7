-- The versions of a contract, the newest first.
-- rows: versions
SELECT v.version, v.state, v.state_since, slug_of(v.author_company_id) AS drafter, email_of(v.member_id) AS member,
       v.title,
       v.from_at AS "from", v.valid_to::text AS valid_to, nullif(v.version = contract_ruling(c, now())
           AND c.state IN ('active', 'suspended') AND c.from_at <= now() AND now() < c.to_at, false) AS ruling,
       v.reason, encode(v.sha256, 'hex') AS sha256, v.version::bigint AS "page.key"
FROM contract_version AS v JOIN contract AS c ON c.id = v.contract_id
WHERE v.contract_id = :contract_id
  AND v.version < :page.after::int                                           --? page_token
ORDER BY v.version DESC
LIMIT :page.limit
