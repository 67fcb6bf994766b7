/**
 * A flight: one call's transaction on a lane's connection, from what is sent - authorize, the
 * statements, a Sync - to the results, which come in the same order.
 *
 * A flight is its lane's; only that lane's thread touches it.
 */
#ifndef JIAYI_SERVER_CALL_FLIGHT_H
#define JIAYI_SERVER_CALL_FLIGHT_H

#include <libpq-fe.h>

#include "server/call/call.h"

/** A connection to the database, and what it knows. */
struct flight_session {
    /** In pipeline mode, non-blocking; the lane's. */
    PGconn *pg;
    /** By variant id: the connection knows the statement. */
    bool *prepared;
    bool knows_authorize, knows_public;
    /** A prepared statement is not what it was (the schema changed): connect anew. */
    bool is_stale;
};

/** What the next result on a connection belongs to. */
enum flight_expect {
    FLIGHT_PREPARE,
    FLIGHT_AUTHORIZE,
    FLIGHT_FIRST,
    FLIGHT_MORE,
    FLIGHT_REPLAY,
    FLIGHT_SYNC
};

/** What is under way for a call. All zero but the call, and is_replay, before flight_send(). */
struct flight {
    struct call *call;
    /** The results still to come for this call, first to last. */
    enum flight_expect expected[32];
    int n_expected, at;
    /** Which of the further statements the next FLIGHT_MORE is for. */
    int next_more;
    /**
     * The first error of the transaction, if any; and whether it says that the call was done
     * before.
     */
    bool failed, replay;
    /** This transaction reads the kept answer. */
    bool is_replay;
    /** The first statement gave no row. */
    bool is_empty;
};

/** flight_send() - send the call's whole transaction. -1: the connection is broken. */
int flight_send(struct flight_session *s, struct flight *f) MUST_CHECK;

/**
 * flight_is_out_of_step() - true for a Sync before its time, and for something else in its place:
 * without memory libpq gives an error of its own for it, and the next results would pass for this
 * call's. An error with an SQLSTATE is the transaction's end.
 */
bool flight_is_out_of_step(const struct flight *f, const PGresult *r);

/**
 * flight_take() - take one result, no Sync. True: it is kept, with the call's arena; else @r is the
 * caller's to clear.
 */
bool flight_take(struct flight_session *s, struct flight *f, PGresult *r);

/**
 * flight_begin_again() - forget what the transaction gave so far, so that it can be sent once more
 * after a lost connection.
 */
void flight_begin_again(struct flight *f);

/** flight_end() - the transaction has ended: says of the call what it came to. */
void flight_end(struct flight *f);

#endif
