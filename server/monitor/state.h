/**
 * The state: how the server is just now, all that goes up and down, gathered from the parts that
 * know.
 */
#ifndef JIAYI_SERVER_MONITOR_STATE_H
#define JIAYI_SERVER_MONITOR_STATE_H

#include "server/call/gate.h"
#include "server/call/held.h"
#include "server/call/lane.h"
#include "server/call/pool.h"
#include "server/jobs/dispatcher.h"
#include "server/jobs/indexer.h"
#include "server/monitor/probe.h"

/** Whom to ask. Outlives everybody who looks. */
struct state_sources {
    struct lanes *lanes;
    struct pool *pool;
    struct held *held;
    struct probe *probe;
    /** NULL: this server tells nobody of events. */
    struct dispatcher *dispatcher;
    struct indexer *indexer;
    const struct gate *gate;
    /** The data folder, whose file system is looked at; NULL: none is. */
    const char *data_path;
    int64_t started_at_s;
    /** The schema version that this program brings. */
    int schema_wanted;
    int calls_limit;
    /** 0 while the server does not listen yet. */
    atomic_int connections_limit;
};

/** A look at one moment. */
struct state {
    int64_t started_at_s;
    bool draining;
    /** Why the server should get no calls just now, part by part, in lines; "" when it should. */
    char not_ready[400];
    struct lanes_state lanes[CALL_LANES];
    struct pool_state pool;
    struct held_state held;
    struct probe_state database;
    int schema_wanted;
    /** dispatcher_late_ms() */
    int64_t dispatch_late_ms;
    /** indexer_late_ms() */
    int64_t search_late_ms;
    int64_t calls_in_flight, connections_open;
    /** The most of each; 0 for connections while the server does not listen yet. */
    int calls_limit, connections_limit;
    /** Of the file system with the data folder; 0 when not known. */
    uint64_t data_size_bytes, data_free_bytes;
};

/** state_lanes - what the lanes of each kind are called: "normal". */
extern const char *const state_lanes[CALL_LANES];

/** state_look() - how the server is. Waits for nothing but short locks. Any thread. */
void state_look(const struct state_sources *from, struct state *ret);

#endif
