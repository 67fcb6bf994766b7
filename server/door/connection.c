#include "server/door/connection.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "server/base/metrics.h"
#include "server/door/pace.h"
#include "server/door/proxy_header.h"
#include "server/door/tls_pipe.h"

enum {
    /** What is read from TCP at a time: most requests are smaller. */
    RECEIVE_BYTES = 4096,
    /** What OpenSSL gives at a time: one record at most. */
    PLAIN_BYTES = SSL3_RT_MAX_PLAIN_LENGTH,
    /** A connection that holds less than this is not the one to end when memory is short. */
    SMALL_BYTES = 65536,
    /**
     * Who was told to come again later is not heard for so long, at most; who has no session, for
     * so long.
     */
    PAUSE_MAX_MS = 500,
    PAUSE_STRANGER_MS = 200,
    /** Changes of a peer's TLS keys without a message between them. */
    KEY_UPDATES_MAX = 16,
    /** Looks of connection_rest() for which nothing came or went. */
    AT_REST = 2,
};

struct connection {
    struct connection_shared *shared;
    struct connection_link link;
    char address[INET6_ADDRSTRLEN];
    nng_stream *stream;
    /**
     * Reading; sending what does not fit at once; and sending what does, without a turn of another
     * thread.
     */
    nng_aio *receiving, *sending, *trying;
    /** One for being open, one for each operation and each call under way. */
    atomic_int references;
    /** Of its calls, those that are held. */
    atomic_int held;
    /** Set once. What is queued for the peer is dropped then. */
    atomic_bool is_gone;

    /** Guards what follows, and OpenSSL's state. */
    pthread_mutex_t lock;
    struct tls_pipe tls;
    bool is_established, is_signed_in, is_reading, is_sending;
    /** It counts among connection_shared.unsent. */
    bool is_unsent;
    int calls;
    /** The peer was told to come again later: until then nothing is read. */
    int64_t deaf_until_us;
    /** More of what came is there to be taken: no reading until then. */
    bool has_more;
    /**
     * "receiving" waits for deaf_until_us, or only for a turn of nng's threads, to take what has
     * come.
     */
    bool is_pausing;
    /** What the peer speaks, and what that keeps of it; NULL until the handshake is over. */
    const struct protocol *protocol;
    void *peer;
    /** The protocol has nothing more to say, and why. */
    bool is_pulled_out;
    enum metrics_refused pulled_out;
    /** Records that nng has; how many of their bytes have left. */
    struct bytes leaving;
    size_t left;
    struct pace sent;
    /** OpenSSL's buffers held much: they are to go. */
    bool is_swollen;
    /** Looks of connection_rest() since something came or went. */
    int rested;
    /** Goodbye was said: what comes is for nobody, until the peer hangs up too. */
    bool is_parting;
    /** What an unfinished message takes; and what was last added to shared->buffered. */
    size_t unfinished;
    long long buffered;

    /** Until when the operation that reads waits, and until when the peer may be silent at all. */
    int64_t reading_until_us, silent_until_us;

    /** The receiver's alone: one thread at a time. */
    struct pace received;
    int64_t handshake_until_us;
    uint8_t received_bytes[RECEIVE_BYTES];
    /** A proxy's header comes first. */
    bool is_proxied;
    struct proxy_header proxy;
};

/**
 * The time until @until_us, as nng wants it; at least a millisecond, for 0 means something else to
 * it.
 */
static nng_duration
time_left(int64_t until_us)
{
    int64_t ms = (until_us - clock_now_us()) / 1000;
    return ms > 0 ? (nng_duration)ms : 1;
}

/* Life and death. */

/**
 * Counts memory for the peer and for all; whether the peer's addresses hold more than there is room
 * left.
 */
static bool
hold(struct connection *c, long long bytes)
{
    struct connection_shared *s = c->shared;
    long long all = atomic_fetch_add(&s->buffered, bytes) + bytes;
    long long mine = atomic_fetch_add(c->link.held, bytes) + bytes;
    return mine > s->buffers_limit_bytes - all;
}

