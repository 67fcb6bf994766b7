/**
 * The database in a backup: pg_dump's custom format, as a member of an archive.
 */
#ifndef JIAYI_SERVER_BACKUP_DUMP_H
#define JIAYI_SERVER_BACKUP_DUMP_H

#include <stdio.h>

#include "server/backup/archive.h"

struct pg_conn;

/** The member's name. pg_restore reads it by itself as well. */
#define DUMP_NAME "database.dump"

/**
 * dump_take() - have pg_dump write the schema jiayi as the next member.
 *
 * @conn:     says how to connect; its transaction exported @snapshot, which is what is dumped
 * @stop_fd:  when it becomes readable, pg_dump is ended (STATUS_CANCELLED)
 */
int dump_take(struct pg_conn *conn, const char *snapshot, int stop_fd, struct archive *archive,
              struct status *e) MUST_CHECK;

/**
 * dump_shape() - have pg_dump write the schema jiayi without its rows to @out, as SQL.
 *
 * Memory that @out lacked is told by whoever closes it.
 */
int dump_shape(struct pg_conn *conn, int stop_fd, FILE *out, struct status *e) MUST_CHECK;

/**
 * dump_restore() - have pg_restore make the schema jiayi of the archive's member, all or nothing.
 *
 * @sha256:   of the member; checked after the last byte of it
 *
 * The schema must not be there, and its roles must.
 */
int dump_restore(struct pg_conn *conn, const struct archive *archive, const char *sha256,
                 int stop_fd, struct status *e) MUST_CHECK;

#endif
