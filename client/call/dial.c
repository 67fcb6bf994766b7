#include "client/call/dial.h"

#include <netdb.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/call/tls_engine.h"
#include "client/call/tls_session.h"

/** A connection and the making of it. Never freed: the dialing thread may be stuck with it. */
struct attempt {
    struct dial_connection connection;
    const struct dial_server *server;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
    /** What nng said, and what the resolver said; 0 for success. */
    int nng_result, resolver_result;
};

int
dial_too_late(const struct dial_server *s, struct status *e)
{
    return status_set(
        e, STATUS_DEADLINE_EXCEEDED,
        _("no connection to %s came about before the deadline; allow more time with --timeout"),
        s->profile.server);
}

/* The server. */

static int
load_ticket(void *profile, uint8_t *buf, size_t size)
{
    return profile_load_ticket(profile, buf, size);
}

static void
save_ticket(void *profile, const uint8_t *der, size_t size)
{
    profile_save_ticket(profile, der, size);
}

int
dial_prepare(struct dial_server *ret, const struct profile *p, struct status *e)
{
    if (address_split(p->server, &ret->address) != ADDRESS_IS_FINE || ret->address.port == 0)
        return status_set(e, STATUS_USAGE,
                          _("--server: \"%s\" should be HOST:PORT, such as localhost:7443"),
                          p->server);
    ret->is_known = p->token != NULL;
    struct profile *copy = &ret->profile;
    *copy = (struct profile){
        .server = strdup(p->server),
        .ca = strdup(p->ca ? p->ca : ""),
        .path = p->path ? strdup(p->path) : NULL,
    };
    if (!copy->server || !copy->ca || (p->path && !copy->path))
        return failure_memory(e);
    if (p->path)
        tls_session_set_store(load_ticket, save_ticket, copy);
    return 0;
}

/*
 * Connecting. It is done by a thread of its own, for a handshake with a silent peer cannot be
 * broken off.
 */

static int
make_tls_config(const struct dial_server *s, nng_tls_config **ret)
{
    int rv = nng_tls_config_alloc(ret, NNG_TLS_MODE_CLIENT);
    if (rv == 0)
        rv = nng_tls_config_auth_mode(*ret, NNG_TLS_AUTH_MODE_REQUIRED);
    if (rv == 0)
        rv = nng_tls_config_server_name(*ret, s->address.host);
    return rv ? rv : nng_tls_config_ca_chain(*ret, s->profile.ca, NULL);
}

static int
dial_one(const struct dial_server *s, nng_socket socket, const struct addrinfo *address)
{
    char host[NI_MAXHOST], url[NI_MAXHOST + 32];
    nng_dialer dialer;
    nng_tls_config *tls;
    if (getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof host, NULL, 0,
                    NI_NUMERICHOST) != 0)
        return NNG_EADDRINVAL;
    bool v6 = address->ai_family == AF_INET6;
    snprintf(url, sizeof url, "tls+tcp://%s%s%s:%u", v6 ? "[" : "", host, v6 ? "]" : "",
             (unsigned)s->address.port);
    int rv = nng_dialer_create(&dialer, socket, url);
    if (rv == 0)
        rv = make_tls_config(s, &tls);
    if (rv == 0)
        rv = nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, tls);
    return rv ? rv : nng_dialer_start(dialer, 0);
}

/** Tries the host's addresses one after the other; nng by itself would try the first alone. */
static void *
dial_each(void *attempt)
{
    struct attempt *d = attempt;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *all = NULL;
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)d->server->address.port);
    int resolver = getaddrinfo(d->server->address.host, port, &hints, &all);
    int rv = NNG_EADDRINVAL;
    for (struct addrinfo *one = all; one && rv != 0; one = one->ai_next) {
        int tried = dial_one(d->server, d->connection.socket, one);
        /* Of several failures the one that got farther says more than a refused connection. */
        if (tried == 0 || rv == NNG_EADDRINVAL || tried != NNG_ECONNREFUSED)
            rv = tried;
    }
    if (all)
        freeaddrinfo(all);
    pthread_mutex_lock(&d->lock);
    d->done = true;
    d->nng_result = rv;
    d->resolver_result = resolver;
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

/** A phrase of OpenSSL's and what it means to the user; the first that occurs counts. */
static const struct {
    const char *phrase, *meaning;
} tls_meanings[] = {
    {"expired", N_("its certificate has expired; its operator has to renew it")},
    {"not yet valid", N_("its certificate is not valid yet; is the clock of this machine right?")},
    {"hostname mismatch",
     N_("its certificate is for another name; use the name that it was made for")},
    {"IP address mismatch",
     N_("its certificate is for another address; use the name that it was made for")},
    {"certificate verify failed", N_("its certificate is not from the authority that you trust "
                                     "(wrong CA); if the server is the right one, sign "
                                     "in again with its --ca")},
    {"unsupported protocol", N_("it does not speak TLS 1.3")},
    {"no protocols in common", N_("it does not speak TLS 1.3")},
    {"protocol version", N_("it does not speak TLS 1.3")},
    {"does not speak TLS", N_("it does not speak TLS; is it a jiayid?")},
};

/** The connection ended in the handshake, without a word of TLS. */
static int
explain_cut(const struct dial_server *s, struct status *e)
{
    return status_set(e, STATUS_UNAVAILABLE,
                      s->is_known ? _("the connection to %s was cut before it was secure")
                                  : _("%s closed the connection at once; is it a jiayid?"),
                      s->profile.server);
}

