INSERT INTO member_key (member_id, public_key, note)
SELECT pg_temp.member('sales@acme.example'), sha256('a public key'), 'laptop';
