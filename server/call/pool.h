/**
 * The pool: a few threads of its own for the work of calls that takes long or waits - passwords
 * above all -, so that a flood of sign-ins can take neither the lanes nor the memory.
 *
 * Sign-ins and passwords that somebody signed in sets wait in queues of their own, which the
 * threads serve in turns: neither kind waits behind more than one of the other for each thread.
 */
#ifndef JIAYI_SERVER_CALL_POOL_H
#define JIAYI_SERVER_CALL_POOL_H

#include "server/call/call.h"

struct pool;

/** What a call has the pool for. */
enum pool_kind {
    /** Somebody who is not known yet: signing in. */
    POOL_SIGN_IN,
    /** Somebody who is signed in: new passwords, for themselves or for others, and signatures. */
    POOL_SET_PASSWORD,
    POOL_KINDS
};

/** pool_kinds - the kinds' names, as metrics have them. */
extern const char *const pool_kinds[POOL_KINDS];

/** pool_start() - @workers threads and room for @queue calls of each kind that wait. */
struct pool *pool_start(int workers, int queue, struct status *e) MUST_CHECK;

/**
 * pool_submit() - run @work(@c) on one of the pool's threads.
 *
 * Returns 0, or -1 with c->status set: STATUS_RESOURCE_EXHAUSTED when too many of the kind wait.
 */
int pool_submit(struct pool *p, enum pool_kind kind, struct call *c,
                void (*work)(struct call *c)) MUST_CHECK;

/** A look at the pool. */
struct pool_state {
    /** Its threads, and those of them that have work. */
    int workers, busy;
    /** Calls of each kind that wait, and how many of a kind may. */
    int waiting[POOL_KINDS], limit;
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
