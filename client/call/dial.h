/**
 * Connections to a server: nng's REQ over TLS, to the first of its host's addresses that takes
 * them.
 */
#ifndef JIAYI_CLIENT_CALL_DIAL_H
#define JIAYI_CLIENT_CALL_DIAL_H

#include <nng/nng.h>
#include <stdatomic.h>

#include "client/base/profile.h"
#include "common/address.h"

/** A server to connect to. It stays until the process ends, for dialing cannot be broken off. */
struct dial_server {
    /** Copies of a profile's server, authority and path; nothing else of it. */
    struct profile profile;
    struct address address;
    /** The profile signed in here before: that a jiayid is there need not be asked. */
    bool is_known;
};

/** A connection that was made. Never freed: it goes with the process. */
struct dial_connection {
    nng_socket socket;
    /** The server is gone, or the connection to it; set by nng's threads. */
    atomic_bool lost;
};

/**
 * dial_prepare() - take from @p what connecting needs.
 *
 * Keeps TLS sessions in the profile, where it has a path. Returns 0, or -1 with @e set:
 * STATUS_USAGE when the server's address is no HOST:PORT.
 */
int dial_prepare(struct dial_server *ret, const struct profile *p, struct status *e) MUST_CHECK;

/**
 * dial_connect() - connect, until @deadline_ms of the monotonic clock.
 *
 * @ret_may_pass: set true where the line failed, and not the server: another attempt may well get
 *                through; else false
 *
 * Returns NULL with @e set: STATUS_UNAVAILABLE when the server cannot be reached or trusted, in
 * words that say why; STATUS_DEADLINE_EXCEEDED. One thread at a time.
 */
struct dial_connection *dial_connect(const struct dial_server *s, int64_t deadline_ms,
                                     bool *ret_may_pass, struct status *e) MUST_CHECK;

/**
 * dial_forget() - end a connection that is not used any more, without waiting for it.
 */
void dial_forget(struct dial_connection *d);

/** dial_too_late() - STATUS_DEADLINE_EXCEEDED: no connection came about. Returns -1. */
int dial_too_late(const struct dial_server *s, struct status *e);

#endif
