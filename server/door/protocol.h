/**
 * What a connection speaks inside TLS: a table of operations for each protocol. The connection
 * knows TCP, TLS, paces and memory; a protocol knows bytes, messages and calls.
 *
 * A protocol's part of a connection is its peer, made by start() when the handshake is over, and
 * given to all others. take() is called by one thread at a time, without the connection's lock; the
 * others with it. A protocol that has pull() guards its peer by a lock of its own, under which it
 * asks nothing of the connection.
 */
#ifndef JIAYI_SERVER_DOOR_PROTOCOL_H
#define JIAYI_SERVER_DOOR_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/metrics.h"

struct connection;

/** Where a peer is. */
enum protocol_phase {
    /** It has not said yet what it is. */
    PROTOCOL_GREETING,
    /** No message has begun: it may be idle. */
    PROTOCOL_BETWEEN,
    /** A message has begun, and must come at a pace. */
    PROTOCOL_MESSAGE,
};

struct protocol {
    /** Its name in ALPN; NULL: what is spoken where the peer asks for none. */
    const char *alpn;
    /**
     * Makes the peer of @c, and may greet it with connection_say(). Returns NULL without memory.
     */
    void *(*start)(struct connection *c);
    /** How many bytes the peer may be given at a time; never 0. */
    uint64_t (*wanted)(const void *peer);
    /**
     * Takes the @n bytes at @data, no more than wanted() told, and sees what is complete through
     * the gate.
     *
     * @limit: the most bytes that a message may have
     *
     * Returns false, with @why, when the connection must end for them.
     */
    bool (*take)(void *peer, const uint8_t *data, size_t n, uint64_t limit,
                 enum metrics_refused *why);
    enum protocol_phase (*phase)(const void *peer);
    /** The memory that unfinished messages, and with pull() answers, take, in bytes. */
    size_t (*held)(const void *peer);
    void (*free)(void *peer);

    /* NULL where answers go as they are made: the rest. */

    /**
     * What is to be sent next, up to @size bytes at @to; *@ret_n is 0 where nothing is.
     *
     * Returns false when the connection is to end after these, with @why, or for no fault of the
     * peer METRICS_REFUSED_CAUSES.
     */
    bool (*pull)(void *peer, uint8_t *to, size_t size, size_t *ret_n, enum metrics_refused *why);
    /** Nobody will read answers any more. */
    void (*gone)(void *peer);
    /** How many bytes of answers wait for the peer to want them. */
    size_t (*unsent)(const void *peer);
    /** When late() is to be called, on the monotonic clock; INT64_MAX: never, as it is now. */
    int64_t (*due_us)(const void *peer);
    /** Ends what the peer is late with. Returns how much of it the peer did not read. */
    int (*late)(void *peer);
    /**
     * Tells the peer to go elsewhere: at first as a notice, then for good. May be called again.
     * Returns true while the peer has not heard the notice; then, while what it has begun is not
     * all at the gate.
     */
    bool (*leave)(void *peer, bool is_final);
    /** Nothing has happened for a while: gives back what memory can be. */
    void (*rest)(void *peer);
};

#endif
