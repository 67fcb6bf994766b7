#include "server/server.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "common/clock.h"
#include "server/certs.h"
#include "common/log.h"
#include "server/check.h"
#include "server/gate.h"
#include "server/housekeeper.h"
#include "server/listener.h"
#include "server/metrics.h"
#include "server/migrate.h"
#include "server/monitor.h"
#include "server/periodic.h"
#include "server/self_check.h"

/** How often a drain looks whether there is a hurry. */
#define DRAIN_STEP_MS 100

enum {
    /** How often memory is given back, and how much of it must lie idle. */
    TRIM_EVERY_S = 10,
    TRIM_BYTES = 16 << 20,
};

struct server {
    struct methods *methods;
    struct lanes *lanes;
    struct pool *pool;
    struct gate gate;
    struct listener *listener;
    struct housekeeper *housekeeper;
    struct probe *probe;
    struct monitor *monitor;
    struct self_check *self_check;
    struct periodic *tender;
    unsigned seconds;
    const char *cert_pem_path, *data_path;
    int64_t started_at_s;
    int schema_wanted, calls_limit;
    atomic_bool listening, draining;
};

int
server_check(const char *app_conninfo, const char *print_method, FILE *out, struct status *e)
{
    struct methods *m = methods_load(e);
    if (!m)
        return -1;
    int rc = print_method ? check_print(m, print_method, out, e)
                          : check_methods(m, app_conninfo, out, e);
    methods_free(m);
    return rc;
}

/** Every second: writes what was refused, and now and then gives memory back that a wave of calls or peers took. */
static void
tend(void *arg)
{
    struct server *s = arg;
    metrics_log_refused();
    if (s->seconds++ % TRIM_EVERY_S == 0 && mallinfo2().fordblks > TRIM_BYTES)
        malloc_trim(0);
}

/** Ends every thread that uses the database. What server_look() looks at goes after those who look. */
static void
stop_work(struct server *s)
{
    monitor_stop(s->monitor);
    self_check_stop(s->self_check);
    periodic_stop(s->tender);
    housekeeper_stop(s->housekeeper);
    pool_stop(s->pool);
    lanes_stop(s->lanes);
    pool_free(s->pool);
    probe_stop(s->probe);
}

static int
start(struct server *s, const struct server_options *o, struct status *e)
{
    const struct config *c = o->config;
    s->cert_pem_path = o->cert_pem_path;
    s->data_path = o->data_path;
    s->started_at_s = time(NULL);
    s->calls_limit = c->calls_limit;
    s->schema_wanted = migrate_newest(embed_migrations);
    s->methods = methods_load(e);
    if (!s->methods || check_methods(s->methods, o->app_conninfo, NULL, e) < 0)
        return -1;
    if (metrics_start(s->methods, e) < 0)
        return -1;
    s->lanes = lanes_start(&(struct lanes_options){.conninfo = o->app_conninfo,
                                                   .methods = s->methods,
                                                   .n_lanes = c->lanes,
                                                   .n_heavy_lanes = c->heavy_lanes,
                                                   .batch = c->batch,
                                                   .queue_limit = c->queue_limit},
                           e);
    if (!s->lanes)
        return -1;
    s->pool = pool_start(c->password_workers, c->password_queue, e);
    if (!s->pool)
        return -1;
    s->housekeeper = housekeeper_start(o->app_conninfo, e);
    if (!s->housekeeper)
        return -1;
    s->probe = probe_start(o->app_conninfo, e);
    if (!s->probe)
        return -1;
    s->tender = periodic_start("tender", 1000, tend, s, e);
    if (!s->tender)
        return -1;
    s->gate = (struct gate){.methods = s->methods,
                            .lanes = s->lanes,
                            .pool = s->pool,
                            .default_timeout_ms = c->default_timeout_ms,
                            .max_timeout_ms = c->max_timeout_ms};
    if (*c->monitor_listen && !(s->monitor = monitor_start(c->monitor_listen, s, e)))
        return -1;
    s->listener = listener_start(&(struct listener_options){.config = c,
                                                            .cert_pem_path = o->cert_pem_path,
                                                            .key_pem_path = o->key_pem_path,
                                                            .gate = &s->gate,
                                                            .server = s},
                                 e);
    if (!s->listener)
        return -1;
    metrics_certificate(certs_not_after(o->cert_pem_path));
    s->self_check = self_check_start(listener_url(s->listener), e);
    if (!s->self_check)
        return -1;
    atomic_store(&s->listening, true);
    return 0;
}

