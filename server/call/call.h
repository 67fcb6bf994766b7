/**
 * One call on its way: listener → gate → (password pool) → lane → listener.
 *
 * A call is owned by one stage at a time, which hands it on; nobody else touches it meanwhile.
 */
#ifndef JIAYI_SERVER_CALL_CALL_H
#define JIAYI_SERVER_CALL_CALL_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/message.h"
#include "server/method/bind.h"
#include "server/method/method.h"

struct call_door;
struct gate;
struct held;
struct held_call;

enum { REQUEST_ID_BYTES = 16, SHA256_BYTES = 32 };

/** One thing that a lane does for a call: a transaction. */
struct call_work {
    /** The first statement, or NULL: only authorize. */
    const struct statement *statement;
    /** Statements after the first, in the same transaction. */
    const struct statement *const *more;
    int n_more;
    /** Check the caller first; else only the deadline is set (public methods). */
    bool authorize;
    /** Look for the call's record, so that it is applied once. */
    bool once;
    /** Values by name instead of request fields, for a native method's statement. */
    const struct bind_named *named;
    size_t n_named;
    /** For the thread that waits in lanes_run(). */
    sem_t *wake;
    /** Runs on the lane's thread when the transaction has ended; the outcome is in call->status. */
    void (*done)(struct call *c);
    /** Of a native method's statement: the rows, as text. Freed with the call's arena. */
    PGresult *rows;
};

/** Where a call's time goes; the phases add up to the whole. */
enum call_phase {
    /** Unpacking and checking. */
    CALL_GATE,
    /** Waiting for a thread for passwords. */
    CALL_POOL,
    /** Outside of the database: hashing, and what a native method does. */
    CALL_WORK,
    /** Waiting for a lane. */
    CALL_QUEUE,
    /** From sending to the first result: with the calls in front on the same connection. */
    CALL_DATABASE,
    /** From the first result to the last. */
    CALL_RESULTS,
    /** Packing the answer. */
    CALL_PACK,
    CALL_PHASES
};

/** What the transport finds before the gate has its turn. */
enum call_excess {
    CALL_FITS,
    /** The server has as many calls as it may have. */
    CALL_IS_ONE_TOO_MANY,
    /** The requests of its peer's address hold too much memory. */
    CALL_HOLDS_TOO_MUCH,
};

/** The lanes that a call is for: what takes long has its own, so that it holds nobody up. */
enum call_lanes {
    CALL_LANES_NORMAL,
    /** Methods of kind WRITE: each waits for the disk at its end. */
    CALL_LANES_WRITE,
    /** Methods of kind HEAVY. */
    CALL_LANES_HEAVY,
    /** Requests with a field of the option search. */
    CALL_LANES_SEARCH,
    /** Native methods that are is_login: their connections have a role of their own. */
    CALL_LANES_LOGIN,
    CALL_LANES
};

/**
 * Who is to read the answer. Answers that nobody reads are work for nothing: while many wait to be
 * read, no more are made.
 */
struct call_reader {
    /** So much waits that calls are to wait as well. */
    atomic_bool is_late;
    /**
     * Keeps a call that was not begun; once more was read, or the peer has gone, it is given to the
     * lanes again. False: it was read meanwhile. Any thread.
     */
    bool (*keep)(struct call_reader *r, struct call *c);
};

/** A call. Everything in it lives in its arena. */
struct call {
    struct arena *arena;
    /** NULL until the gate has found it. */
    const struct method *method;
    uint8_t request_id[REQUEST_ID_BYTES];
    bool has_request_id;
    /** SHA-256 of the token; the token itself is not kept. */
    uint8_t token_sha256[SHA256_BYTES];
    bool has_token;
    /** Of a WRITE: SHA-256 of the request without its secrets, what a request_id stands for. */
    uint8_t request_sha256[SHA256_BYTES];
    /** On the monotonic clock, in microseconds. */
    int64_t received_us, deadline_us;
    /** When the last phase ended (0: none has), and the time in each. See call_lap(). */
    int64_t lap_us, spent_us[CALL_PHASES];
    /** The peer's address without the port; and what it says that it is. */
    char address[48];
    const char *client;
    ProtobufCMessage *in, *out;
    enum call_lanes lanes;
    /** A search whose deadline is the server's limit for searches, not the caller's. */
    bool is_limited;
    struct status status;
    /** What the caller reads, as language_of() knows it; NULL is English, as the log is. */
    const struct embed *language;
    /** For the log, from authorize(): who called, of which company; "" when unknown. */
    const char *member, *company;
    /** The caller's session, likewise; 0 when unknown. */
    int64_t session;
    /** Answered from the record of an earlier call with the same request_id. */
    bool replayed;
    /**
     * The transaction that is being done, and how often it was begun again after a lost connection.
     */
    struct call_work work;
    int retries;
    /** Runs once, when the call is answered: packs and sends. Any thread. */
    void (*finish)(struct call *c);
    /** Where the answer goes: the transport's. */
    void *owner;
    /** How the transport holds a call; NULL: it cannot. */
    const struct call_door *door;
    /**
     * Who holds it; of a call that was held its row; and how often there had been news when it was
     * run.
     */
    struct held *holder;
    struct held_call *held;
    uint64_t news;
    /**
     * A stream: what there is to tell is told, and the call goes on, for as long as its caller
     * wants it at most; INT64_MAX: until it ends otherwise.
     */
    bool is_stream;
    int64_t until_us;
    /**
     * Set when nobody waits for the answer any more; NULL for a call that somebody surely waits
     * for.
     */
    const atomic_bool *is_abandoned;
    /** NULL: there is none that could be late. */
    struct call_reader *reader;
    /** There is no room for it: to be refused. */
    enum call_excess excess;
    /** The gate that it came through, for native methods; set by it. */
    const struct gate *gate;
    /** Link of the queue that it waits in, and its turn there. */
    struct call *next;
    uint8_t turn;
    /** When a lane took it; and what its turn was charged for it. */
    int64_t taken_us, charged_us;
};

/** call_lap() - a phase ends: the time since the last one ended is its. */
void call_lap(struct call *c, enum call_phase phase);

/** call_left_ms() - milliseconds until the deadline, 0 when it has passed. */
int64_t call_left_ms(const struct call *c);

/**
 * call_begin() - a call that came just now, in an arena of its own of at most @limit_bytes; NULL
 * without memory. How it ends and whose it is, is for the door to say.
 */
struct call *call_begin(size_t limit_bytes) MUST_CHECK;

/** call_is_abandoned() - true when nobody waits for the answer any more. */
bool call_is_abandoned(const struct call *c);

/**
 * call_has_to_wait() - true for one that was not begun, and whose reader is late. It is for
 * call_reader.keep() then.
 */
bool call_has_to_wait(const struct call *c);

/**
 * call_drop_abandoned() - says of a call that nobody waits for any more that it is one; false for
 * others.
 */
bool call_drop_abandoned(struct call *c);

#endif
