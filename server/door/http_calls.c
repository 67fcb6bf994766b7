#include "server/door/http_calls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "server/base/fault.h"
#include "server/call/held.h"
#include "server/call/journal.h"
#include "server/door/connection.h"
#include "server/door/http2.h"
#include "server/door/http_answer.h"
#include "server/door/http_exchange.h"
#include "server/door/outcome.h"

enum {
    /** What is taken of the peer's bytes at a time. */
    TAKE_BYTES = 16384,
    /** Answers of one connection that wait to be read; what is small always fits. */
    SMALL_ANSWER_BYTES = 16 << 10,
};

/** Where a call's answer goes. In the call's arena; of one that is held, a place of its own. */
struct destination {
    struct http_peer *peer;
    int32_t stream;
    struct http_manner manner;
    /** What its request counts for in the connection's memory. */
    size_t request_bytes;
    /** The stream is over, or nobody reads any more. */
    atomic_bool is_gone;
};

/** A call that came to something, or whose caller is known, gives what one costs. */
static void
credit(struct http_peer *p, const struct call *c)
{
    if (c->status.code == STATUS_OK || *c->member)
        http2_credit(p->session);
}

/* Calls: the lock is not held, but where it says so. */

/** The exchange of a stream, if it is there. The lock is held. */
static struct http_exchange *
find(const struct http_peer *p, int32_t stream)
{
    return http2_kept(p->session, stream);
}

/** Has the room for an answer of @n bytes, or has it not. What fits is promised to it. */
static bool
promise(struct http_peer *p, size_t n)
{
    pthread_mutex_lock(&p->lock);
    bool fits =
        n <= SMALL_ANSWER_BYTES || http2_unsent(p->session) + p->promised + n <= HTTP_ANSWERS_BYTES;
    if (fits)
        p->promised += n;
    pthread_mutex_unlock(&p->lock);
    return fits;
}

/** Makes the answer, for which the lock is not needed. */
static void
make_answer(struct call *c, struct http_answer *r)
{
    const struct destination *d = c->owner;
    call_lap(c, CALL_WORK);
    http_answer_pack(c, &d->manner, d->peer->shared->message_limit_bytes, r);
    if (r->is_done && !promise(d->peer, r->body.len)) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "answers of this connection wait to be read; read them first");
        c->status.retry_after_ms = HTTP_RETRY_MS;
    }
    http_answer_complete(c, r);
    call_lap(c, CALL_PACK);
    fault_point_of("before_reply", c->method ? c->method->schema->short_name : NULL);
}

/** Answers a call; runs on whichever thread ended it. */
static void
answer_call(struct call *c)
{
    struct destination *d = c->owner;
    struct http_peer *p = d->peer;
    struct http_answer r = {0};
    size_t request_bytes = d->request_bytes;
    bool is_wanted = !call_is_abandoned(c);
    if (is_wanted)
        make_answer(c, &r);
    else
        call_lap(c, CALL_WORK);
    journal_write(c, p->shared->slow_call_ms);
    pthread_mutex_lock(&p->lock);
    p->running--;
    if (r.is_done)
        p->promised -= r.body.len;
    struct http_exchange *x = find(p, d->stream);
    if (x)
        x->is_abandoned = NULL;
    if (is_wanted)
        http_answer_send(p->session, d->stream, &r);
    credit(p, c);
    pthread_mutex_unlock(&p->lock);
    connection_end_call(p->connection, c, request_bytes);
}

/* Held calls: see server/call/held.h. A place is a destination of its own. */

static const struct call_door door;

/** The flag is each one's own. */
static void
copy_destination(struct destination *to, const struct destination *from)
{
    to->peer = from->peer;
    to->stream = from->stream;
    to->manner = from->manner;
    to->request_bytes = from->request_bytes;
}

