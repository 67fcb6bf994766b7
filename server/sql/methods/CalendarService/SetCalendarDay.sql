-- Says that a day is worked on, or that it is a holiday.
INSERT INTO calendar_day AS c (company_id, day, working, note)
VALUES (:me.company_id, :day::date, coalesce(:working, NOT :holiday), :note)
ON CONFLICT ON CONSTRAINT calendar_day_pkey DO UPDATE SET working = excluded.working, note = excluded.note
RETURNING c.day, c.working, c.note