static void
release(struct connection *c)
{
    if (atomic_fetch_sub(&c->references, 1) != 1)
        return;
    hold(c, -c->buffered);
    if (c->is_unsent)
        atomic_fetch_sub(&c->shared->unsent, 1);
    /* What is shared may go when the last connection has said that it ended. */
    c->shared->on_end(c, c->shared->listener);
    connection_abandon(c);
}

void
connection_abandon(struct connection *c)
{
    tls_pipe_close(&c->tls);
    if (c->peer)
        c->protocol->free(c->peer);
    bytes_free(&c->leaving);
    if (c->stream)
        nng_stream_free(c->stream);
    /*
     * The last reference may be dropped by an operation's own callback, for whose end
     * nng_aio_free() would wait.
     */
    nng_aio_reap(c->receiving);
    nng_aio_reap(c->sending);
    nng_aio_reap(c->trying);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/** Ends the connection. The lock is held, and the caller has a reference of its own. */
static void
end(struct connection *c)
{
    if (atomic_exchange(&c->is_gone, true))
        return;
    nng_stream_close(c->stream);
    if (c->peer && c->protocol->gone)
        c->protocol->gone(c->peer);
    atomic_fetch_sub(&c->references, 1);
}

/** Ends the connection for what the peer did. */
static void
cut_off(struct connection *c, enum metrics_refused why)
{
    if (!atomic_load(&c->is_gone))
        metrics_refused(why, c->address);
    end(c);
}

/**
 * Notes the memory that the connection holds. Ends it when its peer has too much of all, and it is
 * not a small part.
 */
static void
account(struct connection *c)
{
    if (c->peer && c->protocol->pull)
        c->unfinished = c->protocol->held(c->peer);
    size_t held = c->tls.out.capacity + c->leaving.capacity + c->unfinished;
    long long now = (long long)held;
    long long more = now - c->buffered;
    if (more == 0)
        return;
    c->buffered = now;
    if (hold(c, more) && more > 0 && now > SMALL_BYTES)
        cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
}

/* Sending. The lock is held. */

static void
send_on(struct connection *c, nng_aio *aio)
{
    nng_iov iov = {c->leaving.data + c->left, c->leaving.size - c->left};
    nng_aio_set_iov(aio, 1, &iov);
    nng_stream_send(c->stream, aio);
}

/**
 * Sends what is leaving as far as TCP takes it at once; returns nng's error number, NNG_ECANCELED
 * when TCP takes no more now. An operation without a callback is over when this returns: no other
 * thread has a turn.
 */
static int
send_now(struct connection *c)
{
    while (c->left < c->leaving.size) {
        send_on(c, c->trying);
        nng_aio_cancel(c->trying);
        nng_aio_wait(c->trying);
        int rv = nng_aio_result(c->trying);
        if (rv != 0)
            return rv;
        c->left += nng_aio_count(c->trying);
    }
    return 0;
}

static void
wait_for_peer(struct connection *c)
{
    if (!c->is_sending) {
        c->is_sending = true;
        pace_begin(&c->sent, c->shared->send_timeout_ms);
    }
    atomic_fetch_add(&c->references, 1);
    nng_aio_set_timeout(c->sending, time_left(c->sent.until_us));
    send_on(c, c->sending);
}

/** Encrypts what goes to the peer next. False without memory. */
static bool
encrypt(struct connection *c, const uint8_t *data, size_t n)
{
    if (!tls_pipe_write(&c->tls, data, n))
        return false;
    c->rested = 0;
    c->is_swollen = c->is_swollen || n > BYTES_KEPT;
    return true;
}

/** Has the protocol give what is to be sent next, as one record. */
static void
pull(struct connection *c)
{
    uint8_t plain[PLAIN_BYTES];
    size_t n = 0;
    enum metrics_refused why;
    if (!c->peer || !c->protocol->pull || c->is_pulled_out || c->is_parting)
        return;
    c->is_pulled_out = !c->protocol->pull(c->peer, plain, sizeof plain, &n, &why);
    if (c->is_pulled_out)
        c->pulled_out = why;
    if (n > 0 && !encrypt(c, plain, n))
        cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
    OPENSSL_cleanse(plain, n);
}

/** Nothing more is to be sent: where the protocol has said so, the connection ends. */
static void
end_pulled_out(struct connection *c)
{
    if (!c->is_pulled_out)
        return;
    if (c->pulled_out != METRICS_REFUSED_CAUSES)
        cut_off(c, c->pulled_out);
    end(c);
}

/**
 * Sends the records that wait, until TCP takes no more; on_sent() goes on then. Not while that is
 * waited for.
 */
static void
flush(struct connection *c)
{
    while (!atomic_load(&c->is_gone)) {
        if (c->left == c->leaving.size) {
            bytes_empty(&c->leaving);
            c->left = 0;
            if (c->tls.out.size == 0)
                pull(c);
            if (c->tls.out.size == 0) {
                end_pulled_out(c);
                break;
            }
            struct bytes empty = c->leaving;
            c->leaving = c->tls.out;
            c->tls.out = empty;
        }
        int rv = send_now(c);
        if (rv == NNG_ECANCELED) {
            wait_for_peer(c);
            return;
        }
        if (rv != 0)
            end(c);
    }
    c->is_sending = false;
}

static void read_on(struct connection *c);

/** Counts the connection where answers wait for the peer to read. */
static void
note_unsent(struct connection *c)
{
    bool waits = c->is_sending || (c->peer && c->protocol->has_unsent &&
                                   !atomic_load(&c->is_gone) && c->protocol->has_unsent(c->peer));
    if (waits != c->is_unsent)
        atomic_fetch_add(&c->shared->unsent, waits ? 1 : -1);
    c->is_unsent = waits;
}

/** When the protocol wants to look whether the peer is late. */
static int64_t
due_us(const struct connection *c)
{
    bool is_asked = c->peer && c->protocol->due_us && !c->is_parting;
    return is_asked ? c->protocol->due_us(c->peer) : INT64_MAX;
}

/** What waits for the peer to send may wait for less long than it did. */
static void
hurry(struct connection *c)
{
    if (!c->is_reading || c->is_pausing || c->reading_until_us <= due_us(c))
        return;
    c->reading_until_us = 0;
    nng_aio_abort(c->receiving, NNG_ECANCELED);
}

/**
 * After bytes came or were to go: sends what can be sent, and lets go of memory that is not needed.
 */
static void
settle(struct connection *c)
{
    if (!c->is_sending)
        flush(c);
    note_unsent(c);
    account(c);
    hurry(c);
    if (c->is_swollen && SSL_free_buffers(c->tls.ssl) == 1)
        c->is_swollen = false;
    read_on(c);
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
            cut_off(c, METRICS_REFUSED_DOES_NOT_READ);
        end(c);
    }
    flush(c);
    settle(c);
    pthread_mutex_unlock(&c->lock);
    release(c);
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
    c->tls.key_updates = 0;
    atomic_fetch_add(&c->references, 1);
    pthread_mutex_lock(&c->lock);
    c->calls++;
    pthread_mutex_unlock(&c->lock);
    bool is_much = hold(c, (long long)request_bytes);
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
    pthread_mutex_unlock(&c->lock);
    hold(c, -(long long)request_bytes);
    arena_free(call->arena);
    atomic_fetch_sub(&c->shared->calls, 1);
    release(c);
}

