/**
 * An errand: a connection of one thread for work that nobody called for, which is given up when the
 * server ends, and made again when it was lost.
 */
#ifndef JIAYI_SERVER_DATABASE_ERRAND_H
#define JIAYI_SERVER_DATABASE_ERRAND_H

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "common/status.h"

struct errand {
    /** Must outlive it. */
    const char *conninfo;
    /** The line of the log that says that the database cannot be asked: "jobs_lost". */
    const char *lost;
    PGconn *conn;
    /** Set by another thread: what is under way is given up soon. */
    atomic_bool is_stopping;
    /** That line was written. */
    bool is_lost;
};

/** errand_ready() - true with a connection; else it was said once that there is none. */
bool errand_ready(struct errand *r);

/** errand_is_over() - true when the server ends. Any thread. */
bool errand_is_over(const struct errand *r);

/**
 * errand_ask() - run @sql, several statements with semicolons between; the last one's result, for
 * PQclear(). NULL where one failed, or it was given up.
 */
PGresult *errand_ask(struct errand *r, const char *sql) MUST_CHECK;

/** errand_tell() - the same without a result; false where it failed. */
bool errand_tell(struct errand *r, const char *sql) MUST_CHECK;

/**
 * errand_query() - one statement with @n text values, NULL for NULL; its result as errand_ask()
 * gives it.
 */
PGresult *errand_query(struct errand *r, const char *sql, int n,
                       const char *const *values) MUST_CHECK;

/** errand_done() - the work was done, or not: then the connection is ended, and that said once. */
void errand_done(struct errand *r, bool ok);

#endif
