#include "server/door/connection.h"

#include <openssl/err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "server/call/lane.h"
#include "server/door/connection_base.h"
#include "server/door/receiving.h"
#include "server/door/sending.h"

enum {
    /**
     * Who was told to come again later is not heard for so long, at most; who has no session, for
     * so long.
     */
    PAUSE_MAX_MS = 500,
    PAUSE_STRANGER_MS = 200,
    /** Looks of connection_rest() for which nothing came or went. */
    AT_REST = 2,
};

/**
 * After bytes came or were to go: sends what can be sent, and lets go of memory that is not needed.
 */
static void
settle(struct connection *c)
{
    if (!c->is_sending)
        sending_flush(c);
    sending_note(c);
    connection_base_account(c);
    receiving_hurry(c);
    if (c->is_swollen && SSL_free_buffers(c->tls.ssl) == 1)
        c->is_swollen = false;
    receiving_go_on(c);
}

/** The calls that need not wait any more: one at a time, for its answer may be long again. */
static struct call *
take_waiting(struct connection *c)
{
    struct call *first = c->waiting;
    bool is_gone = atomic_load(&c->is_gone);
    if (!first || (!is_gone && atomic_load(&c->reader.is_late)))
        return NULL;
    c->waiting = is_gone ? NULL : first->next;
    if (!c->waiting)
        c->waiting_end = &c->waiting;
    if (!is_gone)
        first->next = NULL;
    return first;
}

/** Lets go of the lock, and has the lanes do what waited. The caller has a reference. */
static void
unlock(struct connection *c)
{
    struct call *call = take_waiting(c), *next;
    pthread_mutex_unlock(&c->lock);
    for (; call; call = next) {
        next = call->next;
        call_lap(call, CALL_QUEUE);
        lanes_submit(call->gate->lanes, call);
    }
}

/** See struct call_reader. */
static bool
keep(struct call_reader *reader, struct call *call)
{
    struct connection *c =
        (struct connection *)((char *)reader - offsetof(struct connection, reader));
    pthread_mutex_lock(&c->lock);
    bool is_late = atomic_load(&reader->is_late) && !atomic_load(&c->is_gone);
    if (is_late) {
        call->next = NULL;
        *c->waiting_end = call;
        c->waiting_end = &call->next;
    }
    pthread_mutex_unlock(&c->lock);
    return is_late;
}

/** TCP has taken more, or the peer has not read for too long. */
static void
on_sent(void *arg)
{
    struct connection *c = arg;
    int rv = nng_aio_result(c->sending);
    pthread_mutex_lock(&c->lock);
    if (rv == 0) {
        size_t n = nng_aio_count(c->sending);
        c->left += n;
        pace_move(&c->sent, n, c->shared->send_timeout_ms);
    } else {
        if (rv == NNG_ETIMEDOUT)
            connection_base_cut_off(c, METRICS_REFUSED_DOES_NOT_READ);
        connection_base_end(c);
    }
    sending_flush(c);
    settle(c);
    unlock(c);
    connection_base_release(c);
}

/** Goodbye was said. Until the peer hangs up as well, what it sends is thrown away. */
static void
ignore(struct connection *c, int rv)
{
    if (rv != 0 && rv != NNG_ETIMEDOUT && rv != NNG_ECANCELED)
        connection_base_end(c);
}

static void
on_received(void *arg)
{
    struct connection *c = arg;
    int rv = nng_aio_result(c->receiving);
    size_t n = rv == 0 && !c->is_pausing ? nng_aio_count(c->receiving) : 0, used = 0;
    enum metrics_refused why;
    bool is_named = n == 0 || receiving_take_proxy(c, n, &used, &why);
    pthread_mutex_lock(&c->lock);
    if (c->is_parting) {
        ignore(c, rv);
    } else if (!is_named) {
        metrics_count(METRICS_HANDSHAKES_FAILED);
        connection_base_cut_off(c, why);
    } else if (c->is_pausing) {
        /* What the peer has sent meanwhile was not late. */
        pace_begin(&c->received, c->shared->receive_timeout_ms);
        receiving_take(c);
    } else if (rv == 0) {
        c->tls.in = c->received_bytes + used;
        c->tls.n_in = n - used;
        receiving_take(c);
    } else if (rv == NNG_ETIMEDOUT || rv == NNG_ECANCELED) {
        receiving_late(c);
    } else {
        connection_base_end(c);
    }
    c->is_reading = false;
    settle(c);
    unlock(c);
    connection_base_release(c);
}