void
connection_answer(struct connection *c, struct call *call, size_t request_bytes,
                  const uint8_t *answer, size_t n)
{
    pthread_mutex_lock(&c->lock);
    /* Without an answer the peer had better know at once than wait. */
    if (!atomic_load(&c->is_gone) && (!answer || !encrypt(c, answer, n)))
        cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
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
    pthread_mutex_unlock(&c->lock);
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
    account(c);
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
        cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
    c->calls--;
    atomic_fetch_sub(&c->held, 1);
    settle(c);
    pthread_mutex_unlock(&c->lock);
    hold(c, -(long long)request_bytes);
    release(c);
}

bool
connection_say(struct connection *c, const void *data, size_t n)
{
    return encrypt(c, data, n);
}

const struct connection_shared *
connection_shared(const struct connection *c)
{
    return c->shared;
}

/* Receiving. */

/** What OpenSSL's result @ret means: true to wait for more; else the connection has ended. */
static bool
wants_more(struct connection *c, int ret)
{
    int error = SSL_get_error(c->tls.ssl, ret);
    if (error == SSL_ERROR_WANT_READ)
        return true;
    ERR_clear_error();
    /* The alert that says why; unless the peer does not read what came before it. */
    if (!c->is_sending)
        flush(c);
    if (!c->is_established && error == SSL_ERROR_SSL) {
        metrics_count(METRICS_HANDSHAKES_FAILED);
        cut_off(c, METRICS_REFUSED_HANDSHAKE_FAILED);
    }
    end(c);
    return false;
}

