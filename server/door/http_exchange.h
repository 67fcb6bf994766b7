/**
 * Requests of one peer by HTTP/2, each a stream, from their heads to where they are whole: what is
 * no call is answered at once, and so are health and reflection; the rest waits for its turn at the
 * gate. What becomes of it there: http_calls.c.
 */
#ifndef JIAYI_SERVER_DOOR_HTTP_EXCHANGE_H
#define JIAYI_SERVER_DOOR_HTTP_EXCHANGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "server/door/connection.h"
#include "server/door/grpc.h"
#include "server/door/grpc_standard.h"
#include "server/door/http2.h"
#include "server/door/http_request.h"

enum {
    /** Answers of one connection that wait to be read. */
    HTTP_ANSWERS_BYTES = 4 << 20,
    /** When who asks for too much at once is to come again. */
    HTTP_RETRY_MS = 500,
};

/** The peer of a connection, as far as requests and calls share it. */
struct http_peer {
    struct connection *connection;
    const struct connection_shared *shared;
    /** Guards what follows. Under it nothing is asked of the connection. */
    pthread_mutex_t lock;
    /** NULL until the first bytes come: who is silent costs TLS alone. */
    struct http2 *session;
    /** The most bytes that a message may have, just now. */
    uint64_t limit;
    /** Requests that are whole, and wait for their turn at the gate; and calls of Health/Watch. */
    TAILQ_HEAD(http_exchanges, http_exchange) ready, watching;
    /** Requests that have begun and are not at the gate yet; calls that are under way. */
    int begun, running;
    /** What requests declare, and what they take; what answers will take that are being made. */
    size_t declared, taken, promised;
    bool is_leaving, is_gone;
};

/** A stream: a request, and the call that became of it. */
struct http_exchange {
    TAILQ_ENTRY(http_exchange) entry;
    struct http_peer *peer;
    int32_t stream;
    enum {
        HTTP_EXCHANGE_RECEIVING,
        HTTP_EXCHANGE_READY,
        HTTP_EXCHANGE_WATCHING,
        HTTP_EXCHANGE_CALLED
    } state;
    /** NULL once it is at the gate. */
    struct http_request *request;
    /** Health and reflection; NULL for our methods. */
    const struct grpc_standard *standard;
    struct grpc_reader reader;
    /** Of the peer's. */
    size_t declared, taken;
    /** Of the call that is under way. */
    atomic_bool *is_abandoned;
};

/** What happens to the streams of a struct http_peer, whose lock is held. */
extern const struct http2_events http_exchange_events;

/** http_exchange_discount() - its request is at the gate: it counts there. The lock is held. */
void http_exchange_discount(struct http_exchange *x);

/** http_exchange_leave() - the server goes: tell who watches its health. The lock is held. */
void http_exchange_leave(struct http_peer *p);

#endif
