-- What happens at its time, with the slot that is next of each job.
-- rows: jobs
SELECT j.name, c.slug AS company, extract(epoch FROM j.every)::bigint AS every_s, j.catch_up,
       j.next_slot, j.due_at, j.failures, j.error, j.id AS "page.key"
FROM job AS j LEFT JOIN company AS c ON c.id = j.company_id
WHERE true
  AND j.id > :page.after::bigint                                             --? page_token
ORDER BY j.id
LIMIT :page.limit
