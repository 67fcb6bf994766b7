-- A contact.
SELECT v.* FROM contact AS k, contact_shown(k) AS v WHERE k.id = :contact_id
