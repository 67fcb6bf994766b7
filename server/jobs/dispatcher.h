/**
 * The dispatcher: a thread that has the database tell people of events
 * (server/sql/definitions/event.sql), on a connection of its own. Of all servers on a database one
 * does so at a time, whichever comes first.
 */
#ifndef JIAYI_SERVER_JOBS_DISPATCHER_H
#define JIAYI_SERVER_JOBS_DISPATCHER_H

#include <stdint.h>

#include "common/status.h"

struct dispatcher;

/**
 * dispatcher_start() - start it. @conninfo: of DATABASE_JOB_ROLE; must outlive it.
 *
 * Returns NULL with @e set.
 */
struct dispatcher *dispatcher_start(const char *conninfo, struct status *e) MUST_CHECK;

/**
 * dispatcher_stop() - end it. What is being told is given up: nobody was told, and is later. May
 * still be asked. NULL is allowed.
 */
void dispatcher_stop(struct dispatcher *d);

/** dispatcher_free() - free one that was stopped. NULL is allowed. */
void dispatcher_free(struct dispatcher *d);

/**
 * dispatcher_late_ms() - how long the event had waited that was the first to be told when this
 * server last looked; 0: none waited. -1 where that is not known. NULL is allowed. Any thread.
 */
int64_t dispatcher_late_ms(const struct dispatcher *d);

#endif