/** The protocol that the peer asked for, which the handshake has found among the shared ones. */
static const struct protocol *
spoken(const struct connection *c)
{
    const struct protocol *const *p = c->shared->protocols;
    const unsigned char *name;
    unsigned n;
    SSL_get0_alpn_selected(c->tls.ssl, &name, &n);
    while (n > 0 ? !(*p)->alpn || strlen((*p)->alpn) != n || memcmp((*p)->alpn, name, n) != 0
                 : (*p)->alpn != NULL)
        p++;
    return *p;
}

static enum protocol_phase
phase(const struct connection *c)
{
    return c->peer ? c->protocol->phase(c->peer) : PROTOCOL_GREETING;
}

/** Goes on with the handshake. Returns true when it is over. */
static bool
shake_hands(struct connection *c)
{
    if (c->is_established)
        return true;
    ERR_clear_error();
    int ret = SSL_do_handshake(c->tls.ssl);
    if (ret != 1) {
        wants_more(c, ret);
        return false;
    }
    c->is_established = true;
    metrics_count(SSL_session_reused(c->tls.ssl) ? METRICS_HANDSHAKES_RESUMED
                                                 : METRICS_HANDSHAKES_FULL);
    c->protocol = spoken(c);
    c->peer = c->protocol->start(c);
    if (!c->peer)
        cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
    return true;
}

/** The peer has enough calls in flight, or answers to read. */
static bool
is_full(const struct connection *c)
{
    /* A protocol with streams bounds them itself, and has more to hear meanwhile. */
    return c->is_sending ||
           (c->calls >= c->shared->calls_per_connection && !(c->peer && c->protocol->pull));
}

/** The peer was told to come again later. */
static bool
is_deaf(const struct connection *c)
{
    return c->deaf_until_us > clock_now_us();
}

/**
 * Takes what has come, a message at a time, as far as the peer may be heard: the rest stays with
 * OpenSSL. The lock is held, and let go while the gate has its turn.
 */
