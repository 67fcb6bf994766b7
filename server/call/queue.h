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

#include <pthread.h>

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
    /** Those who wait for a call. */
    int idle;
};

/** Where somebody waits for a call. */
struct queue_seat {
    /**
     * Takes the call that @s waited for; NULL: the queue has stopped, and is empty. On the thread
     * that brings it, which is not to be kept.
     */
    void (*take)(struct queue_seat *s, struct call *c);
    /** Held while take() runs. The following are the queue's as well, under its lock. */
    pthread_mutex_t handing;
    struct queue_seat *below;
    struct call *call;
    bool is_taken;
    /** Of the queue's calls none but this one is taken. */
    bool is_alone;
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

/** queue_take() - the next call; NULL when there is none that may run now. */
struct call *queue_take(struct queue *q);

/** queue_seat_init(), queue_seat_destroy() - make a seat, and take one away where nobody sits. */
void queue_seat_init(struct queue_seat *s, void (*take)(struct queue_seat *s, struct call *c));
void queue_seat_destroy(struct queue_seat *s);

/**
 * queue_sit() - wait for a call: take() will run once, unless queue_rise() comes first. Who sat
 * down last is served first.
 *
 * False: there was a call, which goes to @ret, or NULL, where the queue has stopped and is empty.
 */
bool queue_sit(struct queue *q, struct queue_seat *s, struct call **ret) MUST_CHECK;

/** queue_rise() - wait no more. False: take() has run. */
bool queue_rise(struct queue *q, struct queue_seat *s) MUST_CHECK;

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
