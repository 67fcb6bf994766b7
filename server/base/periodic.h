/**
 * A thread that does one thing again and again.
 */
#ifndef JIAYI_SERVER_BASE_PERIODIC_H
#define JIAYI_SERVER_BASE_PERIODIC_H

#include <stdbool.h>

#include "common/status.h"

struct periodic;

/**
 * periodic_start() - run @work(@arg) on a thread of its own, at once and then @every_ms after the
 * end of the last time.
 *
 * @name: what the thread is for, in 15 bytes: for debuggers and top
 */
struct periodic *periodic_start(const char *name, int every_ms, void (*work)(void *arg), void *arg,
                                struct status *e) MUST_CHECK;

/** periodic_stop() - let @work finish, if it runs, and end the thread. NULL is allowed. */
void periodic_stop(struct periodic *p);

#endif
