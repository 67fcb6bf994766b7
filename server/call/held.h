/**
 * Held calls: those that wait until there is something to tell (option `hold`), such as WatchInbox.
 *
 * Such a call runs as any READ. Where its answer is that nothing is new, the door puts it by: call
 * and arena go, and what stays is a row of a table, a few hundred bytes, without lane or thread. A
 * thread asks the database a few times a second whose sessions were told something, and has their
 * calls made anew and run once more, as ordinary READs, in which the caller is authorized again. So
 * is every call shortly before its deadline, and every half minute the session is looked at.
 *
 * A stream is such a call that begins again by itself: what it answers is told, and it goes on from
 * there. It is run at least every half minute, and tells that nothing is new then, so that its peer
 * knows that it is still there. Who has not taken what was told is told nothing more until then:
 * nothing queues up, and what comes meanwhile is in the database.
 */
#ifndef JIAYI_SERVER_CALL_HELD_H
#define JIAYI_SERVER_CALL_HELD_H

#include "server/call/call.h"

struct held;
struct held_call;
struct lanes;

/** What a door can do for a call that is held. */
struct call_door {
    /**
     * Ends the call and frees it with its arena, without an answer. Returns its place, which stands
     * for where the answer goes; NULL without memory: then the call is as it was. Any thread.
     */
    void *(*put_by)(struct call *c);
    /**
     * A new call in that place, as one that has just come, and the place is gone; NULL without
     * memory. Any thread.
     */
    struct call *(*take_up)(void *place);
    /** Nobody waits for the answer any more. Any thread. */
    bool (*is_gone)(const void *place);
    /** Nobody waits, or there is no memory: the place is gone, and so is its peer. Any thread. */
    void (*give_up)(void *place);

    /* Of a door that has streams. */

    /**
     * Tells the peer what the call answered; it goes on. False: it cannot, and is to be ended, with
     * the call's status. Any thread.
     */
    bool (*tell)(struct call *c);
    /** The peer has taken all that it was told. Any thread. */
    bool (*is_read)(const void *place);
};

/** How many calls are held. */
struct held_state {
    int held, limit;
};

/**
 * held_start() - begin to hold calls.
 *
 * @conninfo: of DATABASE_JOB_ROLE; must outlive it
 * @limit:    the most calls that are held, a quarter of them of one company
 *
 * Returns NULL with @e set.
 */
struct held *held_start(const char *conninfo, struct lanes *lanes, int limit,
                        struct status *e) MUST_CHECK;

/**
 * held_begin() - run a call of a method with the option `hold`, and answer it by c->finish(c) once
 * there is something to tell. Any thread.
 */
void held_begin(struct held *h, struct call *c);

/**
 * held_close() - the server goes down: what is held is answered with UNAVAILABLE, and nothing is
 * held any more. Any thread.
 */
void held_close(struct held *h);

/** held_look() - how many are held. Any thread. */
void held_look(struct held *h, struct held_state *ret);

/** held_stop() - close, and end the thread. What is in the lanes still may come to held_end(). */
void held_stop(struct held *h);

/** held_free() - free what was stopped. NULL is allowed. */
void held_free(struct held *h);

#endif