static void
take_input(struct connection *c)
{
    uint8_t plain[PLAIN_BYTES];
    size_t n;
    c->has_more = false;
    c->rested = 0;
    while (!atomic_load(&c->is_gone) && shake_hands(c) && c->peer) {
        if (is_full(c) || is_deaf(c)) {
            c->has_more = c->tls.n_in > 0 || SSL_has_pending(c->tls.ssl);
            break;
        }
        uint64_t wanted = c->protocol->wanted(c->peer);
        ERR_clear_error();
        int ret = SSL_read_ex(c->tls.ssl, plain, wanted < sizeof plain ? wanted : sizeof plain, &n);
        if (c->tls.key_updates > KEY_UPDATES_MAX)
            cut_off(c, METRICS_REFUSED_BAD_FRAME);
        if (ret != 1) {
            wants_more(c, ret);
            break;
        }
        uint64_t limit = (uint64_t)(c->is_signed_in ? c->shared->message_limit_bytes
                                                    : c->shared->anonymous_message_limit_bytes);
        c->is_swollen = c->is_swollen || n + (size_t)SSL_pending(c->tls.ssl) > BYTES_KEPT;
        pthread_mutex_unlock(&c->lock);
        enum metrics_refused why;
        if (phase(c) == PROTOCOL_BETWEEN)
            pace_begin(&c->received, c->shared->receive_timeout_ms);
        bool is_fine = c->protocol->take(c->peer, plain, n, limit, &why);
        pace_move(&c->received, n, c->shared->receive_timeout_ms);
        OPENSSL_cleanse(plain, n);
        pthread_mutex_lock(&c->lock);
        c->unfinished = c->protocol->held(c->peer);
        if (!is_fine && !c->is_sending)
            flush(c); /* what the protocol has to say about it */
        if (!is_fine)
            cut_off(c, why);
    }
}

/** Notes the peer's address, as text too. Returns its customer: see struct connection_link. */
static struct in6_addr
name_peer(struct connection *c, const struct in6_addr *address)
{
    struct in6_addr customer = {0};
    bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(address);
    const uint8_t *from = address->s6_addr + (is_ipv4 ? 12 : 0);
    inet_ntop(is_ipv4 ? AF_INET : AF_INET6, from, c->address, sizeof c->address);
    memcpy(&customer, address, is_ipv4 ? sizeof customer : 8);
    return customer;
}

/**
 * A proxy's header says who calls: from now on it counts for that one. The lock is not held, for
 * the listener has one of its own, above this. Returns false with @why.
 */
static bool
take_proxy(struct connection *c, size_t n, size_t *used, enum metrics_refused *why)
{
    struct in6_addr address, customer;
    *why = METRICS_REFUSED_HANDSHAKE_FAILED;
    if (!c->is_proxied)
        return true;
    switch (proxy_header_read(&c->proxy, c->received_bytes, n, used, &address)) {
    case PROXY_HEADER_MORE: return true;
    case PROXY_HEADER_BAD: return false;
    case PROXY_HEADER_LOCAL: c->is_proxied = false; return true;
    case PROXY_HEADER_ADDRESS: break;
    }
    c->is_proxied = false;
    /* Nothing is held yet, and no other thread has to do with it. */
    customer = name_peer(c, &address);
    return c->shared->on_customer(c, &customer, why, c->shared->listener);
}

/** Until when the peer must send something; INT64_MAX when it need not. */
static int64_t
receive_until(struct connection *c)
{
    enum protocol_phase now = phase(c);
    if (c->is_parting)
        return INT64_MAX;
    if (now == PROTOCOL_GREETING)
        return c->handshake_until_us;
    if (now == PROTOCOL_MESSAGE)
        return c->received.until_us;
    return c->is_signed_in ? INT64_MAX
                           : clock_now_us() + (int64_t)c->shared->anonymous_idle_ms * 1000;
}

/** Waits until the peer may be heard again. */
static void
sleep_deaf(struct connection *c)
{
    nng_duration ms = time_left(c->deaf_until_us);
    /*
     * Not to its end: nng 1.5 does not tell an operation that has slept so once that its time is
     * out, ever after.
     */
    nng_aio_set_timeout(c->receiving, ms);
    nng_sleep_aio(2 * ms, c->receiving);
}

/**
 * Reads on, or has the rest taken of what was read, once the peer may be heard. The lock is held.
 */
