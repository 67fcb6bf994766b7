-- Turns the second factor on, the code being right.
-- Parameters: step (of the code), codes (text[], the recovery codes). Column: member_id bigint.
SELECT totp_confirm(:step::bigint, :codes::text[]) AS member_id
