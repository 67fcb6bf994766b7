/**
 * The queue in front of the lanes: a turn for each company, so that one that is noisy waits for
 * itself.
 *
 * Calls of a company wait behind each other; the companies take turns (stochastic fairness
 * queueing, McKenney 1990: companies are hashed to QUEUE_TURNS turns). The next turn is that of who
 * had least of the lanes' time (start-time fair queueing, Goyal 1996): a company whose calls take
 * long has fewer of them. Where several want the lanes, none has more running than a few
 * milliseconds' work, for that is what the others' calls wait behind. Room is shared by dynamic
 * thresholds (Choudhury and Hahne, 1998): a turn may hold as many calls as there is room left, so
 * one alone may take half of it, and there is always room for another.
 *
 * Whose a call is says server/call/whose.h. Calls of nobody who is remembered have the turn of
 * their peer's address, which is one of a few that together have as much time as one company.
 */
#ifndef JIAYI_SERVER_CALL_QUEUE_H
#define JIAYI_SERVER_CALL_QUEUE_H

#include "server/call/call.h"

enum { QUEUE_TURNS = 256 };

struct queue;

/** What became of a call that was to wait. */
enum queue_put {
    QUEUE_WAITS,
    /** There is no room, or the queue has stopped. */
    QUEUE_FULL,
    /** The call's company, or its peer, has its share of the room already. */
    QUEUE_SHARE_FULL,
};

/** How a queue is just now. */
struct queue_state {
    /** Calls that wait, and how many may. */
    int waiting, limit;
    /** Threads that wait for a call. */
    int idle;
};

/**
 * queue_new() - an empty queue.
 *
 * @limit: the most calls that wait
 * @share: the most calls of one turn that are taken and not done
 *
 * Returns NULL without memory.
 */
struct queue *queue_new(int limit, int share);

/** queue_free() - free a queue that nobody uses any more. NULL is allowed. */
void queue_free(struct queue *q);

/** queue_put() - have a call wait for its turn. Any thread. */
enum queue_put queue_put(struct queue *q, struct call *c) MUST_CHECK;

/**
 * queue_take() - the next call.
 *
 * @wait: wait for one if need be. Who does not wait has calls of its own; what comes while others
 *        wait is theirs, and first that one's who began to wait last.
 *
 * Returns NULL when there is none; with @wait: when the queue has stopped and is empty.
 */
struct call *queue_take(struct queue *q, bool wait);

/**
 * queue_done() - a call that was taken is done, and took a lane @took_us, 0 where it did not run;
 * before it is answered.
 */
void queue_done(struct queue *q, const struct call *c, int64_t took_us);

/** queue_stop() - take no more calls; those that wait can be taken still. */
void queue_stop(struct queue *q);

/** queue_look() - how the queue is. Any thread. */
void queue_look(struct queue *q, struct queue_state *ret);

#endif