/** A new call that answers where @to says; attach() has it told when that is over. */
static struct call *
new_call(const struct destination *to)
{
    struct call *c = call_begin((size_t)to->peer->shared->arena_limit_bytes);
    struct destination *d = c ? arena_alloc(c->arena, sizeof *d) : NULL;
    if (!d) {
        arena_free(c ? c->arena : NULL);
        return NULL;
    }
    copy_destination(d, to);
    c->finish = answer_call;
    c->owner = d;
    c->door = &door;
    return c;
}

/** From now on @d is told when its stream is over. The lock is held. */
static void
attach(struct destination *d)
{
    struct http_exchange *x = d->peer->is_gone ? NULL : find(d->peer, d->stream);
    atomic_store(&d->is_gone, x == NULL);
    if (x)
        x->is_abandoned = &d->is_gone;
}

static void *
put_by(struct call *c)
{
    const struct destination *d = c->owner;
    struct destination *place = calloc(1, sizeof *place);
    if (!place)
        return NULL;
    copy_destination(place, d);
    struct http_peer *p = place->peer;
    pthread_mutex_lock(&p->lock);
    attach(place);
    if (place->manner.is_stream)
        http_answer_begin(p->session, place->stream, &place->manner);
    pthread_mutex_unlock(&p->lock);
    arena_free(c->arena);
    connection_hold(p->connection, true);
    if (place->manner.is_stream)
        connection_go_on(p->connection);
    return place;
}

static struct call *
take_up(void *place)
{
    struct destination *was = place;
    struct http_peer *p = was->peer;
    struct call *c = new_call(was);
    if (!c)
        return NULL;
    struct destination *d = c->owner;
    connection_resume(p->connection, c);
    c->is_abandoned = &d->is_gone;
    pthread_mutex_lock(&p->lock);
    attach(d);
    pthread_mutex_unlock(&p->lock);
    free(was);
    return c;
}

static bool
is_gone(const void *place)
{
    return atomic_load(&((const struct destination *)place)->is_gone);
}

static void
give_up(void *place)
{
    struct destination *d = place;
    struct http_peer *p = d->peer;
    pthread_mutex_lock(&p->lock);
    struct http_exchange *x = find(p, d->stream);
    if (x)
        x->is_abandoned = NULL;
    p->running--;
    http2_reset(p->session, d->stream);
    pthread_mutex_unlock(&p->lock);
    connection_forget(p->connection, d->request_bytes, false);
    free(d);
}

static bool
tell(struct call *c)
{
    const struct destination *d = c->owner;
    struct http_peer *p = d->peer;
    struct http_answer r = {0};
    make_answer(c, &r);
    if (!r.is_done)
        return false;
    journal_write(c, p->shared->slow_call_ms);
    pthread_mutex_lock(&p->lock);
    p->promised -= r.body.len;
    http_answer_tell(p->session, d->stream, &r);
    http2_credit(p->session);
    pthread_mutex_unlock(&p->lock);
    connection_go_on(p->connection);
    return true;
}

static bool
is_read(const void *place)
{
    const struct destination *d = place;
    pthread_mutex_lock(&d->peer->lock);
    bool is = http2_is_read(d->peer->session, d->stream);
    pthread_mutex_unlock(&d->peer->lock);
    return is;
}

static const struct call_door door = {put_by, take_up, is_gone, give_up, tell, is_read};

/* From requests to calls. */

/** What a request became: its call, and what the gate is to read of it. */
struct entry {
    struct call *call;
    struct http_request *request;
    struct grpc_reader body;
};

/** Takes the next request that is whole; false where there is none. */
static bool
take_ready(struct http_peer *p, struct entry *ret)
{
    pthread_mutex_lock(&p->lock);
    struct http_exchange *x = TAILQ_FIRST(&p->ready);
    if (x) {
        const struct destination to = {.peer = p,
                                       .stream = x->stream,
                                       .manner = x->request->manner,
                                       .request_bytes =
                                           x->reader.body.size + strlen(x->request->method)};
        TAILQ_REMOVE(&p->ready, x, entry);
        x->state = HTTP_EXCHANGE_CALLED;
        *ret = (struct entry){new_call(&to), x->request, x->reader};
        x->request = NULL;
        x->reader = (struct grpc_reader){0};
        http_exchange_discount(x);
        if (ret->call) {
            p->running++;
            attach(ret->call->owner);
        } else {
            http2_reset(p->session, x->stream);
        }
    }
    pthread_mutex_unlock(&p->lock);
    return x != NULL;
}

