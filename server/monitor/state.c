#include "server/monitor/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "server/base/metrics.h"

const char *const state_lanes[CALL_LANES] = {
    [CALL_LANES_NORMAL] = "normal", [CALL_LANES_WRITE] = "write", [CALL_LANES_HEAVY] = "heavy",
    [CALL_LANES_SEARCH] = "search", [CALL_LANES_LOGIN] = "login",
};

/** Adds a line to the reasons for not being ready. */
static void __attribute__((format(printf, 2, 3)))
not_ready(struct state *st, const char *format, ...)
{
    size_t n = strlen(st->not_ready);
    va_list args;
    va_start(args, format);
    vsnprintf(st->not_ready + n, sizeof st->not_ready - n, format, args);
    va_end(args);
}

static void
judge_readiness(struct state *st)
{
    const struct probe_state *d = &st->database;
    if (st->connections_limit == 0)
        not_ready(st, "starting: the server does not listen yet\n");
    if (st->draining)
        not_ready(st, "draining: the server is going down\n");
    if (!d->is_up)
        not_ready(st, "database: %s\n", d->why);
    else if (d->schema_version != st->schema_wanted)
        not_ready(st, "schema: the database is at version %d, this program at %d\n",
                  d->schema_version, st->schema_wanted);
}

void
state_look(const struct state_sources *from, struct state *ret)
{
    struct metrics_totals totals;
    struct statvfs fs;
    metrics_total(&totals);
    /* What ends first, so that no difference is negative. */
    uint64_t closed = metrics_counted(METRICS_CONNECTIONS_CLOSED);
    *ret = (struct state){
        .started_at_s = from->started_at_s,
        .draining = gate_is_closed(from->gate),
        .schema_wanted = from->schema_wanted,
        .calls_in_flight = (int64_t)(metrics_counted(METRICS_CALLS_RECEIVED) - totals.calls),
        .connections_open = (int64_t)(metrics_counted(METRICS_CONNECTIONS_ACCEPTED) - closed),
        .calls_limit = from->calls_limit,
        .connections_limit = atomic_load(&from->connections_limit),
        .dispatch_late_ms = dispatcher_late_ms(from->dispatcher),
        .search_late_ms = indexer_late_ms(from->indexer),
    };
    for (int kind = 0; kind < CALL_LANES; kind++)
        lanes_look(from->lanes, (enum call_lanes)kind, &ret->lanes[kind]);
    pool_look(from->pool, &ret->pool);
    held_look(from->held, &ret->held);
    /* Those wait outside of what calls_limit bounds. */
    ret->calls_in_flight -= ret->held.held;
    if (ret->calls_in_flight < 0)
        ret->calls_in_flight = 0;
    probe_look(from->probe, &ret->database);
    if (from->data_path && statvfs(from->data_path, &fs) == 0) {
        ret->data_size_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
        ret->data_free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    }
    judge_readiness(ret);
}
