#include "server/door/listener.h"

#include <errno.h>
#include <nng/nng.h>
#include <nng/supplemental/util/platform.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/tls_context.h"
#include "server/base/metrics.h"
#include "server/door/connection.h"
#include "server/door/http1.h"
#include "server/door/http_calls.h"
#include "server/door/sp_calls.h"

enum {
    /** The pause after a connection could not be accepted for want of descriptors or memory. */
    ACCEPT_PAUSE_MS = 100,
    /** Descriptors that are not for connections: database, log, files. */
    OTHER_DESCRIPTORS = 256,
    /** How often a draining listener looks. */
    DRAIN_LOOK_MS = 10,
    /** How long a peer may take to answer that it has heard that it is to go elsewhere. */
    NOTICE_MS = 1000,
};

/** As they are preferred, where a peer speaks several. */
static const struct protocol *const protocols[] = {&http_calls_protocol, &http1_protocol,
                                                   &sp_calls_protocol, NULL};

/** The connections of one customer; see struct connection_link. */
struct customer {
    struct in6_addr address;
    int n;
    atomic_llong held;
};

LIST_HEAD(connection_list, connection_link);

struct listener {
    struct listener_options options;
    struct connection_shared shared;
    nng_stream_listener *nng;
    /** The next connection; the pause after a failure. */
    nng_aio *accepting, *pausing;
    char *url;
    int connections_limit;
    atomic_bool stopping;
    /** All that was asked is answered. */
    bool is_drained;

    /** Guards what follows. */
    pthread_mutex_t lock;
    SSL_CTX *tls;
    struct connection_list connections;
    int n;
    /** A tree (search.h) of struct customer. */
    void *customers;
};

/* Who is there. The lock is held. */

static int
compare_customers(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct in6_addr));
}

/**
 * Counts a connection for its customer; false with @why when that one has as many as it may have,
 * or without memory.
 */
static bool
count_customer(struct listener *l, struct connection_link *link, enum metrics_refused *why)
{
    const struct in6_addr *address = &link->customer;
    void *found = tfind(address, &l->customers, compare_customers);
    struct customer *customer = found ? *(struct customer **)found : calloc(1, sizeof *customer);
    /* Those of a proxy are of many customers, who come to be known later. */
    bool is_limited = !connection_is_proxied(link->connection);
    *why = found ? METRICS_REFUSED_CONNECTIONS_PER_ADDRESS : METRICS_REFUSED_ACCEPT_FAILED;
    if (!customer ||
        (found && is_limited && customer->n >= l->options.config->connections_per_address))
        return false;
    customer->address = *address;
    if (!found && !tsearch(customer, &l->customers, compare_customers)) {
        free(customer);
        return false;
    }
    customer->n++;
    link->held = &customer->held;
    return true;
}

static void
discount_customer(struct listener *l, const struct in6_addr *address)
{
    struct customer *customer =
        *(struct customer **)tfind(address, &l->customers, compare_customers);
    if (--customer->n > 0)
        return;
    tdelete(address, &l->customers, compare_customers);
    free(customer);
}

/** Counts a connection in; false with @why when there are too many. */
static bool
count_in(struct listener *l, struct connection_link *link, enum metrics_refused *why)
{
    *why = METRICS_REFUSED_CONNECTIONS_LIMIT;
    if (l->n >= l->connections_limit)
        return false;
    if (!count_customer(l, link, why))
        return false;
    LIST_INSERT_HEAD(&l->connections, link, entry);
    l->n++;
    return true;
}

/** Who calls through a proxy is known. */
static bool
on_customer(struct connection *c, const struct in6_addr *address, enum metrics_refused *why,
            void *arg)
{
    struct listener *l = arg;
    struct connection_link *link = connection_link(c);
    pthread_mutex_lock(&l->lock);
    struct in6_addr proxy = link->customer;
    atomic_llong *held = link->held;
    link->customer = *address;
    bool fits = count_customer(l, link, why);
    if (fits) {
        discount_customer(l, &proxy);
    } else {
        link->customer = proxy;
        link->held = held;
    }
    pthread_mutex_unlock(&l->lock);
    return fits;
}

