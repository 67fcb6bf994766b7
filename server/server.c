#include "server/server.h"

#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/base/metrics.h"
#include "server/base/periodic.h"
#include "server/call/budget.h"
#include "server/call/gate.h"
#include "server/call/held.h"
#include "server/database/migrate.h"
#include "server/door/listener.h"
#include "server/folder/certs.h"
#include "server/jobs/dispatcher.h"
#include "server/jobs/exporter.h"
#include "server/jobs/indexer.h"
#include "server/jobs/worker.h"
#include "server/method/boot_check.h"
#include "server/monitor/monitor.h"
#include "server/monitor/self_check.h"
#include "server/monitor/state.h"
#include "server/native/natives.h"

/** How often a drain looks whether there is a hurry. */
#define DRAIN_STEP_MS 100

enum {
    /** How long a drain waits for calls that peers have begun to send. */
    LEAVE_MS = 2000,
    /** How often memory is given back, and how much of it must lie idle. */
    TRIM_EVERY_S = 10,
    TRIM_BYTES = 4 << 20,
    /**
     * What a network of strangers is given, in steps of BUDGET_STEP_BYTES: 256 KiB a second, 8 MiB
     * at once.
     */
    STRANGERS_RATE = 64,
    STRANGERS_BURST = 2048,
};

struct server {
    struct methods *methods;
    struct gate gate;
    /** Lanes, pool, probe, dispatcher, indexer and held calls are kept here alone. */
    struct state_sources state;
    /** The tender looks for it from before it is there. */
    struct listener *_Atomic listener;
    struct worker *worker;
    struct exporter *exporter;
    struct monitor *monitor;
    struct self_check *self_check;
    struct periodic *tender;
    unsigned seconds;
    const char *cert_pem_path;
    /** How many of the parts have started. */
    size_t n_parts;
};

/** A sign-in is two short transactions, between which its password is hashed for long. */
#define LOGIN_LANES 2

/* The parts. */

static int
start_methods(struct server *s, const struct server_options *o, struct status *e)
{
    s->methods = methods_load(natives, e);
    if (s->methods &&
        boot_check_methods(s->methods, o->app_conninfo, o->login_conninfo, NULL, e) == 0)
        return 0;
    methods_free(s->methods);
    return -1;
}

static void
free_methods(struct server *s)
{
    methods_free(s->methods);
}

static int
start_metrics(struct server *s, const struct server_options *o, struct status *e)
{
    (void)o;
    return metrics_start(s->methods->n, e);
}

static void
free_metrics(struct server *s)
{
    (void)s;
    metrics_log_refused();
    metrics_stop();
}

static int
start_probe(struct server *s, const struct server_options *o, struct status *e)
{
    s->state.probe = probe_start(o->app_conninfo, e);
    return s->state.probe ? 0 : -1;
}

static void
stop_probe(struct server *s)
{
    probe_stop(s->state.probe);
}

static int
start_lanes(struct server *s, const struct server_options *o, struct status *e)
{
    const struct config *c = o->config;
    s->state.lanes =
        lanes_start(&(struct lanes_options){.conninfo = o->app_conninfo,
                                            .login_conninfo = o->login_conninfo,
                                            .methods = s->methods,
                                            .n_lanes = {[CALL_LANES_NORMAL] = c->lanes,
                                                        [CALL_LANES_WRITE] = c->write_lanes,
                                                        [CALL_LANES_HEAVY] = c->heavy_lanes,
                                                        [CALL_LANES_SEARCH] = c->search_lanes,
                                                        [CALL_LANES_LOGIN] = LOGIN_LANES},
                                            .batch = c->batch,
                                            .queue_limit = c->queue_limit},
                    e);
    return s->state.lanes ? 0 : -1;
}

static void
stop_lanes(struct server *s)
{
    lanes_stop(s->state.lanes);
}

static void
free_lanes(struct server *s)
{
    lanes_free(s->state.lanes);
}

static int
start_pool(struct server *s, const struct server_options *o, struct status *e)
{
    s->state.pool = pool_start(o->config->password_workers, o->config->password_queue, e);
    return s->state.pool ? 0 : -1;
}

static void
stop_pool(struct server *s)
{
    pool_stop(s->state.pool);
}

static void
free_pool(struct server *s)
{
    pool_free(s->state.pool);
}

