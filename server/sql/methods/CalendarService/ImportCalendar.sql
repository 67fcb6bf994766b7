-- Sets many days at once, all or none.
SELECT calendar_import(:days::jsonb) AS days
