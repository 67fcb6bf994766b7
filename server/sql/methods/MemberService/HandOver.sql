-- Gives what a member is responsible for to another one, or counts it.
SELECT h.* FROM hand_over(:email, :to, :note, :customer_ids::text[]::bigint[], :dry_run) AS h
