/**
 * Calls: one request to the server and its answer, over TLS, inside a deadline.
 *
 * A call that may be sent again is: after a lost connection, and when the server says that it is
 * busy. A WRITE is applied once all the same, by its request_id. What could not be sent, for the
 * line broke before, is tried again whatever it is.
 */
#ifndef JIAYI_CLIENT_CALL_CALL_H
#define JIAYI_CLIENT_CALL_CALL_H

#include <stdbool.h>

#include "client/base/profile.h"
#include "common/message.h"

/** The most that a request may have, packed, in bytes: a server takes no more. */
#define CALL_MAX_BYTES (1 << 20)

/** The bytes of a request_id. */
#define CALL_ID_BYTES 16

/** How long a call waits where nothing is said, in milliseconds. */
#define CALL_TIMEOUT_MS 10000

/** One call. */
struct call {
    const struct schema_method *method;
    const ProtobufCMessage *request;
    /** CALL_ID_BYTES that name the call. */
    const uint8_t *request_id;
    /** How long to wait for the whole of it. */
    int64_t timeout_ms;
    /** Told before a pause, of what makes it wait, where it is not NULL. */
    void (*on_wait)(void *arg, const struct status *why);
    void *wait_arg;
    /**
     * How it went: how often it was sent, and how often of these no answer came. After one
     * without an answer, a call that failed may have been applied.
     */
    unsigned sent, unanswered;
    /** It was done before: of the answer there is only what the server kept. */
    bool replayed;
    /** The server's clock when it answered, in seconds since 1970; 0 where it did not tell. */
    int64_t server_time_s;
};

/** A server to call; the connection is made by the first call and kept for the next. */
struct caller;

/**
 * call_new() - a caller for the server, the authority and the token of @p; the token must outlive
 * it.
 *
 * Keeps TLS sessions in the profile, where it has a path. Returns NULL with @e set: STATUS_USAGE
 * when the server's address is no HOST:PORT. There is no end to a caller: it goes with the process.
 */
struct caller *call_new(const struct profile *p, struct status *e) MUST_CHECK;

/**
 * call_run() - call the server and wait.
 *
 * Returns the answer in the arena (what is secret in it is wiped with the arena). NULL with @e set:
 * as the server said, STATUS_UNAVAILABLE when it cannot be reached or trusted,
 * STATUS_DEADLINE_EXCEEDED, STATUS_INVALID_ARGUMENT for a request over CALL_MAX_BYTES.
 */
ProtobufCMessage *call_run(struct arena *a, struct caller *caller, struct call *call,
                           struct status *e) MUST_CHECK;

/** call_id_text() - @id as 2 * CALL_ID_BYTES hexadecimal digits and a NUL. */
void call_id_text(const uint8_t *id, char *ret_text);

/** call_new_id() - fill @id with CALL_ID_BYTES random bytes. */
void call_new_id(uint8_t *id);

#endif