/** A connection ended. */
static void
on_end(struct connection *c, void *arg)
{
    struct listener *l = arg;
    struct connection_link *link = connection_link(c);
    pthread_mutex_lock(&l->lock);
    LIST_REMOVE(link, entry);
    discount_customer(l, &link->customer);
    l->n--;
    pthread_mutex_unlock(&l->lock);
    metrics_count(METRICS_CONNECTIONS_CLOSED);
}

/* Letting in. */

static void
let_in(struct listener *l, nng_stream *stream)
{
    enum metrics_refused why;
    pthread_mutex_lock(&l->lock);
    struct connection *c = connection_new(&l->shared, l->tls, stream);
    bool is_in = c && count_in(l, connection_link(c), &why);
    pthread_mutex_unlock(&l->lock);
    metrics_count(METRICS_CONNECTIONS_ACCEPTED);
    if (is_in) {
        connection_start(c);
        return;
    }
    metrics_count(METRICS_CONNECTIONS_CLOSED);
    if (c) {
        metrics_refused(why, connection_address(c));
        connection_abandon(c);
    }
}

static void
on_accepted(void *arg)
{
    struct listener *l = arg;
    int rv = nng_aio_result(l->accepting);
    if (atomic_load(&l->stopping)) {
        if (rv == 0)
            nng_stream_free(nng_aio_get_output(l->accepting, 0));
        return;
    }
    if (rv != 0) {
        metrics_refused(METRICS_REFUSED_ACCEPT_FAILED, NULL);
        nng_sleep_aio(ACCEPT_PAUSE_MS, l->pausing);
        return;
    }
    let_in(l, nng_aio_get_output(l->accepting, 0));
    nng_stream_listener_accept(l->nng, l->accepting);
}

static void
on_paused(void *arg)
{
    struct listener *l = arg;
    if (!atomic_load(&l->stopping))
        nng_stream_listener_accept(l->nng, l->accepting);
}

/* Certificates. */

/** The key must not ask for a password at the terminal. */
static int
no_password(char *buf, int size, int is_writing, void *arg) /* NOLINT: OpenSSL's signature */
{
    (void)buf;
    (void)size;
    (void)is_writing;
    (void)arg;
    return 0;
}

/** Is the protocol's name among those that the peer offers, each behind its length? */
static bool
is_offered(const struct protocol *p, const unsigned char *offer, unsigned n)
{
    for (unsigned at = 0; p->alpn && at < n && offer[at] < n - at; at += 1 + offer[at])
        if (strlen(p->alpn) == offer[at] && memcmp(p->alpn, offer + at + 1, offer[at]) == 0)
            return true;
    return false;
}

/** For a peer that says what it speaks. Who can be told to go elsewhere is not let in any more. */
static int
choose_protocol(SSL *ssl, const unsigned char **ret, unsigned char *ret_n,
                const unsigned char *offer, unsigned n, void *arg)
{
    const struct listener *l = arg;
    (void)ssl;
    for (const struct protocol *const *p = protocols; *p; p++) {
        if (!is_offered(*p, offer, n) || ((*p)->leave && atomic_load(&l->shared.is_leaving)))
            continue;
        *ret = (const unsigned char *)(*p)->alpn;
        *ret_n = (unsigned char)strlen((*p)->alpn);
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *
make_tls(struct listener *l, struct status *e)
{
    const struct listener_options *o = &l->options;
    struct stat st;
    if (stat(o->key_pem_path, &st) < 0) {
        status_set(e, STATUS_INTERNAL, "cannot read %s: %s", o->key_pem_path, strerror(errno));
        return NULL;
    }
    if (st.st_mode & (S_IRWXG | S_IRWXO)) {
        status_set(e, STATUS_FAILED_PRECONDITION, "%s can be read by others; run: chmod 600 %s",
                   o->key_pem_path, o->key_pem_path);
        return NULL;
    }
    SSL_CTX *tls = tls_context_new(false);
    if (tls) {
        SSL_CTX_set_default_passwd_cb(tls, no_password);
        SSL_CTX_set_alpn_select_cb(tls, choose_protocol, l);
        if (strcmp(o->config->tls_min_version, "1.2") == 0)
            SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    }
    if (tls && SSL_CTX_use_certificate_chain_file(tls, o->cert_pem_path) == 1 &&
        SSL_CTX_use_PrivateKey_file(tls, o->key_pem_path, SSL_FILETYPE_PEM) == 1)
        return tls;
    const char *why = ERR_reason_error_string(ERR_peek_last_error());
    status_set(e, STATUS_INTERNAL, "the certificate %s or its key cannot be used: %s",
               o->cert_pem_path, why ? why : "no memory");
    ERR_clear_error();
    SSL_CTX_free(tls);
    return NULL;
}

int
listener_reload_tls(struct listener *l, struct status *e)
{
    SSL_CTX *fresh = make_tls(l, e);
    if (!fresh)
        return -1;
    pthread_mutex_lock(&l->lock);
    SSL_CTX *old = l->tls;
    l->tls = fresh;
    pthread_mutex_unlock(&l->lock);
    SSL_CTX_free(old); /* connections that use it have references */
    return 0;
}

/* Starting. */

/** The limit that the machine allows: a connection takes a descriptor. */
static int
affordable_connections(int limit)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur == RLIM_INFINITY ||
        r.rlim_cur >= (rlim_t)limit + OTHER_DESCRIPTORS)
        return limit;
    int affordable = r.rlim_cur > 2 * OTHER_DESCRIPTORS ? (int)r.rlim_cur - OTHER_DESCRIPTORS
                                                        : (int)r.rlim_cur / 2;
    log_event(LOG_WARN, "connections_limit_lowered", log_number("from", limit),
              log_number("to", affordable), log_number("descriptors", (int64_t)r.rlim_cur));
    return affordable;
}

