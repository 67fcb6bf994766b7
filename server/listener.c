#include "server/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/supplemental/tls/tls.h>
#include <nng/supplemental/util/platform.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/tls_engine.h"
#include "server/server.h"

enum {
    /** A certificate chain or key larger than this is none. */
    PEM_MAX = 1 << 20,
    /** After the last answer is handed to nng, the time it has to leave the machine. */
    LINGER_MS = 200,
};

/** A REP context: takes a call, waits for its answer, sends it, takes the next. */
struct slot {
    struct listener *listener;
    nng_ctx ctx;
    nng_aio *aio;
    bool is_sending;
    /** The peer of the call. */
    nng_pipe pipe;
};

struct listener {
    struct listener_options options;
    nng_socket socket;
    nng_listener nng;
    bool is_open;
    char *url;
    struct slot *slots;
    int n_slots;
    /** The pipe that was cut off last: logged once, though many answers to it may have waited. */
    atomic_uint cut_pipe;
    /** Calls that are not answered yet. */
    int in_flight;
    pthread_mutex_t lock;
    pthread_cond_t idle;
};

/* Answering. */

/** The packed answer, or NULL without memory. */
static nng_msg *
pack(const struct listener *l, struct call *c)
{
    struct reply r;
    nng_msg *msg;
    size_t n = reply_make(&r, &l->options.reply, c);
    if (nng_msg_alloc(&msg, n) != 0)
        return NULL;
    reply_pack(&r, nng_msg_body(msg));
    return msg;
}

static void
one_answered(struct listener *l)
{
    pthread_mutex_lock(&l->lock);
    if (--l->in_flight == 0)
        pthread_cond_broadcast(&l->idle);
    pthread_mutex_unlock(&l->lock);
}

static void
receive_next(struct slot *s)
{
    s->is_sending = false;
    nng_aio_set_timeout(s->aio, NNG_DURATION_INFINITE);
    nng_ctx_recv(s->ctx, s->aio);
}

/** Answers a call; runs on whichever thread ended it. */
static void
finish(struct call *c)
{
    struct slot *s = c->owner;
    struct listener *l = s->listener;
    nng_msg *msg = pack(l, c);
    reply_log(&l->options.reply, c);
    arena_free(c->arena);
    if (!msg) {
        /* No memory for an answer: the peer finds out by its deadline. */
        one_answered(l);
        receive_next(s);
        return;
    }
    s->is_sending = true;
    nng_aio_set_msg(s->aio, msg);
    nng_aio_set_timeout(s->aio, l->options.send_timeout_ms);
    nng_ctx_send(s->ctx, s->aio);
}

/* Receiving. */

static void
print_address(nng_pipe pipe, char to[static INET6_ADDRSTRLEN])
{
    nng_sockaddr a;
    to[0] = 0;
    if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &a) != 0)
        return;
    if (a.s_family == NNG_AF_INET)
        inet_ntop(AF_INET, &a.s_in.sa_addr, to, INET6_ADDRSTRLEN);
    else if (a.s_family == NNG_AF_INET6)
        inet_ntop(AF_INET6, &a.s_in6.sa_addr, to, INET6_ADDRSTRLEN);
}

static struct call *
call_new(struct slot *s)
{
    struct arena *a = arena_new((size_t)s->listener->options.arena_limit_bytes);
    struct call *c = a ? arena_alloc(a, sizeof *c) : NULL;
    if (!c) {
        arena_free(a);
        return NULL;
    }
    c->arena = a;
    c->received_us = call_now_us();
    c->member = c->company = c->client = "";
    c->finish = finish;
    c->owner = s;
    c->server = s->listener->options.server;
    print_address(s->pipe, c->address);
    return c;
}

