-- What the caller was told above a cursor, and where to go on. The call is held while the two are one.
SELECT w.items, w."cursor" FROM inbox_watch(:since) AS w
