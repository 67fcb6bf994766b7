/**
 * The shape of the schema: everything in the database that is no row. A backup brings rows; what
 * else its file makes would still be there, and run, when somebody with more rights comes by.
 */
#ifndef JIAYI_SERVER_BACKUP_SHAPE_H
#define JIAYI_SERVER_BACKUP_SHAPE_H

#include "common/status.h"

struct pg_conn;

/**
 * shape_take() - tables, functions, constraints, rights, owners … as a malloced text.
 *
 * @stop_fd: when it becomes readable, the work is given up (STATUS_CANCELLED)
 *
 * Runs nothing that stands in the schema. Returns 0, or -1 with @e set.
 */
int shape_take(struct pg_conn *conn, int stop_fd, char **ret, struct status *e) MUST_CHECK;

/**
 * shape_compare() - is @there the same as @wanted? Returns 0, or -1 with @e naming the first line
 * that differs: STATUS_FAILED_PRECONDITION.
 */
int shape_compare(const char *there, const char *wanted, struct status *e) MUST_CHECK;

#endif