static void
take_message(struct slot *s, nng_msg *msg)
{
    struct listener *l = s->listener;
    s->pipe = nng_msg_get_pipe(msg);
    struct call *c = call_new(s);
    if (!c) {
        nng_msg_free(msg);
        receive_next(s);
        return;
    }
    pthread_mutex_lock(&l->lock);
    l->in_flight++;
    pthread_mutex_unlock(&l->lock);
    gate_enter(l->options.gate, c, nng_msg_body(msg), nng_msg_len(msg));
    nng_msg_free(msg);
}

/** An answer has left, or could not. A peer that does not read is cut off: it would hold up the others. */
static void
sent(struct slot *s, int rv)
{
    if (rv != 0) {
        nng_msg_free(nng_aio_get_msg(s->aio));
        nng_aio_set_msg(s->aio, NULL);
    }
    uint32_t pipe = (uint32_t)nng_pipe_id(s->pipe);
    if (rv == NNG_ETIMEDOUT && atomic_exchange(&s->listener->cut_pipe, pipe) != pipe) {
        log_event(LOG_INFO, "peer_does_not_read", log_number("pipe", pipe));
        tls_engine_cut(s->pipe);
    }
    one_answered(s->listener);
}

static void
on_event(void *arg)
{
    struct slot *s = arg;
    int rv = nng_aio_result(s->aio);
    if (s->is_sending) {
        sent(s, rv);
        if (rv != NNG_ECLOSED)
            receive_next(s);
    } else if (rv == 0) {
        nng_msg *msg = nng_aio_get_msg(s->aio);
        nng_aio_set_msg(s->aio, NULL);
        take_message(s, msg);
    } else if (rv != NNG_ECLOSED && rv != NNG_ECANCELED) {
        receive_next(s);
    }
}

/* Starting. */

static void
free_pem(char *pem)
{
    if (pem)
        explicit_bzero(pem, strlen(pem));
    free(pem);
}

/** Reads a PEM file into memory that the caller frees (wiped). A secret one must be its owner's alone. */
static char *
read_pem(const char *path, bool is_secret, struct status *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = NULL;
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > PEM_MAX ||
        !(text = calloc(1, (size_t)st.st_size + 1)) ||
        read(fd, text, (size_t)st.st_size) != st.st_size) {
        status_set(e, STATUS_INTERNAL, "cannot read %s: %s", path, strerror(errno));
        free(text);
        text = NULL;
    } else if (is_secret && (st.st_mode & (S_IRWXG | S_IRWXO))) {
        status_set(e, STATUS_FAILED_PRECONDITION, "%s can be read by others; run: chmod 600 %s",
                   path, path);
        free_pem(text);
        text = NULL;
    }
    if (fd >= 0)
        close(fd);
    return text;
}

static int
make_tls(const struct listener_options *o, nng_tls_config **ret, struct status *e)
{
    char *cert = read_pem(o->cert_pem_path, false, e);
    char *key = cert ? read_pem(o->key_pem_path, true, e) : NULL;
    nng_tls_config *tls = NULL;
    int rv = key ? nng_tls_config_alloc(&tls, NNG_TLS_MODE_SERVER) : NNG_EINVAL;
    if (rv == 0)
        rv = nng_tls_config_own_cert(tls, cert, key, NULL);
    if (rv == 0 && strcmp(o->tls_min_version, "1.2") == 0)
        rv = nng_tls_config_version(tls, NNG_TLS_1_2, NNG_TLS_1_3);
    if (rv != 0 && key)
        status_set(e, STATUS_INTERNAL, "the certificate %s or its key cannot be used",
                   o->cert_pem_path);
    if (rv != 0 && tls)
        nng_tls_config_free(tls);
    free_pem(cert);
    free_pem(key);
    *ret = tls;
    return rv == 0 ? 0 : -1;
}

/** Gives the listener a certificate. nng keeps a reference of its own. */
static int
set_tls(struct listener *l, struct status *e)
{
    nng_tls_config *tls;
    if (make_tls(&l->options, &tls, e) < 0)
        return -1;
    int rv = nng_listener_set_ptr(l->nng, NNG_OPT_TLS_CONFIG, tls);
    nng_tls_config_free(tls);
    return rv == 0
               ? 0
               : status_set(e, STATUS_INTERNAL, "cannot set the certificate: %s", nng_strerror(rv));
}