int
server_start(const struct server_options *o, struct server **ret, struct status *e)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return status_set(e, STATUS_INTERNAL, "no memory for the server");
    if (start(s, o, e) < 0) {
        /* Before what it gives calls to: somebody may be in already. */
        listener_stop(s->listener);
        stop_work(s);
        metrics_stop();
        methods_free(s->methods);
        free(s);
        return -1;
    }
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
    atomic_store(&s->draining, true);
    if (!drain(s, drain_timeout_s * INT64_C(1000), hurry_fd))
        lanes_abort(s->lanes);
    stop_work(s);
    listener_stop(s->listener);
    metrics_log_refused();
    metrics_stop();
    methods_free(s->methods);
    free(s);
}

bool
server_is_draining(const struct server *s)
{
    return atomic_load(&s->draining);
}

/** Adds a line to the reasons for not being ready. */
static void __attribute__((format(printf, 2, 3)))
not_ready(struct server_state *st, const char *format, ...)
{
    size_t n = strlen(st->not_ready);
    va_list args;
    va_start(args, format);
    vsnprintf(st->not_ready + n, sizeof st->not_ready - n, format, args);
    va_end(args);
}

static void
judge_readiness(struct server_state *st, bool listening)
{
    const struct probe_state *d = &st->database;
    if (!listening)
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
server_look(struct server *s, struct server_state *ret)
{
    struct metrics_totals totals;
    struct statvfs fs;
    bool listening = atomic_load(&s->listening);
    metrics_total(&totals);
    /* What ends first, so that no difference is negative. */
    uint64_t closed = metrics_counted(METRICS_CONNECTIONS_CLOSED);
    *ret = (struct server_state){
        .started_at_s = s->started_at_s,
        .draining = server_is_draining(s),
        .schema_wanted = s->schema_wanted,
        .calls_in_flight = (int64_t)(metrics_counted(METRICS_CALLS_RECEIVED) - totals.calls),
        .connections_open = (int64_t)(metrics_counted(METRICS_CONNECTIONS_ACCEPTED) - closed),
        .calls_limit = s->calls_limit,
        .connections_limit = listening ? listener_connections_limit(s->listener) : 0,
    };
    for (int heavy = 0; heavy < 2; heavy++)
        lanes_look(s->lanes, heavy, &ret->lanes[heavy]);
    pool_look(s->pool, &ret->passwords);
    probe_look(s->probe, &ret->database);
    if (s->data_path && statvfs(s->data_path, &fs) == 0) {
        ret->data_size_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
        ret->data_free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    }
    judge_readiness(ret, listening);
}

const struct gate *
server_gate(const struct server *s)
{
    return &s->gate;
}

static void
wake(struct call *c)
{
    sem_post(c->work.wake);
}

int
server_run(struct call *c, const char *step, const struct bind_named *named, size_t n_named)
{
    sem_t done;
    sem_init(&done, 0, 0);
    c->work = (struct call_work){.statement = step ? method_step(c->method, step) : NULL,
                                 .named = named,
                                 .n_named = n_named,
                                 .authorize = !c->method->is_public,
                                 .wake = &done,
                                 .done = wake};
    lanes_submit(c->server->lanes, c);
    while (sem_wait(&done) < 0 && errno == EINTR)
        ;
    sem_destroy(&done);
    return c->status.code == STATUS_OK ? 0 : -1;
}