static int
start_worker(struct server *s, const struct server_options *o, struct status *e)
{
    if (strcmp(o->config->jobs, "no") == 0)
        return 0;
    s->worker = worker_start(o->job_conninfo, e);
    return s->worker ? 0 : -1;
}

static void
stop_worker(struct server *s)
{
    worker_stop(s->worker);
}

static void
tend(void *arg)
{
    struct server *s = arg;
    struct listener *listener = s->listener;
    metrics_log_refused();
    if (s->seconds++ % TRIM_EVERY_S != 0)
        return;
    if (listener)
        listener_rest(listener);
    if (mallinfo2().fordblks > TRIM_BYTES)
        malloc_trim(0);
}

static int
start_dispatcher(struct server *s, const struct server_options *o, struct status *e)
{
    if (strcmp(o->config->jobs, "no") == 0)
        return 0;
    s->state.dispatcher = dispatcher_start(o->job_conninfo, e);
    return s->state.dispatcher ? 0 : -1;
}

static void
stop_dispatcher(struct server *s)
{
    dispatcher_stop(s->state.dispatcher);
}

static void
free_dispatcher(struct server *s)
{
    dispatcher_free(s->state.dispatcher);
}

static int
start_indexer(struct server *s, const struct server_options *o, struct status *e)
{
    if (strcmp(o->config->jobs, "no") == 0)
        return 0;
    s->state.indexer = indexer_start(o->job_conninfo, e);
    return s->state.indexer ? 0 : -1;
}

static void
stop_indexer(struct server *s)
{
    indexer_stop(s->state.indexer);
}

static void
free_indexer(struct server *s)
{
    indexer_free(s->state.indexer);
}

static int
start_exporter(struct server *s, const struct server_options *o, struct status *e)
{
    if (strcmp(o->config->jobs, "no") == 0)
        return 0;
    s->exporter = exporter_start(o->job_conninfo, e);
    return s->exporter ? 0 : -1;
}

static void
stop_exporter(struct server *s)
{
    exporter_stop(s->exporter);
}

static int
start_held(struct server *s, const struct server_options *o, struct status *e)
{
    s->state.held = held_start(o->job_conninfo, s->state.lanes, o->config->held_limit, e);
    return s->state.held ? 0 : -1;
}

static void
stop_held(struct server *s)
{
    held_stop(s->state.held);
}

static void
free_held(struct server *s)
{
    held_free(s->state.held);
}

static int
start_tender(struct server *s, const struct server_options *o, struct status *e)
{
    (void)o;
    s->tender = periodic_start("tender", 1000, tend, s, e);
    return s->tender ? 0 : -1;
}

static void
stop_tender(struct server *s)
{
    periodic_stop(s->tender);
}

static int
start_gate(struct server *s, const struct server_options *o, struct status *e)
{
    struct budget *budget = budget_new(o->config->write_rate, o->config->write_burst);
    struct budget *strangers = budget_new(STRANGERS_RATE, STRANGERS_BURST);
    s->gate = (struct gate){.methods = s->methods,
                            .lanes = s->state.lanes,
                            .pool = s->state.pool,
                            .held = s->state.held,
                            .budget = budget,
                            .strangers = strangers,
                            .default_timeout_ms = o->config->default_timeout_ms,
                            .max_timeout_ms = o->config->max_timeout_ms,
                            .search_timeout_ms = o->config->search_timeout_ms,
                            .keys = o->keys,
                            .state = &s->state};
    if (budget && strangers)
        return 0;
    budget_free(budget);
    budget_free(strangers);
    return status_set(e, STATUS_INTERNAL, "no memory for the budgets");
}

static void
stop_gate(struct server *s)
{
    gate_close(&s->gate);
}

static void
free_gate(struct server *s)
{
    budget_free(s->gate.budget);
    budget_free(s->gate.strangers);
}

static int
start_monitor(struct server *s, const struct server_options *o, struct status *e)
{
    if (!*o->config->monitor_listen)
        return 0;
    s->monitor = monitor_start(o->config->monitor_listen, &s->state, e);
    return s->monitor ? 0 : -1;
}

static void
stop_monitor(struct server *s)
{
    monitor_stop(s->monitor);
}

static int
start_listener(struct server *s, const struct server_options *o, struct status *e)
{
    s->listener = listener_start(&(struct listener_options){.config = o->config,
                                                            .cert_pem_path = o->cert_pem_path,
                                                            .key_pem_path = o->key_pem_path,
                                                            .gate = &s->gate},
                                 e);
    if (!s->listener)
        return -1;
    metrics_certificate(certs_not_after(o->cert_pem_path));
    return 0;
}

