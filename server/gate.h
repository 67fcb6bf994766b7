/**
 * The gate: from a received message to a call that may be run.
 *
 * Everything here comes from the schema: the method, its deadline, the request's type and the rules
 * of its fields. Nothing waits: the gate runs on nng's threads.
 */
#ifndef JIAYI_SERVER_GATE_H
#define JIAYI_SERVER_GATE_H

#include "server/call.h"
#include "server/lane.h"
#include "server/pool.h"

struct state_sources;

struct gate {
    const struct methods *methods;
    struct lanes *lanes;
    struct pool *pool;
    int default_timeout_ms, max_timeout_ms;
    /** How the server is, for native methods. */
    const struct state_sources *state;
    /** See gate_close(). */
    atomic_bool is_closed;
};

/** gate_close() - the server goes down: new calls are refused with UNAVAILABLE. Any thread. */
void gate_close(struct gate *g);

/** gate_is_closed() - true once gate_close() was called. Any thread. */
bool gate_is_closed(const struct gate *g);

/**
 * gate_enter() - take the packed RpcRequest @data and see the call through.
 *
 * @c: made by the listener with arena, received_us, address, finish and owner set
 *
 * c->finish(c) runs once: here when the request is refused, later on a lane or a thread of the
 * password pool otherwise. The message may be freed when this returns.
 */
void gate_enter(const struct gate *g, struct call *c, const uint8_t *data, size_t size);

#endif
