#include "server/monitor/monitor.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/address.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/printed.h"
#include "server/monitor/scrape.h"
#include "server/monitor/state.h"

enum {
    /** Connections at a time. */
    CONNECTIONS = 64,
    /** From this many on the oldest goes; the rest is room for those that just come. */
    CROWDED = 32,
    /** The longest that a connection may do nothing, and live at all. */
    IDLE_S = 5,
    LIFE_US = 10 * 1000000,
    /** What a connection's request and the head of its answer may take. */
    MEMORY_BYTES = 16384,
    /** How long the thread waits before it looks up. */
    LOOK_UP_MS = 200,
};

/** A connection, known from its first byte to its last. */
struct visit {
    /** -1: the place is free. */
    int fd;
    int64_t began_us;
    bool is_cut;
};

/** All but `stopping` belongs to the thread once it runs. */
struct monitor {
    const struct state_sources *sources;
    struct MHD_Daemon *http;
    pthread_t thread;
    atomic_bool stopping;
    int port;
    int n_visits;
    struct visit visits[CONNECTIONS];
};

/* The pages. */

static enum MHD_Result
queue_page(struct MHD_Connection *to, unsigned code, const char *type, struct MHD_Response *r)
{
    enum MHD_Result rc = MHD_NO;
    /* A connection for each request: what lives longer is no scraper. */
    if (r && MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
        MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") == MHD_YES &&
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES &&
        (code != MHD_HTTP_METHOD_NOT_ALLOWED ||
         MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD") == MHD_YES))
        rc = MHD_queue_response(to, code, r);
    if (r)
        MHD_destroy_response(r);
    return rc;
}

static enum MHD_Result
answer_text(struct MHD_Connection *to, unsigned code, const char *text)
{
    return queue_page(to, code, "text/plain; charset=utf-8",
                      MHD_create_response_from_buffer(strlen(text), (char *)text,
                                                      MHD_RESPMEM_MUST_COPY));
}

static enum MHD_Result
answer_metrics(struct monitor *m, struct MHD_Connection *to)
{
    struct state state;
    struct printed p = {0};
    struct status ignored;
    FILE *out = printed_begin(&p);
    state_look(m->sources, &state);
    if (out)
        scrape_print(out, m->sources->gate->methods, &state);
    if (printed_end(&p, out, &ignored) < 0)
        return MHD_NO;
    struct MHD_Response *r = MHD_create_response_from_buffer(p.n, p.text, MHD_RESPMEM_MUST_FREE);
    if (!r)
        free(p.text);
    return queue_page(to, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", r);
}

static enum MHD_Result
answer_ready(struct monitor *m, struct MHD_Connection *to)
{
    struct state state;
    state_look(m->sources, &state);
    if (*state.not_ready)
        return answer_text(to, MHD_HTTP_SERVICE_UNAVAILABLE, state.not_ready);
    return answer_text(to, MHD_HTTP_OK, "ready\n");
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *to, const char *path, const char *method,
           const char *version, const char *data,
           size_t *n_data, /* NOLINT: libmicrohttpd's signature */
           void **request)
{
    struct monitor *m = arg;
    (void)version, (void)data, (void)n_data, (void)request;
    bool is_get =
        strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    bool is_metrics = strcmp(path, "/metrics") == 0, is_health = strcmp(path, "/healthz") == 0,
         is_ready = strcmp(path, "/readyz") == 0;
    if (!is_metrics && !is_health && !is_ready)
        return answer_text(to, MHD_HTTP_NOT_FOUND, "there are /metrics, /healthz and /readyz\n");
    if (!is_get)
        return answer_text(to, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    return is_metrics ? answer_metrics(m, to)
           : is_ready ? answer_ready(m, to)
                      : answer_text(to, MHD_HTTP_OK, "alive\n");
}

/* The connections. */

static void
on_connection(void *arg, struct MHD_Connection *c, void **place,
              enum MHD_ConnectionNotificationCode what)
{
    struct monitor *m = arg;
    struct visit *v = *place;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (v) {
            v->fd = -1;
            m->n_visits--;
        }
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    for (int i = 0; info && i < CONNECTIONS; i++)
        if (m->visits[i].fd < 0) {
            m->visits[i] = (struct visit){.fd = info->connect_fd, .began_us = clock_now_us()};
            m->n_visits++;
            *place = &m->visits[i];
            return;
        }
}

/** Its next read finds the end, and libmicrohttpd closes it. */
static void
cut(struct visit *v)
{
    v->is_cut = true;
    shutdown(v->fd, SHUT_RDWR);
}

/** Cuts the connections that are too old, and the oldest where there are too many. */
static void
cut_old(struct monitor *m)
{
    int64_t now_us = clock_now_us();
    int n_kept = m->n_visits;
    for (int i = 0; i < CONNECTIONS; i++)
        if (m->visits[i].fd >= 0) {
            if (!m->visits[i].is_cut && now_us - m->visits[i].began_us > LIFE_US)
                cut(&m->visits[i]);
            n_kept -= m->visits[i].is_cut;
        }
    for (; n_kept > CROWDED; n_kept--) {
        struct visit *oldest = NULL;
        for (int i = 0; i < CONNECTIONS; i++)
            if (m->visits[i].fd >= 0 && !m->visits[i].is_cut &&
                (!oldest || m->visits[i].began_us < oldest->began_us))
                oldest = &m->visits[i];
        cut(oldest);
    }
}

static void *
serve_pages(void *arg)
{
    struct monitor *m = arg;
    while (!atomic_load(&m->stopping)) {
        MHD_run_wait(m->http, LOOK_UP_MS);
        cut_old(m);
    }
    return NULL;
}

/* Starting and stopping. */

/** The thread runs libmicrohttpd's loop itself, so that it alone touches the connections. */
static int
listen_http(struct monitor *m, const char *listen, struct status *e)
{
    struct address a;
    struct sockaddr_storage socket;
    if (address_split(listen, &a) != ADDRESS_IS_FINE || !address_to_socket(&a, &socket))
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s is no address and port", listen);
    unsigned flags = MHD_USE_EPOLL | (socket.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    m->http =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, m, MHD_OPTION_SOCK_ADDR, &socket,
                         MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_BYTES,
                         MHD_OPTION_NOTIFY_CONNECTION, on_connection, m, MHD_OPTION_END);
    if (!m->http)
        return status_set(e, STATUS_UNAVAILABLE, "cannot listen on %s for monitoring: %s", listen,
                          strerror(errno));
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(m->http, MHD_DAEMON_INFO_BIND_PORT);
    m->port = info ? info->port : 0;
    return 0;
}

struct monitor *
monitor_start(const char *listen, const struct state_sources *sources, struct status *e)
{
    struct monitor *m = calloc(1, sizeof *m);
    if (!m) {
        status_set(e, STATUS_INTERNAL, "no memory for the monitor");
        return NULL;
    }
    m->sources = sources;
    for (int i = 0; i < CONNECTIONS; i++)
        m->visits[i].fd = -1;
    if (listen_http(m, listen, e) == 0) {
        if (pthread_create(&m->thread, NULL, serve_pages, m) == 0)
            return m;
        status_set(e, STATUS_INTERNAL, "cannot start the monitor's thread");
        MHD_stop_daemon(m->http);
    }
    free(m);
    return NULL;
}

int
monitor_port(const struct monitor *m)
{
    return m->port;
}

void
monitor_stop(struct monitor *m)
{
    if (!m)
        return;
    atomic_store(&m->stopping, true);
    pthread_join(m->thread, NULL);
    MHD_stop_daemon(m->http);
    free(m);
}
