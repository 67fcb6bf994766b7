/**
 * The indexer: a thread that has the database put what was written where searches look
 * (server/sql/definitions/search.sql), on a connection of its own. Of all servers on a database one
 * does so at a time, whichever comes first.
 */
#ifndef JIAYI_SERVER_JOBS_INDEXER_H
#define JIAYI_SERVER_JOBS_INDEXER_H

#include <stdint.h>

#include "common/status.h"

struct indexer;

/**
 * indexer_start() - start it. @conninfo: of DATABASE_JOB_ROLE; must outlive it.
 *
 * Returns NULL with @e set.
 */
struct indexer *indexer_start(const char *conninfo, struct status *e) MUST_CHECK;

/**
 * indexer_stop() - end it. What is being put there is given up: it waits, and is put there later.
 * May be called again. NULL is allowed.
 */
void indexer_stop(struct indexer *x);

/** indexer_free() - free one that was stopped. NULL is allowed. */
void indexer_free(struct indexer *x);

/**
 * indexer_late_ms() - how long the change had waited that was the first to be put there when this
 * server last looked; 0: none waited. -1 where that is not known. NULL is allowed. Any thread.
 */
int64_t indexer_late_ms(const struct indexer *x);

#endif