static int
explain_distrust(const struct dial_server *s, bool *ret_may_pass, struct status *e)
{
    char why[200];
    const struct profile *p = &s->profile;
    tls_engine_last_error(why, sizeof why);
    for (size_t i = 0; i < sizeof tls_meanings / sizeof *tls_meanings; i++)
        if (strcasestr(why, tls_meanings[i].phrase)) {
            status_set(e, STATUS_UNAVAILABLE, _("no secure connection to %s: %s"), p->server,
                       _(tls_meanings[i].meaning));
            return status_detail(e, "%s", why);
        }
    *ret_may_pass = !*why || strcasestr(why, "unexpected eof");
    if (*ret_may_pass)
        return explain_cut(s, e);
    return status_set(e, STATUS_UNAVAILABLE, _("no secure connection to %s: %s"), p->server, why);
}

static int
explain_failure(const struct attempt *d, bool *ret_may_pass, struct status *e)
{
    const struct profile *p = &d->server->profile;
    *ret_may_pass = d->resolver_result == EAI_AGAIN;
    if (d->resolver_result)
        return status_set(e, STATUS_UNAVAILABLE, _("the host of %s is not known: %s"), p->server,
                          gai_strerror(d->resolver_result));
    switch (d->nng_result) {
    case NNG_ECONNREFUSED:
        return status_set(
            e, STATUS_UNAVAILABLE,
            _("no server answers at %s: connection refused; is jiayid running there?"), p->server);
    case NNG_ETIMEDOUT:
    case NNG_EUNREACHABLE:
        return status_set(e, STATUS_UNAVAILABLE, _("no server answers at %s: %s"), p->server,
                          nng_strerror(d->nng_result));
    case NNG_EPEERAUTH:
    case NNG_ECRYPTO:
    case NNG_ECONNRESET:
    case NNG_ECONNSHUT:
    case NNG_ECONNABORTED:
    case NNG_ECLOSED: return explain_distrust(d->server, ret_may_pass, e);
    case NNG_EPROTO:
        return status_set(e, STATUS_UNAVAILABLE, _("what answers at %s is no jiayid"), p->server);
    default:
        return status_set(e, STATUS_UNAVAILABLE, _("no connection to %s: %s"), p->server,
                          nng_strerror(d->nng_result));
    }
}

static int
open_req_socket(nng_socket *socket, struct status *e)
{
    int rv = tls_engine_register();
    if (rv == 0)
        rv = nng_req0_open(socket);
    if (rv == 0)
        rv = nng_socket_set_ms(*socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    /* A lost connection is made anew here, where its failure can be told. */
    if (rv == 0)
        rv = nng_socket_set_ms(*socket, NNG_OPT_RECONNMINT, 24 * 3600 * 1000);
    if (rv == 0)
        rv = nng_socket_set_size(*socket, NNG_OPT_RECVMAXSZ, 64 << 20);
    return rv ? status_set(e, STATUS_FAILED_HERE, _("the network cannot be used: %s"),
                           nng_strerror(rv))
              : 0;
}

/**
 * Waits for the dialing thread until @deadline. What it works on is never freed, for it may be
 * stuck.
 */
static int
await_dialing(struct attempt *d, int64_t deadline)
{
    struct timespec until = {deadline / 1000, deadline % 1000 * 1000000};
    int rv = 0;
    pthread_mutex_lock(&d->lock);
    while (!d->done && rv == 0)
        rv = pthread_cond_timedwait(&d->changed, &d->lock, &until);
    bool done = d->done;
    pthread_mutex_unlock(&d->lock);
    return done ? 0 : -1;
}

static void
note_loss(nng_pipe pipe, nng_pipe_ev event, void *connection)
{
    (void)pipe;
    (void)event;
    atomic_store(&((struct dial_connection *)connection)->lost, true);
}

/** An attempt that has not begun; NULL with @e set when there cannot be one. */
static struct attempt *
new_attempt(const struct dial_server *s, struct status *e)
{
    struct attempt *d = calloc(1, sizeof *d);
    if (!d) {
        failure_memory(e);
        return NULL;
    }
    if (open_req_socket(&d->connection.socket, e) < 0) {
        free(d);
        return NULL;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&d->changed, &monotonic);
    pthread_mutex_init(&d->lock, NULL);
    d->server = s;
    nng_pipe_notify(d->connection.socket, NNG_PIPE_EV_REM_POST, note_loss, &d->connection);
    return d;
}

static void *
close_socket(void *connection)
{
    nng_close(((struct dial_connection *)connection)->socket);
    return NULL;
}

/* On a thread of its own: nng waits until its own have let go of the connection. */
void
dial_forget(struct dial_connection *d)
{
    pthread_t thread;
    if (d && pthread_create(&thread, NULL, close_socket, d) == 0)
        pthread_detach(thread);
}

struct dial_connection *
dial_connect(const struct dial_server *s, int64_t deadline_ms, bool *ret_may_pass, struct status *e)
{
    pthread_t thread;
    *ret_may_pass = false;
    struct attempt *d = new_attempt(s, e);
    if (!d)
        return NULL;
    if (pthread_create(&thread, NULL, dial_each, d) != 0) {
        failure_memory(e);
        return NULL;
    }
    pthread_detach(thread);
    if (await_dialing(d, deadline_ms) < 0)
        dial_too_late(s, e);
    else if (d->resolver_result || d->nng_result)
        explain_failure(d, ret_may_pass, e);
    else
        return &d->connection;
    if (d->done)
        dial_forget(&d->connection);
    return NULL;
}