/** The URL with the port that the system chose. */
static char *
real_url(const struct listener *l, const char *url)
{
    int port = 0;
    char *real = NULL;
    const char *colon = strrchr(url, ':');
    if (nng_stream_listener_get_int(l->nng, NNG_OPT_TCP_BOUND_PORT, &port) != 0 ||
        asprintf(&real, "%.*s:%d", (int)(colon - url), url, port) < 0)
        return strdup(url);
    return real;
}

static int
listen_now(struct listener *l, struct status *e)
{
    char url[CONFIG_LISTEN_BYTES + 16];
    config_listen_url(l->options.config, url);
    l->tls = make_tls(l, e);
    if (!l->tls)
        return -1;
    /* nng does TCP alone: what it is given is the part after "tls+". */
    int rv = nng_stream_listener_alloc(&l->nng, url + strlen("tls+"));
    if (rv == 0)
        rv = nng_stream_listener_set_bool(l->nng, NNG_OPT_TCP_NODELAY, true);
    if (rv == 0)
        rv = nng_stream_listener_set_bool(l->nng, NNG_OPT_TCP_KEEPALIVE, true);
    if (rv == 0)
        rv = nng_aio_alloc(&l->accepting, on_accepted, l);
    if (rv == 0)
        rv = nng_aio_alloc(&l->pausing, on_paused, l);
    if (rv == 0)
        rv = nng_stream_listener_listen(l->nng);
    if (rv == 0) {
        l->url = real_url(l, url);
        rv = l->url ? 0 : NNG_ENOMEM;
    }
    if (rv != 0)
        return status_set(e, STATUS_UNAVAILABLE, "cannot listen on %s: %s", url, nng_strerror(rv));
    nng_stream_listener_accept(l->nng, l->accepting);
    return 0;
}

static void
share(struct listener *l)
{
    const struct config *c = l->options.config;
    l->shared = (struct connection_shared){
        .gate = l->options.gate,
        .protocols = protocols,
        .slow_call_ms = c->slow_call_ms,
        .calls_per_connection = c->calls_per_connection,
        .calls_limit = c->calls_limit,
        .message_limit_bytes = c->message_limit_bytes,
        .anonymous_message_limit_bytes = c->anonymous_message_limit_bytes,
        .arena_limit_bytes = c->arena_limit_bytes,
        .buffers_limit_bytes = c->buffers_limit_bytes,
        .handshake_timeout_ms = c->handshake_timeout_ms,
        .receive_timeout_ms = c->receive_timeout_ms,
        .send_timeout_ms = c->send_timeout_ms,
        .anonymous_idle_ms = c->anonymous_idle_s * 1000,
        .on_customer = on_customer,
        .on_end = on_end,
        .listener = l,
    };
    network_read(c->proxy_from, &l->shared.proxies);
}