static void
enter_gate(struct http_peer *p, struct entry *e)
{
    const struct http_request *q = e->request;
    struct call *c = e->call;
    struct destination *d = c->owner;
    struct gate_request r = {
        .method = q->method,
        .payload = {e->body.body.size, e->body.body.bytes},
        .is_json = q->manner.dialect == HTTP_CONNECT_JSON,
        .token = q->token,
        .request_id = {sizeof q->id, (uint8_t *)q->id},
        .has_request_id = true,
        .is_stream = q->manner.is_stream,
        .has_timeout = q->has_timeout,
        .timeout_ms = q->timeout_ms,
        .client = q->client ? arena_copy(c->arena, q->client, strlen(q->client)) : NULL,
        .locale = q->locale,
    };
    connection_take_call(p->connection, c, d->request_bytes);
    c->is_abandoned = &d->is_gone;
    c->status = q->refused;
    if (c->status.code != STATUS_OK) {
        /* The gate does not look further. */
        memcpy(c->request_id, q->id, sizeof c->request_id);
        c->has_request_id = true;
    }
    gate_enter(p->shared->gate, c, &r);
}

static void
enter_ready(struct http_peer *p)
{
    struct entry e;
    while (take_ready(p, &e)) {
        if (e.call)
            enter_gate(p, &e);
        http_request_free(e.request);
        grpc_free(&e.body);
        pthread_mutex_lock(&p->lock);
        p->begun--;
        pthread_mutex_unlock(&p->lock);
    }
}

/* The protocol's operations. */

static void *
start(struct connection *c)
{
    struct http_peer *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->connection = c;
    p->shared = connection_shared(c);
    pthread_mutex_init(&p->lock, NULL);
    TAILQ_INIT(&p->ready);
    TAILQ_INIT(&p->watching);
    return p;
}

static uint64_t
wanted(const void *peer)
{
    (void)peer;
    return TAKE_BYTES;
}

/** At the peer's first bytes. */
static bool
open_session(struct http_peer *p)
{
    const struct connection_shared *s = p->shared;
    p->session = http2_new(&(struct http2_options){.events = &http_exchange_events,
                                                   .owner = p,
                                                   .streams = s->calls_per_connection,
                                                   .receive_timeout_ms = s->receive_timeout_ms,
                                                   .send_timeout_ms = s->send_timeout_ms});
    if (!p->session)
        return false;
    if (atomic_load(&s->is_leaving))
        http2_go_away(p->session, atomic_load(&s->is_left));
    return true;
}

static enum metrics_refused
cause_of(enum http2_result r)
{
    switch (r) {
    case HTTP2_TOO_MUCH: return METRICS_REFUSED_OVERHEAD;
    case HTTP2_NO_MEMORY: return METRICS_REFUSED_BUFFERS_LIMIT;
    case HTTP2_FINE:
    case HTTP2_OVER: return METRICS_REFUSED_CAUSES;
    case HTTP2_BAD: break;
    }
    return METRICS_REFUSED_BAD_FRAME;
}

static bool
take(void *peer, const uint8_t *data, size_t n, uint64_t limit, enum metrics_refused *why)
{
    struct http_peer *p = peer;
    enum http2_result r = HTTP2_NO_MEMORY;
    pthread_mutex_lock(&p->lock);
    p->limit = limit;
    if (p->session || open_session(p))
        r = http2_take(p->session, data, n);
    pthread_mutex_unlock(&p->lock);
    *why = cause_of(r);
    if (r != HTTP2_FINE)
        return false;
    enter_ready(p);
    return true;
}

