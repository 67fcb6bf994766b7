-- A signature by the signer's own key.
INSERT INTO member_key (member_id, public_key) SELECT c.owner_id, sha256('signs') FROM contract AS c WHERE c.no = 'K-1';
INSERT INTO signature (on_kind, on_id, version, company_id, member_id, capacity, sha256, key_id, note, signature)
SELECT 6, c.id, 1, c.company_id, c.owner_id, 'principal', sha256('x'), k.id, 'note', sha256('a') || sha256('b')
FROM contract AS c JOIN member_key AS k ON k.member_id = c.owner_id AND k.public_key = sha256('signs')
WHERE c.no = 'K-1';
