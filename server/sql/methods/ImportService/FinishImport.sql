-- Says that all rows of an import were put; one that is done stays as it is.
WITH ended AS (
    UPDATE import AS i SET state = 'done', failed = i.failed + coalesce(:failed, 0) WHERE i.id = :import_id AND i.state = 'running' RETURNING i AS import
)
SELECT v.* FROM (SELECT e.import AS i FROM ended AS e
                 UNION ALL SELECT i FROM import AS i WHERE i.id = :import_id AND i.state = 'done') AS x,
    import_shown(x.i) AS v