/* Calls. */

static bool
shows_who_calls(const struct call *c)
{
    return c->has_token && *c->member && c->status.code != STATUS_UNAUTHENTICATED;
}

/**
 * Who does not wait as it is told is made to: otherwise refusing it is all that the server has time
 * for.
 */
static void
be_deaf(struct connection *c, int64_t ms)
{
    c->deaf_until_us = clock_now_us() + (ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS) * 1000;
}

void
connection_take_call(struct connection *c, struct call *call, size_t request_bytes)
{
    struct connection_shared *s = c->shared;
    memcpy(call->address, c->address, sizeof c->address);
    call->is_abandoned = &c->is_gone;
    call->reader = &c->reader;
    c->tls.key_updates = 0;
    atomic_fetch_add(&c->references, 1);
    pthread_mutex_lock(&c->lock);
    c->calls++;
    pthread_mutex_unlock(&c->lock);
    bool is_much = connection_base_hold(c, (long long)request_bytes);
    call->excess = atomic_fetch_add(&s->calls, 1) >= s->calls_limit ? CALL_IS_ONE_TOO_MANY
                   : is_much                                        ? CALL_HOLDS_TOO_MUCH
                                                                    : CALL_FITS;
}

/** A call ends. The lock is held, and let go. */
static void
end_call(struct connection *c, struct call *call, size_t request_bytes)
{
    c->is_signed_in = c->is_signed_in || shows_who_calls(call);
    if (call->status.code == STATUS_RESOURCE_EXHAUSTED)
        be_deaf(c, call->status.retry_after_ms);
    if (call->status.code == STATUS_UNAUTHENTICATED)
        be_deaf(c, PAUSE_STRANGER_MS);
    c->calls--;
    settle(c);
    unlock(c);
    connection_base_hold(c, -(long long)request_bytes);
    arena_free(call->arena);
    atomic_fetch_sub(&c->shared->calls, 1);
    connection_base_release(c);
}

void
connection_answer(struct connection *c, struct call *call, size_t request_bytes,
                  const uint8_t *answer, size_t n)
{
    pthread_mutex_lock(&c->lock);
    /* Without an answer the peer had better know at once than wait. */
    if (!atomic_load(&c->is_gone) && (!answer || !sending_encrypt(c, answer, n)))
        connection_base_cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
    end_call(c, call, request_bytes);
}

void
connection_end_call(struct connection *c, struct call *call, size_t request_bytes)
{
    pthread_mutex_lock(&c->lock);
    end_call(c, call, request_bytes);
}

void
connection_go_on(struct connection *c)
{
    pthread_mutex_lock(&c->lock);
    settle(c);
    unlock(c);
}

/** Nothing is under way but calls that wait for news. */
static bool
is_at_ease(const struct connection *c)
{
    return c->is_established && !atomic_load(&c->is_gone) && c->calls == atomic_load(&c->held) &&
           !c->is_sending && !c->has_more;
}

/** Gives back the memory of buffers. */
static void
give_back(struct connection *c)
{
    if (SSL_free_buffers(c->tls.ssl) != 1)
        return;
    tls_pipe_rest(&c->tls);
    bytes_free(&c->leaving);
    if (c->peer && c->protocol->rest)
        c->protocol->rest(c->peer);
    connection_base_account(c);
}

void
connection_hold(struct connection *c, bool held)
{
    atomic_fetch_add(&c->shared->calls, held ? -1 : 1);
    atomic_fetch_add(&c->held, held ? 1 : -1);
    if (!held)
        return;
    pthread_mutex_lock(&c->lock);
    c->is_signed_in = true; /* a call is only held once the database has said whose it is */
    /* Who waits is told every half minute that nothing is new: no buffers until then. */
    if (is_at_ease(c)) {
        give_back(c);
        c->rested = AT_REST;
    }
    pthread_mutex_unlock(&c->lock);
}

void
connection_resume(struct connection *c, struct call *call)
{
    memcpy(call->address, c->address, sizeof c->address);
    call->is_abandoned = &c->is_gone;
    connection_hold(c, false);
}

bool
connection_is_gone(const struct connection *c)
{
    return atomic_load(&c->is_gone);
}

