-- log_mark has its row.
SELECT 1 FROM log_mark;
