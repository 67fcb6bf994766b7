/**
 * The worker: a thread that runs jobs at their time (server/sql/definitions/job.sql), on a
 * connection of its own whose role can do nothing else. Of all servers on a database one runs each
 * slot.
 */
#ifndef JIAYI_SERVER_JOBS_WORKER_H
#define JIAYI_SERVER_JOBS_WORKER_H

#include "common/status.h"

struct worker;

/**
 * worker_start() - start it. @conninfo: of DATABASE_JOB_ROLE; must outlive it. NULL with @e set.
 */
struct worker *worker_start(const char *conninfo, struct status *e) MUST_CHECK;

/**
 * worker_stop() - end it. A job that is at work is given up: nothing of it was done, and it is done
 * later. NULL is allowed.
 */
void worker_stop(struct worker *w);

#endif
