INSERT INTO throttle (budget, key, level, at)
VALUES ('pair', 'sales@acme.example  192.0.2.0/24', 3, now()), ('network', '192.0.2.0/24', 3, now());
INSERT INTO device (member_id, secret_sha256) SELECT pg_temp.member('sales@acme.example'), sha256('device');
