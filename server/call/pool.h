/**
 * The pool: a few threads of its own for the work of calls that takes long or waits - passwords
 * above all -, so that a flood of sign-ins can take neither the lanes nor the memory.
 */
#ifndef JIAYI_SERVER_CALL_POOL_H
#define JIAYI_SERVER_CALL_POOL_H

#include "server/call/call.h"

struct pool;

/** pool_start() - @workers threads and room for @queue calls that wait. */
struct pool *pool_start(int workers, int queue, struct status *e) MUST_CHECK;

/**
 * pool_submit() - run @work(@c) on one of the pool's threads.
 *
 * Returns 0, or -1 with c->status set: STATUS_RESOURCE_EXHAUSTED when too many wait.
 */
int pool_submit(struct pool *p, struct call *c, void (*work)(struct call *c)) MUST_CHECK;

/** A look at the pool. */
struct pool_state {
    /** Its threads, and those of them that have work. */
    int workers, busy;
    /** Calls that wait, and how many may. */
    int waiting, limit;
};

/** pool_look() - how the pool is just now. Any thread. */
void pool_look(struct pool *p, struct pool_state *ret);

/**
 * pool_stop() - finish what was submitted and end the threads. May still be looked at. NULL is
 * allowed.
 */
void pool_stop(struct pool *p);

/** pool_free() - free a pool that was stopped. NULL is allowed. */
void pool_free(struct pool *p);

#endif