struct listener *
listener_start(const struct listener_options *o, struct status *e)
{
    /* nng's threads may still be at work when the program exits: OpenSSL must outlast them. */
    struct listener *l =
        OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) == 1 ? calloc(1, sizeof *l) : NULL;
    if (!l) {
        status_set(e, STATUS_INTERNAL, "no memory for the listener");
        return NULL;
    }
    l->options = *o;
    l->connections_limit = affordable_connections(o->config->connections_limit);
    pthread_mutexattr_t recursive; /* on_end() may run within close_connections() */
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&l->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    share(l);
    if (listen_now(l, e) == 0)
        return l;
    listener_stop(l);
    listener_free(l);
    return NULL;
}

const char *
listener_url(const struct listener *l)
{
    return l->url;
}

int
listener_connections_limit(const struct listener *l)
{
    return l->connections_limit;
}

void
listener_rest(struct listener *l)
{
    pthread_mutex_lock(&l->lock);
    struct connection_link *link = LIST_FIRST(&l->connections), *next;
    for (; link; link = next) {
        next = LIST_NEXT(link, entry); /* this one may be gone then: see on_end() */
        connection_rest(link->connection);
    }
    pthread_mutex_unlock(&l->lock);
}

/* Stopping. */

/**
 * Tells all peers who can be told to go elsewhere. Returns true while one has not heard it, or
 * something that they have begun is not at the gate.
 */
static bool
tell_to_leave(struct listener *l, bool is_final)
{
    bool waits = false;
    pthread_mutex_lock(&l->lock);
    struct connection_link *link = LIST_FIRST(&l->connections), *next;
    for (; link; link = next) {
        next = LIST_NEXT(link, entry); /* this one may be gone then: see on_end() */
        waits |= connection_leave(link->connection, is_final);
    }
    pthread_mutex_unlock(&l->lock);
    return waits;
}

static void
tell_until(struct listener *l, bool is_final, int64_t until_us)
{
    while (tell_to_leave(l, is_final) && clock_now_us() < until_us)
        nng_msleep(DRAIN_LOOK_MS);
}

void
listener_leave(struct listener *l, int timeout_ms)
{
    int64_t now_us = clock_now_us();
    int notice_ms = timeout_ms < NOTICE_MS ? timeout_ms : NOTICE_MS;
    atomic_store(&l->shared.is_leaving, true);
    tell_until(l, false, now_us + notice_ms * INT64_C(1000));
    atomic_store(&l->shared.is_left, true);
    tell_until(l, true, now_us + timeout_ms * INT64_C(1000));
}

bool
listener_drain(struct listener *l, int timeout_ms)
{
    int64_t until_us = clock_now_us() + (int64_t)timeout_ms * 1000;
    while (atomic_load(&l->shared.calls) > 0 || atomic_load(&l->shared.unsent) > 0) {
        if (clock_now_us() >= until_us)
            return false;
        nng_msleep(DRAIN_LOOK_MS);
    }
    l->is_drained = true;
    return true;
}

/**
 * Closes every connection that is there; each frees itself when its last call has ended. After a
 * drain, peers have the time that they have for reading.
 */
static void
close_connections(struct listener *l)
{
    int64_t until_us =
        clock_now_us() + (l->is_drained ? l->shared.send_timeout_ms * INT64_C(1000) : 0);
    pthread_mutex_lock(&l->lock);
    while (!LIST_EMPTY(&l->connections)) {
        struct connection_link *link, *next;
        for (link = LIST_FIRST(&l->connections); link; link = next) {
            /* This one may be gone when it is closed: see on_end(). */
            next = LIST_NEXT(link, entry);
            connection_close(link->connection, clock_now_us() >= until_us);
        }
        pthread_mutex_unlock(&l->lock);
        nng_msleep(DRAIN_LOOK_MS);
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
}

void
listener_stop(struct listener *l)
{
    atomic_store(&l->stopping, true);
    if (l->nng)
        nng_stream_listener_close(l->nng);
    if (l->accepting)
        nng_aio_stop(l->accepting);
    if (l->pausing)
        nng_aio_stop(l->pausing);
}

void
listener_free(struct listener *l)
{
    close_connections(l);
    nng_aio_free(l->accepting);
    nng_aio_free(l->pausing);
    if (l->nng)
        nng_stream_listener_free(l->nng);
    SSL_CTX_free(l->tls);
    pthread_mutex_destroy(&l->lock);
    free(l->url);
    free(l);
}
