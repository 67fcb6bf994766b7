#include "server/door/sending.h"

#include <openssl/crypto.h>

enum {
    /** Who has so much to read is late; who has streams, with so much. */
    LATE_BYTES = 64 << 10,
    LATE_STREAMS_BYTES = 256 << 10,
};

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
    nng_aio_set_timeout(c->sending, connection_base_time_left(c->sent.until_us));
    send_on(c, c->sending);
}

bool
sending_encrypt(struct connection *c, const uint8_t *data, size_t n)
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
    uint8_t plain[CONNECTION_PLAIN_BYTES];
    size_t n = 0;
    enum metrics_refused why;
    if (!c->peer || !c->protocol->pull || c->is_pulled_out || c->is_parting)
        return;
    c->is_pulled_out = !c->protocol->pull(c->peer, plain, sizeof plain, &n, &why);
    if (c->is_pulled_out)
        c->pulled_out = why;
    if (n > 0 && !sending_encrypt(c, plain, n))
        connection_base_cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
    OPENSSL_cleanse(plain, n);
}

/** Nothing more is to be sent: where the protocol has said so, the connection ends. */
static void
end_pulled_out(struct connection *c)
{
    if (!c->is_pulled_out)
        return;
    if (c->pulled_out != METRICS_REFUSED_CAUSES)
        connection_base_cut_off(c, c->pulled_out);
    connection_base_end(c);
}

void
sending_flush(struct connection *c)
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
            connection_base_end(c);
    }
    c->is_sending = false;
}

/** What the peer was answered and has not taken. */
static size_t
unread_bytes(const struct connection *c)
{
    size_t n = c->leaving.size - c->left + c->tls.out.size;
    return c->peer && c->protocol->unsent ? n + c->protocol->unsent(c->peer) : n;
}

void
sending_note(struct connection *c)
{
    bool is_gone = atomic_load(&c->is_gone);
    size_t unread = is_gone ? 0 : unread_bytes(c);
    /* Where streams have windows of their own, a short answer may overtake a long one. */
    size_t much = c->peer && c->protocol->pull ? LATE_STREAMS_BYTES : LATE_BYTES;
    atomic_store(&c->reader.is_late, unread > much);
    bool waits = c->is_sending || unread > 0;
    if (waits != c->is_unsent)
        atomic_fetch_add(&c->shared->unsent, waits ? 1 : -1);
    c->is_unsent = waits;
}
