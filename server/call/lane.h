/**
 * Lanes: each a thread with one PostgreSQL connection in pipeline mode.
 *
 * A lane takes the calls that wait, sends for each [authorize | statements | Sync], and answers
 * each as its Sync comes back: until then nothing is known to be done. Idle, a batch is one call;
 * busy, batches grow by themselves. What takes long has lanes of its own (enum call_lanes), and
 * nobody is taken on board behind a call that takes long all the same: so it holds nobody up.
 *
 * A lost connection is made again; the calls in flight are begun again: reads change nothing, and
 * writes find the record of their request_id when they were applied already.
 */
#ifndef JIAYI_SERVER_CALL_LANE_H
#define JIAYI_SERVER_CALL_LANE_H

#include "server/call/call.h"

struct lanes;

/** How many lanes, and how much they take on. */
struct lanes_options {
    /** Connection strings of the app role, and of that which signs people in. */
    const char *conninfo;
    const char *login_conninfo;
    const struct methods *methods;
    int n_lanes[CALL_LANES];
    /** The most calls in flight on one connection. */
    int batch;
    /** The most calls that wait, for each kind of lane. */
    int queue_limit;
};

/**
 * lanes_start() - connect every lane. Returns NULL with @e set when the database cannot be reached.
 */
struct lanes *lanes_start(const struct lanes_options *o, struct status *e) MUST_CHECK;

/**
 * lanes_submit() - have the transaction of c->work done.
 *
 * c->work.done runs once, on the lane's thread, also when the queue is full (then on the caller's,
 * with STATUS_RESOURCE_EXHAUSTED) or the deadline has passed. Any thread may call.
 */
void lanes_submit(struct lanes *l, struct call *c);

/**
 * lanes_run() - for a native method: have one transaction done and wait for it.
 *
 * @step:  the statement's name ("find"); NULL: only authorize the caller
 * @named: the statement's parameters
 *
 * Only on threads of the pool. Returns 0 with the rows in c->work.rows, or -1 with c->status set.
 */
int lanes_run(struct lanes *l, struct call *c, const char *step, const struct bind_named *named,
              size_t n_named) MUST_CHECK;

/** A look at the lanes of one kind. */
struct lanes_state {
    /**
     * Lanes that have something to do, those that wait for a call, and those of both that have a
     * connection.
     */
    int busy, idle, connected;
    /** Calls that wait, and how many may. */
    int waiting, limit;
};

/** lanes_look() - how the lanes of a kind are just now. Any thread. */
void lanes_look(struct lanes *l, enum call_lanes kind, struct lanes_state *ret);

/**
 * lanes_abort() - answer what is in flight or waits with UNAVAILABLE, soon and whatever its state.
 * Any thread may call.
 */
void lanes_abort(struct lanes *l);

/**
 * lanes_stop() - do what was submitted, and end the threads. What is submitted later is refused;
 * may still be looked at.
 */
void lanes_stop(struct lanes *l);

/** lanes_free() - disconnect and free lanes that were stopped. */
void lanes_free(struct lanes *l);

#endif
