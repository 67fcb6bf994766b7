/**
 * The gate: from a request, whatever door it came through, to a call that may be run.
 *
 * Everything here comes from the schema: the method, its deadline, the request's type and the rules
 * of its fields. Nothing waits: the gate runs on nng's threads.
 */
#ifndef JIAYI_SERVER_CALL_GATE_H
#define JIAYI_SERVER_CALL_GATE_H

#include "server/call/call.h"
#include "server/call/lane.h"
#include "server/call/pool.h"

struct budget;
struct held;
struct keyring;
struct state_sources;

struct gate {
    const struct methods *methods;
    struct lanes *lanes;
    struct pool *pool;
    /** Calls that wait for news. */
    struct held *held;
    /** What companies may change. */
    struct budget *budget;
    /** What networks are given without signing in. */
    struct budget *strangers;
    int default_timeout_ms, max_timeout_ms, search_timeout_ms;
    /** The keys that seal secrets, for native methods. */
    const struct keyring *keys;
    /** How the server is, for native methods. */
    const struct state_sources *state;
    /** See gate_close(). */
    atomic_bool is_closed;
};

/** What is asked, in whatever way it was told. Texts are UTF-8, or NULL where nothing was said. */
struct gate_request {
    /** "jiayi.v1.DealService/GetDeal". */
    const char *method;
    /** The request message, packed or as JSON. */
    ProtobufCBinaryData payload;
    bool is_json;
    const char *token;
    ProtobufCBinaryData request_id;
    bool has_request_id, has_timeout;
    /** Where the method has the option hold, the caller takes many answers. */
    bool is_stream;
    uint32_t timeout_ms;
    /** What the peer says that it is. */
    const char *client;
    /** The language that the caller reads. */
    const char *locale;
};

/** gate_close() - the server goes down: new calls are refused with UNAVAILABLE. Any thread. */
void gate_close(struct gate *g);

/** gate_is_closed() - true once gate_close() was called. Any thread. */
bool gate_is_closed(const struct gate *g);

/**
 * gate_enter() - take the request and see the call through.
 *
 * @c: made by the door with arena, received_us, address, finish and owner set; with a status that
 *     is not OK where the door could not read the request: then it is refused by that, and @r is
 *     not looked at
 *
 * c->finish(c) runs once: here when the request is refused, later on a lane or a thread of the pool
 * otherwise. What @r points to, but for texts in the call's arena, may go when this returns.
 */
void gate_enter(const struct gate *g, struct call *c, const struct gate_request *r);

#endif
