/**
 * An errand: work that nobody called for, again and again on a thread and a connection of its own.
 * What is under way is given up when the server ends; a connection that was lost is made again.
 */
#ifndef JIAYI_SERVER_DATABASE_ERRAND_H
#define JIAYI_SERVER_DATABASE_ERRAND_H

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "common/status.h"

struct periodic;

struct errand {
    /** Must outlive it. */
    const char *conninfo;
    /** The line of the log that says that the database cannot be asked: "jobs_lost". */
    const char *lost;
    PGconn *conn;
    struct periodic *periodic;
    /** Set by another thread: what is under way is given up soon. */
    atomic_bool is_stopping;
    /** That line was written. */
    bool is_lost;
};

/**
 * errand_start() - run @work(@arg) on a thread, at once and then @every_ms after the end of the
 * last time. @r has its conninfo and lost; the functions below are for that thread.
 *
 * @name: what the thread is for, in 15 bytes
 *
 * Returns 0, or -1 with @e set.
 */
int errand_start(struct errand *r, const char *name, int every_ms, void (*work)(void *arg),
                 void *arg, struct status *e) MUST_CHECK;

/** errand_stop() - give up what is under way, and end the thread and the connection. */
void errand_stop(struct errand *r);

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