static int
cannot_listen(const struct listener *l, int rv, struct status *e)
{
    return status_set(e, STATUS_UNAVAILABLE, "cannot listen on %s: %s", l->options.url,
                      nng_strerror(rv));
}

/** The URL with the port that the system chose. */
static char *
real_url(struct listener *l)
{
    int port = 0;
    char *url = NULL;
    const char *colon = strrchr(l->options.url, ':');
    if (nng_listener_get_int(l->nng, NNG_OPT_TCP_BOUND_PORT, &port) != 0 || !colon ||
        asprintf(&url, "%.*s:%d", (int)(colon - l->options.url), l->options.url, port) < 0)
        return strdup(l->options.url);
    return url;
}

static int
open_slots(struct listener *l, struct status *e)
{
    l->slots = calloc((size_t)l->options.contexts, sizeof *l->slots);
    for (; l->slots && l->n_slots < l->options.contexts; l->n_slots++) {
        struct slot *s = &l->slots[l->n_slots];
        s->listener = l;
        if (nng_ctx_open(&s->ctx, l->socket) != 0 || nng_aio_alloc(&s->aio, on_event, s) != 0)
            break;
    }
    if (!l->slots || l->n_slots < l->options.contexts)
        return status_set(e, STATUS_INTERNAL, "no memory for %d contexts", l->options.contexts);
    return 0;
}

static int
listen_now(struct listener *l, struct status *e)
{
    int rv = tls_engine_register();
    if (rv == 0)
        rv = nng_rep0_open(&l->socket);
    if (rv != 0)
        return cannot_listen(l, rv, e);
    l->is_open = true;
    /* On the socket, before the listener is made: it takes the limit over then. */
    rv = nng_socket_set_size(l->socket, NNG_OPT_RECVMAXSZ,
                             (size_t)l->options.reply.message_limit_bytes);
    if (rv == 0)
        rv = nng_listener_create(&l->nng, l->socket, l->options.url);
    if (rv != 0)
        return cannot_listen(l, rv, e);
    if (set_tls(l, e) < 0 || open_slots(l, e) < 0)
        return -1;
    rv = nng_listener_start(l->nng, 0);
    if (rv != 0)
        return cannot_listen(l, rv, e);
    l->url = real_url(l);
    for (int i = 0; i < l->n_slots; i++)
        receive_next(&l->slots[i]);
    return 0;
}

/** Undoes a start that failed: no peer was let in yet, so closing does not wait for any. */
static void
listener_free(struct listener *l)
{
    if (l->is_open)
        nng_close(l->socket);
    for (int i = 0; i < l->n_slots; i++)
        nng_aio_free(l->slots[i].aio);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->idle);
    free(l->slots);
    free(l->url);
    free(l);
}

struct listener *
listener_start(const struct listener_options *o, struct status *e)
{
    struct listener *l = calloc(1, sizeof *l);
    if (!l) {
        status_set(e, STATUS_INTERNAL, "no memory for the listener");
        return NULL;
    }
    l->options = *o;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&l->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (listen_now(l, e) == 0) {
        l->options.url = l->url;
        return l;
    }
    listener_free(l);
    return NULL;
}

const char *
listener_url(const struct listener *l)
{
    return l->url;
}

int
listener_reload_tls(struct listener *l, struct status *e)
{
    return set_tls(l, e);
}

bool
listener_drain(struct listener *l, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    pthread_mutex_lock(&l->lock);
    while (l->in_flight > 0 && pthread_cond_timedwait(&l->idle, &l->lock, &until) == 0)
        ;
    bool is_idle = l->in_flight == 0;
    pthread_mutex_unlock(&l->lock);
    /* nng reports an answer sent when it is handed to the connection; give it time to leave. */
    nng_msleep(LINGER_MS);
    return is_idle;
}
