#include "server/server.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "server/check.h"
#include "server/gate.h"
#include "server/housekeeper.h"
#include "server/listener.h"

struct server {
    struct methods *methods;
    struct lanes *lanes;
    struct password_pool *passwords;
    struct gate gate;
    struct listener *listener;
    struct housekeeper *housekeeper;
    atomic_bool draining;
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

/** Ends every thread that uses the database. */
static void
stop_work(struct server *s)
{
    housekeeper_stop(s->housekeeper);
    password_pool_stop(s->passwords);
    lanes_stop(s->lanes);
}

static int
start(struct server *s, const struct server_options *o, struct status *e)
{
    const struct config *c = o->config;
    s->methods = methods_load(e);
    if (!s->methods || check_methods(s->methods, o->app_conninfo, NULL, e) < 0)
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
    s->passwords = password_pool_start(c->password_workers, c->password_queue, e);
    if (!s->passwords)
        return -1;
    s->housekeeper = housekeeper_start(o->app_conninfo, e);
    if (!s->housekeeper)
        return -1;
    s->gate = (struct gate){.methods = s->methods,
                            .lanes = s->lanes,
                            .passwords = s->passwords,
                            .default_timeout_ms = c->default_timeout_ms,
                            .max_timeout_ms = c->max_timeout_ms};
    char url[CONFIG_LISTEN_BYTES + 16];
    config_listen_url(c, url);
    s->listener =
        listener_start(&(struct listener_options){.url = url,
                                                  .cert_pem_path = o->cert_pem_path,
                                                  .key_pem_path = o->key_pem_path,
                                                  .tls_min_version = c->tls_min_version,
                                                  .contexts = c->contexts,
                                                  .arena_limit_bytes = c->arena_limit_bytes,
                                                  .send_timeout_ms = c->send_timeout_ms,
                                                  .reply = {c->message_limit_bytes,
                                                            c->slow_call_ms},
                                                  .gate = &s->gate,
                                                  .server = s},
                       e);
    return s->listener ? 0 : -1;
}

int
server_start(const struct server_options *o, struct server **ret, struct status *e)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return status_set(e, STATUS_INTERNAL, "no memory for the server");
    if (start(s, o, e) < 0) {
        stop_work(s);
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
server_reload_tls(struct server *s, struct status *e)
{
    return listener_reload_tls(s->listener, e);
}

void
server_drain(struct server *s, int drain_timeout_s)
{
    atomic_store(&s->draining, true);
    if (!listener_drain(s->listener, drain_timeout_s * 1000))
        lanes_abort(s->lanes);
    stop_work(s);
}

bool
server_is_draining(const struct server *s)
{
    return atomic_load(&s->draining);
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
