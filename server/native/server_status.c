#include <string.h>
#include <time.h>

#include "server/base/metrics.h"
#include "server/base/process.h"
#include "server/monitor/state.h"
#include "server/native/natives.h"

/** Sets fields of a message by name; what does not fit into the arena fails the call. */
struct filling {
    struct call *call;
    ProtobufCMessage *message;
};

static void
check_filled(struct filling *f, int rc)
{
    if (rc < 0)
        status_set(&f->call->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
}

static const struct schema_field *
field(const struct filling *f, const char *name)
{
    return schema_find_field(schema_of(f->message), name);
}

static void
fill_number(struct filling *f, const char *name, int64_t value)
{
    check_filled(f, message_put_integer(f->call->arena, f->message, field(f, name), value));
}

static void
fill_text(struct filling *f, const char *name, const char *value)
{
    check_filled(f, message_put_string(f->call->arena, f->message, field(f, name), value,
                                       strlen(value)));
}

static void
fill_time(struct filling *f, const char *name, int64_t at_s)
{
    struct filling time = {f->call, message_need_child(f->call->arena, f->message, field(f, name))};
    if (time.message)
        fill_number(&time, "seconds", at_s);
    else
        check_filled(f, -1);
}

/** A new element of a repeated field. Its message is NULL without memory. */
static struct filling
fill_element(struct filling *f, const char *name)
{
    const struct schema_field *list = field(f, name);
    struct filling one = {f->call, message_new(f->call->arena, list->message)};
    if (!one.message || message_put(f->call->arena, f->message, list, &one.message) < 0)
        check_filled(f, -1);
    return one;
}

static void
put_lanes(struct filling *f, const char *kind, const struct lanes_state *l)
{
    struct filling one = fill_element(f, "lanes");
    if (!one.message)
        return;
    fill_text(&one, "kind", kind);
    fill_number(&one, "waiting", l->waiting);
    fill_number(&one, "queue_limit", l->limit);
    fill_number(&one, "busy", l->busy);
    fill_number(&one, "idle", l->idle);
    fill_number(&one, "connected", l->connected);
}

static void
put_refusals(struct filling *f)
{
    for (int i = 0; i < METRICS_REFUSED_CAUSES; i++) {
        uint64_t n = metrics_refusals((enum metrics_refused)i);
        struct filling one = {.message = NULL};
        if (n > 0)
            one = fill_element(f, "refusals");
        if (!one.message)
            continue;
        fill_text(&one, "cause", metrics_cause((enum metrics_refused)i));
        fill_number(&one, "count", (int64_t)n);
    }
}

/** The lines of @reasons as one. */
static void
put_reason(struct filling *f, const char *reasons)
{
    size_t n = strlen(reasons);
    char *one = n > 0 ? arena_copy(f->call->arena, reasons, n - 1) : NULL;
    for (char *p = one; p && *p; p++)
        if (*p == '\n')
            *p = ';';
    if (one)
        fill_text(f, "reason", one);
}

static void
put_state(struct filling *f, const struct state *s)
{
    fill_text(f, "version", JIAYI_VERSION);
    fill_text(f, "state", s->draining ? "DRAINING" : *s->not_ready ? "NOT_READY" : "READY");
    put_reason(f, s->not_ready);
    fill_time(f, "started_at", s->started_at_s);
    fill_number(f, "uptime_s", time(NULL) - s->started_at_s);
    fill_text(f, "database", s->database.is_up ? "UP" : "DOWN");
    fill_number(f, "calls_in_flight", s->calls_in_flight);
    fill_number(f, "held_calls", s->held.held);
    fill_number(f, "connections", s->connections_open);
    fill_number(f, "passwords_waiting",
                s->pool.waiting[POOL_SIGN_IN] + s->pool.waiting[POOL_SET_PASSWORD]);
    fill_number(f, "memory_bytes", process_resident_bytes());
    if (s->data_size_bytes)
        fill_number(f, "data_free_bytes", (int64_t)s->data_free_bytes);
    for (int kind = 0; kind < CALL_LANES; kind++)
        put_lanes(f, state_lanes[kind], &s->lanes[kind]);
}

static void
put_totals(struct filling *f)
{
    struct metrics_totals t;
    metrics_total(&t);
    fill_number(f, "calls", (int64_t)t.calls);
    fill_number(f, "failures", (int64_t)t.failures);
    fill_number(f, "slow_calls", (int64_t)metrics_counted(METRICS_CALLS_SLOW));
    fill_number(f, "connections_accepted", (int64_t)metrics_counted(METRICS_CONNECTIONS_ACCEPTED));
    fill_text(f, "self_check", t.self_check < 0 ? "UNKNOWN" : t.self_check ? "OK" : "FAILING");
    if (t.certificate_not_after_s)
        fill_time(f, "certificate_expires_at", t.certificate_not_after_s);
}

void
native_server_status(struct call *c)
{
    struct state state;
    struct filling f = {c, c->out};
    state_look(c->gate->state, &state);
    put_state(&f, &state);
    put_totals(&f);
    put_refusals(&f);
}
