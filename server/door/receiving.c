#include "server/door/receiving.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <string.h>

#include "common/clock.h"
#include "server/door/sending.h"

enum {
    /** Changes of a peer's TLS keys without a message between them. */
    KEY_UPDATES_MAX = 16,
    /** Calls in flight of who has not signed in: the first answer says whether they are known. */
    STRANGERS_CALLS = 4,
};

struct in6_addr
receiving_name_peer(struct connection *c, const struct in6_addr *address)
{
    struct in6_addr customer = {0};
    bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(address);
    const uint8_t *from = address->s6_addr + (is_ipv4 ? 12 : 0);
    inet_ntop(is_ipv4 ? AF_INET : AF_INET6, from, c->address, sizeof c->address);
    memcpy(&customer, address, is_ipv4 ? sizeof customer : 8);
    return customer;
}

bool
receiving_take_proxy(struct connection *c, size_t n, size_t *used, enum metrics_refused *why)
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
    customer = receiving_name_peer(c, &address);
    return c->shared->on_customer(c, &customer, why, c->shared->listener);
}

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
        sending_flush(c);
    if (!c->is_established && error == SSL_ERROR_SSL) {
        metrics_count(METRICS_HANDSHAKES_FAILED);
        connection_base_cut_off(c, METRICS_REFUSED_HANDSHAKE_FAILED);
    }
    connection_base_end(c);
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
        connection_base_cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
    return true;
}

/** The peer has enough calls in flight, or answers to read. */
static bool
is_full(const struct connection *c)
{
    int most = c->shared->calls_per_connection;
    if (!c->is_signed_in && most > STRANGERS_CALLS)
        most = STRANGERS_CALLS;
    /* A protocol with streams bounds them itself, and has more to hear meanwhile. */
    return c->is_sending || (c->calls >= most && !(c->peer && c->protocol->pull));
}

/** The peer was told to come again later. */
static bool
is_deaf(const struct connection *c)
{
    return c->deaf_until_us > clock_now_us();
}

void
receiving_take(struct connection *c)
{
    uint8_t plain[CONNECTION_PLAIN_BYTES];
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
            connection_base_cut_off(c, METRICS_REFUSED_BAD_FRAME);
        if (ret != 1) {
            wants_more(c, ret);
            break;
        }
        uint64_t limit = (uint64_t)(c->is_signed_in ? c->shared->message_limit_bytes
                                                    : c->shared->anonymous_message_limit_bytes);
        c->is_swollen = c->is_swollen || n + (size_t)SSL_pending(c->tls.ssl) > BYTES_KEPT;
        pthread_mutex_unlock(&c->lock);
        enum metrics_refused why;
        if (connection_base_phase(c) == PROTOCOL_BETWEEN)
            pace_begin(&c->received, c->shared->receive_timeout_ms);
        bool is_fine = c->protocol->take(c->peer, plain, n, limit, &why);
        pace_move(&c->received, n, c->shared->receive_timeout_ms);
        OPENSSL_cleanse(plain, n);
        pthread_mutex_lock(&c->lock);
        c->unfinished = c->protocol->held(c->peer);
        if (!is_fine && !c->is_sending)
            sending_flush(c); /* what the protocol has to say about it */
        if (!is_fine)
            connection_base_cut_off(c, why);
    }
}

void
receiving_late(struct connection *c)
{
    enum protocol_phase now = connection_base_phase(c);
    int unread = c->peer && c->protocol->late ? c->protocol->late(c->peer) : 0;
    while (unread-- > 0)
        metrics_refused(METRICS_REFUSED_DOES_NOT_READ, c->address);
    if (c->silent_until_us > clock_now_us() + 1000)
        return;
    if (now == PROTOCOL_GREETING)
        connection_base_cut_off(c, METRICS_REFUSED_HANDSHAKE_TIMEOUT);
    else if (now == PROTOCOL_MESSAGE)
        connection_base_cut_off(c, METRICS_REFUSED_RECEIVE_TIMEOUT);
    else if (!c->is_signed_in && c->calls == 0)
        connection_base_cut_off(c, METRICS_REFUSED_ANONYMOUS_IDLE);
}

/** Until when the peer must send something; INT64_MAX when it need not. */
static int64_t
receive_until(struct connection *c)
{
    enum protocol_phase now = connection_base_phase(c);
    if (c->is_parting)
        return INT64_MAX;
    if (now == PROTOCOL_GREETING)
        return c->handshake_until_us;
    if (now == PROTOCOL_MESSAGE)
        return c->received.until_us;
    return c->is_signed_in ? INT64_MAX
                           : clock_now_us() + (int64_t)c->shared->anonymous_idle_ms * 1000;
}

void
receiving_hurry(struct connection *c)
{
    if (!c->is_reading || c->is_pausing || c->reading_until_us <= connection_base_due_us(c))
        return;
    c->reading_until_us = 0;
    nng_aio_abort(c->receiving, NNG_ECANCELED);
}

/** Waits until the peer may be heard again. */
static void
sleep_deaf(struct connection *c)
{
    nng_duration ms = connection_base_time_left(c->deaf_until_us);
    /*
     * Not to its end: nng 1.5 does not tell an operation that has slept so once that its time is
     * out, ever after.
     */
    nng_aio_set_timeout(c->receiving, ms);
    nng_sleep_aio(2 * ms, c->receiving);
}

void
receiving_go_on(struct connection *c)
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
        int64_t due = connection_base_due_us(c),
                until_us = c->silent_until_us < due ? c->silent_until_us : due;
        c->reading_until_us = until_us;
        nng_iov iov = {c->received_bytes, sizeof c->received_bytes};
        nng_aio_set_timeout(c->receiving, until_us == INT64_MAX
                                              ? NNG_DURATION_INFINITE
                                              : connection_base_time_left(until_us));
        nng_aio_set_iov(c->receiving, 1, &iov);
        nng_stream_recv(c->stream, c->receiving);
    }
}