static void
read_on(struct connection *c)
{
    bool is_heard = c->is_parting || !is_full(c);
    if (c->is_reading || !is_heard || atomic_load(&c->is_gone))
        return;
    c->is_reading = c->is_pausing = true;
    atomic_fetch_add(&c->references, 1);
    if (is_deaf(c) && !c->is_parting) {
        sleep_deaf(c);
    } else if (c->has_more && !c->is_parting) {
        /* On a thread of nng's: who answers a call does not wait for the gate. */
        if (nng_aio_begin(c->receiving))
            nng_aio_finish(c->receiving, 0);
    } else {
        c->is_pausing = false;
        c->silent_until_us = receive_until(c);
        int64_t due = due_us(c), until_us = c->silent_until_us < due ? c->silent_until_us : due;
        c->reading_until_us = until_us;
        nng_iov iov = {c->received_bytes, sizeof c->received_bytes};
        nng_aio_set_timeout(c->receiving,
                            until_us == INT64_MAX ? NNG_DURATION_INFINITE : time_left(until_us));
        nng_aio_set_iov(c->receiving, 1, &iov);
        nng_stream_recv(c->stream, c->receiving);
    }
}

/** The peer was silent for too long, in whatever it was at. The lock is held. */
static void
on_silence(struct connection *c)
{
    enum protocol_phase now = phase(c);
    int unread = c->peer && c->protocol->late ? c->protocol->late(c->peer) : 0;
    while (unread-- > 0)
        metrics_refused(METRICS_REFUSED_DOES_NOT_READ, c->address);
    if (c->silent_until_us > clock_now_us() + 1000)
        return;
    if (now == PROTOCOL_GREETING)
        cut_off(c, METRICS_REFUSED_HANDSHAKE_TIMEOUT);
    else if (now == PROTOCOL_MESSAGE)
        cut_off(c, METRICS_REFUSED_RECEIVE_TIMEOUT);
    else if (!c->is_signed_in && c->calls == 0)
        cut_off(c, METRICS_REFUSED_ANONYMOUS_IDLE);
}

/** Goodbye was said. Until the peer hangs up as well, what it sends is thrown away. */
static void
ignore(struct connection *c, int rv)
{
    if (rv != 0 && rv != NNG_ETIMEDOUT && rv != NNG_ECANCELED)
        end(c);
}

static void
on_received(void *arg)
{
    struct connection *c = arg;
    int rv = nng_aio_result(c->receiving);
    size_t n = rv == 0 && !c->is_pausing ? nng_aio_count(c->receiving) : 0, used = 0;
    enum metrics_refused why;
    bool is_named = n == 0 || take_proxy(c, n, &used, &why);
    pthread_mutex_lock(&c->lock);
    if (c->is_parting) {
        ignore(c, rv);
    } else if (!is_named) {
        metrics_count(METRICS_HANDSHAKES_FAILED);
        cut_off(c, why);
    } else if (c->is_pausing) {
        /* What the peer has sent meanwhile was not late. */
        pace_begin(&c->received, c->shared->receive_timeout_ms);
        take_input(c);
    } else if (rv == 0) {
        c->tls.in = c->received_bytes + used;
        c->tls.n_in = n - used;
        take_input(c);
    } else if (rv == NNG_ETIMEDOUT || rv == NNG_ECANCELED) {
        on_silence(c);
    } else {
        end(c);
    }
    c->is_reading = false;
    settle(c);
    pthread_mutex_unlock(&c->lock);
    release(c);
}

/* Starting. */

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
    c->link.customer = name_peer(c, &address);
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
connection_start(struct connection *c)
{
    pthread_mutex_lock(&c->lock);
    read_on(c);
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
    pthread_mutex_unlock(&c->lock);
    release(c);
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
    release(c);
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
            flush(c);
        ERR_clear_error();
        settle(c);
    }
    if (is_final || !c->is_parting)
        end(c);
    pthread_mutex_unlock(&c->lock);
    release(c);
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
