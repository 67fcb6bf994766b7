-- Marks one row of the caller's inbox as read, or all.
SELECT r AS read FROM inbox_read(:item_id, coalesce(:all::boolean, false)) AS r
