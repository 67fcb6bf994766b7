/**
 * A connection: one peer's TCP and TLS, its calls in flight and the answers that wait to leave.
 *
 * TCP is nng's stream, TLS is OpenSSL between two buffers; what is spoken inside is a struct
 * protocol. Every peer is a stranger who may send anything, nothing, or too slowly, and may not
 * read; what that can cost is bounded here:
 *  - the handshake, with the protocol's greeting, has a deadline; so has a message that has begun,
 *    and an answer that waits: in each period at least PACE_BYTES must move;
 *  - a connection on which nobody is signed in may be idle for a while only, and send smaller
 *    messages;
 *  - nothing is read while as many calls are in flight as one connection may have, or while answers
 *    wait;
 *  - memory is taken for bytes that came, not for bytes that were declared, and all connections
 *    share a limit.
 * Whoever breaks a bound is cut off; nobody else notices.
 */
#ifndef JIAYI_SERVER_DOOR_CONNECTION_H
#define JIAYI_SERVER_DOOR_CONNECTION_H

#include <nng/nng.h>
#include <openssl/ssl.h>

#include "server/call/call.h"
#include "server/door/connection_shared.h"

/**
 * connection_new() - a connection on @stream, not yet started.
 *
 * Returns NULL, with @stream freed, when the peer is gone already or there is no memory.
 */
struct connection *connection_new(struct connection_shared *s, SSL_CTX *context,
                                  nng_stream *stream);

/** connection_start() - begin to read. From now on the connection ends and frees itself. */
void connection_start(struct connection *c);

/** connection_abandon() - free a connection that was never started. */
void connection_abandon(struct connection *c);

/** connection_link() - the listener's link to the connection, with its customer. */
struct connection_link *connection_link(struct connection *c);

/** connection_is_proxied() - it comes from a proxy: whom it counts for is not known yet. */
bool connection_is_proxied(const struct connection *c);

/** connection_address() - the peer's address as text, without the port. */
const char *connection_address(const struct connection *c);

/* For protocols. */

/** connection_shared() - what all connections of the listener share. */
const struct connection_shared *connection_shared(const struct connection *c);

/** connection_say() - encrypt a greeting; in a protocol's start() alone. False without memory. */
bool connection_say(struct connection *c, const void *data, size_t n) MUST_CHECK;

/**
 * connection_take_call() - a call has come whose request takes so many bytes: it counts from now
 * on.
 *
 * In take() alone. Sets what the call knows of its peer, and whether there is room for it.
 */
void connection_take_call(struct connection *c, struct call *call, size_t request_bytes);

/**
 * connection_answer() - send the answer of a call that was taken, and free the call with its arena.
 *
 * @answer: what the peer is to read; NULL: there was no memory for it, and the connection ends
 *
 * Any thread.
 */
void connection_answer(struct connection *c, struct call *call, size_t request_bytes,
                       const uint8_t *answer, size_t n);

/**
 * connection_end_call() - the same for a protocol that has pull(), which gives what the peer is to
 * read there.
 */
void connection_end_call(struct connection *c, struct call *call, size_t request_bytes);

/** connection_go_on() - pull() has something to send. Any thread. */
void connection_go_on(struct connection *c);

/**
 * connection_hold() - a call that was taken is held from now on, outside of what calls_limit
 * bounds, or not any more. It counts for its connection all the same. Any thread.
 */
void connection_hold(struct connection *c, bool held);

/**
 * connection_resume() - a call is made anew in the place of one that was taken and put by: what it
 * knows of its peer. Any thread.
 */
void connection_resume(struct connection *c, struct call *call);

/** connection_is_gone() - true once nobody reads answers any more. Any thread. */
bool connection_is_gone(const struct connection *c);

/**
 * connection_forget() - a call that is held will not be answered. Any thread.
 *
 * @cuts: its peer cannot be told so, and is cut off, if it is there
 */
void connection_forget(struct connection *c, size_t request_bytes, bool cuts);

/**
 * connection_leave() - tell the peer to take what it begins next elsewhere, at first as a notice,
 * then for good. Returns true while it has not heard the notice; then, while what it has begun is
 * not all at the gate.
 *
 * As connection_close().
 */
bool connection_leave(struct connection *c, bool is_final);

/**
 * connection_rest() - give back the memory of buffers, if this was called before and nothing came
 * or went since. As connection_close().
 */
void connection_rest(struct connection *c);

/**
 * connection_close() - say goodbye and end the connection; its calls in flight are not answered.
 *
 * May be called again until it has ended. Where there is something that the peer may not have read
 * yet, that is when the peer hangs up as well, or with @is_final: TCP answers what comes for who
 * has closed by a reset, and takes from the peer what it has not read.
 *
 * Any thread, as long as on_end() cannot return meanwhile.
 */
void connection_close(struct connection *c, bool is_final);

#endif
