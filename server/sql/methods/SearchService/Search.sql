-- What has all of the words, among what the caller sees, the newest first.
-- rows: found
SELECT f.ref, f."on", f.text, f.match, f.at,
       CASE f.company_id WHEN :me.company_id THEN (SELECT me_slug()) ELSE slug_of(f.company_id) END AS company,
       f.key AS "page.key"
FROM search_found(:text, :in::text[], :page.after::text, :page.limit) AS f