static bool
pull(void *peer, uint8_t *to, size_t size, size_t *ret_n, enum metrics_refused *why)
{
    struct http_peer *p = peer;
    enum http2_result r = HTTP2_FINE;
    *ret_n = 0;
    pthread_mutex_lock(&p->lock);
    if (p->session)
        r = http2_pull(p->session, to, size, ret_n);
    pthread_mutex_unlock(&p->lock);
    *why = cause_of(r);
    return r == HTTP2_FINE;
}

static enum protocol_phase
phase(const void *peer)
{
    struct http_peer *p = (struct http_peer *)peer;
    pthread_mutex_lock(&p->lock);
    bool is_greeted = p->session && http2_is_greeted(p->session);
    pthread_mutex_unlock(&p->lock);
    return is_greeted ? PROTOCOL_BETWEEN : PROTOCOL_GREETING;
}

static size_t
held(const void *peer)
{
    struct http_peer *p = (struct http_peer *)peer;
    pthread_mutex_lock(&p->lock);
    size_t n = sizeof *p + p->taken + (p->session ? http2_held(p->session) : 0) +
               (size_t)p->begun * (sizeof(struct http_exchange) + sizeof(struct http_request));
    pthread_mutex_unlock(&p->lock);
    return n;
}

/** Nobody waits for the call any more. */
static void
abandon(void *kept)
{
    const struct http_exchange *x = kept;
    if (x->is_abandoned)
        atomic_store(x->is_abandoned, true);
}

static void
gone(void *peer)
{
    struct http_peer *p = peer;
    pthread_mutex_lock(&p->lock);
    p->is_gone = true;
    if (p->session)
        http2_each(p->session, abandon);
    pthread_mutex_unlock(&p->lock);
}

static size_t
unsent(const void *peer)
{
    struct http_peer *p = (struct http_peer *)peer;
    pthread_mutex_lock(&p->lock);
    size_t n = p->session ? http2_unsent(p->session) : 0;
    pthread_mutex_unlock(&p->lock);
    return n;
}

static int64_t
due_us(const void *peer)
{
    struct http_peer *p = (struct http_peer *)peer;
    pthread_mutex_lock(&p->lock);
    int64_t due = p->session ? http2_due_us(p->session) : INT64_MAX;
    pthread_mutex_unlock(&p->lock);
    return due;
}

static int
late(void *peer)
{
    struct http_peer *p = peer;
    pthread_mutex_lock(&p->lock);
    int unread = p->session ? http2_cut_late(p->session) : 0;
    pthread_mutex_unlock(&p->lock);
    return unread;
}

static bool
leave(void *peer, bool is_final)
{
    struct http_peer *p = peer;
    pthread_mutex_lock(&p->lock);
    if (p->session && !p->is_leaving)
        http_exchange_leave(p);
    bool waits = false;
    if (p->session) {
        http2_go_away(p->session, is_final);
        waits =
            is_final ? p->begun > 0 || http2_is_hearing(p->session) : !http2_has_heard(p->session);
    }
    pthread_mutex_unlock(&p->lock);
    return waits;
}

static void
rest(void *peer)
{
    struct http_peer *p = peer;
    pthread_mutex_lock(&p->lock);
    if (p->session)
        http2_rest(p->session);
    pthread_mutex_unlock(&p->lock);
}

static void
free_peer(void *peer)
{
    struct http_peer *p = peer;
    http2_free(p->session);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

const struct protocol http_calls_protocol = {
    .alpn = "h2",
    .start = start,
    .wanted = wanted,
    .take = take,
    .phase = phase,
    .held = held,
    .free = free_peer,
    .pull = pull,
    .gone = gone,
    .unsent = unsent,
    .due_us = due_us,
    .late = late,
    .leave = leave,
    .rest = rest,
};
