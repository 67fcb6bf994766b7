/**
 * The role that a backup's file is restored as. Whatever the file has run - functions, defaults,
 * constraints - can do no more than that role: fill its one database as those who own the schema,
 * and nothing outside of it. It logs in itself, for who only acts as a role can go back.
 */
#ifndef JIAYI_SERVER_BACKUP_RESTORER_H
#define JIAYI_SERVER_BACKUP_RESTORER_H

#include <stdbool.h>

#include "common/status.h"

struct pg_conn;

#define RESTORER_ROLE "jiayi_restore"

/**
 * restorer_make() - make RESTORER_ROLE in the database of @conn, where jiayid's roles are.
 *
 * @password: that it logs in with; NULL: it needs none
 * @is_only:  no other database of this PostgreSQL can have jiayid's roles, so that it may be those
 *            that log in, too: what a role that logs in does to itself - its password, its settings
 *            - counts in every database
 *
 * Returns 0, or -1 with @e set: it is there already, or the user of @conn may not make it.
 */
int restorer_make(struct pg_conn *conn, const char *password, bool is_only,
                  struct status *e) MUST_CHECK;

/** restorer_drop() - have all as if there had been no such role. */
int restorer_drop(struct pg_conn *conn, struct status *e) MUST_CHECK;

/**
 * restorer_conninfo() - how it connects to where @conninfo leads, by a password. A malloced string
 * for wipe_free(), or NULL with @e set.
 */
char *restorer_conninfo(const char *conninfo, const char *password, struct status *e) MUST_CHECK;

#endif
