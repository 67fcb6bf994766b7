-- Asks for an export; the server makes it in the background.
SELECT v.* FROM export_start() AS e, export_shown(e) AS v