void
connection_forget(struct connection *c, size_t request_bytes, bool cuts)
{
    pthread_mutex_lock(&c->lock);
    if (cuts)
        connection_base_cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
    c->calls--;
    atomic_fetch_sub(&c->held, 1);
    settle(c);
    unlock(c);
    connection_base_hold(c, -(long long)request_bytes);
    connection_base_release(c);
}

bool
connection_say(struct connection *c, const void *data, size_t n)
{
    return sending_encrypt(c, data, n);
}

const struct connection_shared *
connection_shared(const struct connection *c)
{
    return c->shared;
}

/* Starting, and ending. */

static bool
take_peer_address(struct connection *c)
{
    nng_sockaddr a;
    struct in6_addr address;
    if (nng_stream_get_addr(c->stream, NNG_OPT_REMADDR, &a) != 0)
        return false;
    if (a.s_family == NNG_AF_INET)
        address = network_map(&a.s_in.sa_addr);
    else if (a.s_family == NNG_AF_INET6)
        memcpy(&address, a.s_in6.sa_addr, sizeof address);
    else
        return true;
    c->link.customer = receiving_name_peer(c, &address);
    c->is_proxied = network_has(&c->shared->proxies, &address);
    return true;
}

struct connection *
connection_new(struct connection_shared *s, SSL_CTX *context, nng_stream *stream)
{
    struct connection *c = calloc(1, sizeof *c);
    if (!c) {
        nng_stream_free(stream);
        return NULL;
    }
    c->shared = s;
    c->link.connection = c;
    c->stream = stream;
    c->references = 1;
    c->reader.keep = keep;
    c->waiting_end = &c->waiting;
    c->handshake_until_us = clock_now_us() + (int64_t)s->handshake_timeout_ms * 1000;
    pthread_mutex_init(&c->lock, NULL);
    if (take_peer_address(c) && tls_pipe_open(&c->tls, context) &&
        nng_aio_alloc(&c->receiving, on_received, c) == 0 &&
        nng_aio_alloc(&c->sending, on_sent, c) == 0 && nng_aio_alloc(&c->trying, NULL, NULL) == 0)
        return c;
    connection_abandon(c);
    return NULL;
}

void
connection_abandon(struct connection *c)
{
    connection_base_free(c);
}

void
connection_start(struct connection *c)
{
    pthread_mutex_lock(&c->lock);
    receiving_go_on(c);
    pthread_mutex_unlock(&c->lock);
}

/**
 * A reference more. False: who let go last may not have come to on_end() yet, and then the
 * connection is that one's to free.
 */
static bool
grasp(struct connection *c)
{
    int references = atomic_load(&c->references);
    do {
        if (references == 0)
            return false;
    } while (!atomic_compare_exchange_weak(&c->references, &references, references + 1));
    return true;
}

bool
connection_leave(struct connection *c, bool is_final)
{
    if (!grasp(c))
        return false;
    pthread_mutex_lock(&c->lock);
    bool can = c->peer && c->protocol->leave && !atomic_load(&c->is_gone);
    bool waits = can && c->protocol->leave(c->peer, is_final);
    if (can)
        settle(c);
    unlock(c);
    connection_base_release(c);
    return waits;
}

void
connection_rest(struct connection *c)
{
    if (!grasp(c))
        return;
    /* Who holds the lock does not rest. */
    if (pthread_mutex_trylock(&c->lock) == 0) {
        if (is_at_ease(c) && c->rested < AT_REST && ++c->rested == AT_REST)
            give_back(c);
        pthread_mutex_unlock(&c->lock);
    }
    connection_base_release(c);
}

/** Nothing is under way, and what was sent last may still be on its way. */
static bool
may_part(const struct connection *c)
{
    return c->is_established && !c->is_sending && c->calls == 0 && c->rested < AT_REST;
}

void
connection_close(struct connection *c, bool is_final)
{
    if (!grasp(c))
        return;
    pthread_mutex_lock(&c->lock);
    if (!atomic_load(&c->is_gone) && !c->is_parting) {
        c->is_parting = may_part(c);
        if (c->is_established && !c->is_sending && SSL_shutdown(c->tls.ssl) >= 0)
            sending_flush(c);
        ERR_clear_error();
        settle(c);
    }
    if (is_final || !c->is_parting)
        connection_base_end(c);
    unlock(c);
    connection_base_release(c);
}

struct connection_link *
connection_link(struct connection *c)
{
    return &c->link;
}

bool
connection_is_proxied(const struct connection *c)
{
    return c->is_proxied;
}

const char *
connection_address(const struct connection *c)
{
    return c->address;
}
