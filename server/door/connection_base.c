#include "server/door/connection_base.h"

#include <stdlib.h>

#include "common/clock.h"

enum {
    /** A connection that holds less than this is not the one to end when memory is short. */
    SMALL_BYTES = 65536,
};

nng_duration
connection_base_time_left(int64_t until_us)
{
    int64_t ms = (until_us - clock_now_us()) / 1000;
    return ms > 0 ? (nng_duration)ms : 1;
}

bool
connection_base_hold(struct connection *c, long long bytes)
{
    struct connection_shared *s = c->shared;
    long long all = atomic_fetch_add(&s->buffered, bytes) + bytes;
    long long mine = atomic_fetch_add(c->link.held, bytes) + bytes;
    return mine > s->buffers_limit_bytes - all;
}

void
connection_base_free(struct connection *c)
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

void
connection_base_release(struct connection *c)
{
    if (atomic_fetch_sub(&c->references, 1) != 1)
        return;
    connection_base_hold(c, -c->buffered);
    if (c->is_unsent)
        atomic_fetch_sub(&c->shared->unsent, 1);
    /* What is shared may go when the last connection has said that it ended. */
    c->shared->on_end(c, c->shared->listener);
    connection_base_free(c);
}

void
connection_base_end(struct connection *c)
{
    if (atomic_exchange(&c->is_gone, true))
        return;
    nng_stream_close(c->stream);
    if (c->peer && c->protocol->gone)
        c->protocol->gone(c->peer);
    atomic_fetch_sub(&c->references, 1);
}

void
connection_base_cut_off(struct connection *c, enum metrics_refused why)
{
    if (!atomic_load(&c->is_gone))
        metrics_refused(why, c->address);
    connection_base_end(c);
}

void
connection_base_account(struct connection *c)
{
    if (c->peer && c->protocol->pull)
        c->unfinished = c->protocol->held(c->peer);
    size_t held = c->tls.out.capacity + c->leaving.capacity + c->unfinished;
    long long now = (long long)held;
    long long more = now - c->buffered;
    if (more == 0)
        return;
    c->buffered = now;
    if (connection_base_hold(c, more) && more > 0 && now > SMALL_BYTES)
        connection_base_cut_off(c, METRICS_REFUSED_BUFFERS_LIMIT);
}

enum protocol_phase
connection_base_phase(const struct connection *c)
{
    return c->peer ? c->protocol->phase(c->peer) : PROTOCOL_GREETING;
}

int64_t
connection_base_due_us(const struct connection *c)
{
    bool is_asked = c->peer && c->protocol->due_us && !c->is_parting;
    return is_asked ? c->protocol->due_us(c->peer) : INT64_MAX;
}
