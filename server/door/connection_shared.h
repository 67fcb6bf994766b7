/**
 * What connections share, and how the listener keeps them.
 */
#ifndef JIAYI_SERVER_DOOR_CONNECTION_SHARED_H
#define JIAYI_SERVER_DOOR_CONNECTION_SHARED_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "common/network.h"
#include "server/base/metrics.h"
#include "server/call/gate.h"
#include "server/door/protocol.h"

struct connection;

/** What all connections of a listener share. */
struct connection_shared {
    const struct gate *gate;
    /** What peers may speak; one of them has no name in ALPN. NULL at the end. */
    const struct protocol *const *protocols;
    /** A call that takes this long is logged as slow; 0: none is. */
    int slow_call_ms;
    /** The most calls in flight: of one connection, and of all. */
    int calls_per_connection, calls_limit;
    /** The longest message and answer, and the longest message before somebody has signed in. */
    int message_limit_bytes, anonymous_message_limit_bytes;
    int arena_limit_bytes, buffers_limit_bytes;
    int handshake_timeout_ms, receive_timeout_ms, send_timeout_ms, anonymous_idle_ms;
    /** Who connects from there says by a PROXY header who calls. */
    struct network_list proxies;
    /**
     * Whom a connection counts for turns out to be another customer: as on_end(). Returns false,
     * with @why, where there are too many of that one's.
     */
    bool (*on_customer)(struct connection *c, const struct in6_addr *customer,
                        enum metrics_refused *why, void *listener);
    /** Runs once for each connection that was started, before it is freed. Any thread. */
    void (*on_end)(struct connection *c, void *listener);
    void *listener;

    /**
     * The server goes down: peers that can be told go elsewhere; what they begin is not processed
     * any more.
     */
    atomic_bool is_leaving, is_left;
    /** Calls that are not answered yet. */
    atomic_int calls;
    /** Connections whose answers wait for the peer to read. */
    atomic_int unsent;
    /** Bytes of unfinished messages, of requests in flight and of unsent answers. */
    atomic_llong buffered;
};

/** The link in the listener's list. */
struct connection_link {
    LIST_ENTRY(connection_link) entry;
    struct connection *connection;
    /**
     * Whom it counts for: an IPv6 address cut to its /64, which is one customer's, or an IPv4 one.
     */
    struct in6_addr customer;
    /** What that one's connections hold of connection_shared.buffered. */
    atomic_llong *held;
};

#endif