static void
stop_listener(struct server *s)
{
    listener_stop(s->listener);
}

static void
free_listener(struct server *s)
{
    listener_free(s->listener);
}

static int
start_self_check(struct server *s, const struct server_options *o, struct status *e)
{
    s->self_check = self_check_start(listener_url(s->listener), o->config->proxy_from, e);
    return s->self_check ? 0 : -1;
}

static void
stop_self_check(struct server *s)
{
    self_check_stop(s->self_check);
}

/**
 * A part of the server. They start in the order of the table. In the opposite order each first
 * stops - ends what it does and takes nothing new -, and when none does anything any more, is
 * freed. So a call that is late meets parts that refuse it, and never one that is gone.
 */
struct part {
    int (*start)(struct server *s, const struct server_options *o, struct status *e);
    /** NULL: there is nothing to do. */
    void (*stop)(struct server *s);
    void (*free)(struct server *s);
};

static const struct part parts[] = {
    {start_methods, NULL, free_methods},
    {start_metrics, NULL, free_metrics},
    {start_probe, stop_probe, NULL},
    {start_lanes, stop_lanes, free_lanes},
    {start_pool, stop_pool, free_pool},
    {start_worker, stop_worker, NULL},
    {start_dispatcher, stop_dispatcher, free_dispatcher},
    {start_indexer, stop_indexer, free_indexer},
    {start_exporter, stop_exporter, NULL},
    {start_held, stop_held, free_held},
    {start_tender, stop_tender, NULL},
    {start_gate, stop_gate, free_gate},
    {start_monitor, stop_monitor, NULL},
    {start_listener, stop_listener, free_listener},
    {start_self_check, stop_self_check, NULL},
};

/* Starting and ending. */

static void
end_parts(struct server *s)
{
    for (size_t i = s->n_parts; i-- > 0;)
        if (parts[i].stop)
            parts[i].stop(s);
    for (size_t i = s->n_parts; i-- > 0;)
        if (parts[i].free)
            parts[i].free(s);
    free(s);
}

int
server_start(const struct server_options *o, struct server **ret, struct status *e)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return status_set(e, STATUS_INTERNAL, "no memory for the server");
    s->cert_pem_path = o->cert_pem_path;
    s->state = (struct state_sources){.gate = &s->gate,
                                      .data_path = o->data_path,
                                      .started_at_s = time(NULL),
                                      .schema_wanted = migrate_newest(embed_migrations),
                                      .calls_limit = o->config->calls_limit};
    for (; s->n_parts < sizeof parts / sizeof *parts; s->n_parts++)
        if (parts[s->n_parts].start(s, o, e) < 0) {
            end_parts(s);
            return -1;
        }
    atomic_store(&s->state.connections_limit, listener_connections_limit(s->listener));
    *ret = s;
    return 0;
}

const char *
server_url(const struct server *s)
{
    return listener_url(s->listener);
}

int
server_monitor_port(const struct server *s)
{
    return s->monitor ? monitor_port(s->monitor) : 0;
}

int
server_reload_tls(struct server *s, struct status *e)
{
    if (listener_reload_tls(s->listener, e) < 0)
        return -1;
    metrics_certificate(certs_not_after(s->cert_pem_path));
    return 0;
}

/** Waits for the calls in flight in short steps, to see whether there is a hurry. */
static bool
drain(struct server *s, int64_t timeout_ms, int hurry_fd)
{
    struct pollfd hurry = {.fd = hurry_fd, .events = POLLIN};
    int64_t until_us = clock_now_us() + timeout_ms * 1000;
    do {
        if (listener_drain(s->listener, DRAIN_STEP_MS))
            return true;
        if (poll(&hurry, 1, 0) == 1) {
            log_event(LOG_WARN, "drain_hurried");
            return false;
        }
    } while (clock_now_us() < until_us);
    return false;
}

void
server_drain(struct server *s, int drain_timeout_s, int hurry_fd)
{
    int64_t timeout_ms = drain_timeout_s * INT64_C(1000);
    listener_leave(s->listener, timeout_ms < LEAVE_MS ? (int)timeout_ms : LEAVE_MS);
    gate_close(&s->gate);
    held_close(s->state.held);
    if (!drain(s, timeout_ms, hurry_fd))
        lanes_abort(s->state.lanes);
    end_parts(s);
}
