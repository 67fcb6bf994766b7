#include "server/door/http_calls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/clock.h"
#include "server/base/fault.h"
#include "server/base/language.h"
#include "server/call/held.h"
#include "server/call/journal.h"
#include "server/door/connection.h"
#include "server/door/body.h"
#include "server/door/browser.h"
#include "server/door/grpc.h"
#include "server/door/grpc_standard.h"
#include "server/door/http2.h"
#include "server/door/http_answer.h"
#include "server/door/http_request.h"
#include "server/door/outcome.h"
#include "server/door/page.h"

enum {
    /** What is taken of the peer's bytes at a time. */
    TAKE_BYTES = 16384,
    /** Requests that one connection may have in memory, by what they declare. */
    REQUESTS_BYTES = 4 << 20,
    /** Answers of one connection that wait to be read; what is small always fits. */
    ANSWERS_BYTES = 4 << 20,
    SMALL_ANSWER_BYTES = 16 << 10,
    /** The longest question to health and reflection, and what answering one may take. */
    STANDARD_BYTES = 16 << 10,
    STANDARD_ARENA_BYTES = 4 << 20,
    /** When who asks for too much at once is to come again. */
    RETRY_MS = 500,
};

struct http_peer {
    struct connection *connection;
    const struct connection_shared *shared;
    /** Guards what follows. Under it nothing is asked of the connection. */
    pthread_mutex_t lock;
    /** NULL until the first bytes come: who is silent costs TLS alone. */
    struct http2 *session;
    /** The most bytes that a message may have, just now. */
    uint64_t limit;
    /** Requests that are whole, and wait for their turn at the gate; and calls of Health/Watch. */
    TAILQ_HEAD(exchanges, exchange) ready, watching;
    /** Requests that have begun and are not at the gate yet; calls that are under way. */
    int begun, running;
    /** What requests declare, and what they take; what answers will take that are being made. */
    size_t declared, taken, promised;
    bool is_leaving, is_gone;
};

/** A stream: a request, and the call that became of it. */
struct exchange {
    TAILQ_ENTRY(exchange) entry;
    struct http_peer *peer;
    int32_t stream;
    enum { RECEIVING, READY, WATCHING, CALLED } state;
    /** NULL once it is at the gate. */
    struct http_request *request;
    /** Health and reflection; NULL for our methods. */
    const struct grpc_standard *standard;
    struct grpc_reader reader;
    /** Of the peer's. */
    size_t declared, taken;
    /** Of the call that is under way. */
    atomic_bool *is_abandoned;
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

/* What requests take. The lock is held here, and below up to the calls. */

static void
count_taken(struct exchange *x)
{
    x->peer->taken += x->reader.body.capacity - x->taken;
    x->taken = x->reader.body.capacity;
}

static void
discount(struct exchange *x)
{
    x->peer->declared -= x->declared;
    x->peer->taken -= x->taken;
    x->declared = x->taken = 0;
}

/** A message's length is known. False where it is too much beside what others declared. */
static bool
count_declared(struct exchange *x)
{
    struct http_peer *p = x->peer;
    if (x->reader.n_prefix < GRPC_PREFIX_BYTES || x->declared == x->reader.length)
        return true;
    size_t others = p->declared - x->declared;
    if (others > 0 && others + x->reader.length > REQUESTS_BYTES)
        return false;
    p->declared = others + x->reader.length;
    x->declared = x->reader.length;
    return true;
}

/* Answers. */

/** An answer in HTTP alone, to what is no call at all. */
static void
send_plain(struct http_peer *p, int32_t stream, const struct http2_head *h, const char *status,
           const char *text)
{
    const char *method = http2_get(h, ":method");
    bool is_head = method && strcmp(method, "HEAD") == 0;
    struct http2_field fields[4 + BROWSER_FIELDS] = {
        {":status", status},
        {"content-type", "text/plain; charset=utf-8"},
        {"accept-post", "application/grpc, application/json, application/proto"},
        {"allow", "POST"}};
    memcpy(fields + 4, browser_fields, sizeof browser_fields);
    http2_answer(p->session, stream, fields, sizeof fields / sizeof *fields, is_head);
    http2_send(p->session, stream, text, strlen(text));
    http2_finish(p->session, stream, NULL, 0);
}

/* Health and reflection. */

static void
end_standard(struct exchange *x, struct arena *a, const struct status *e)
{
    struct call c = {.arena = a, .status = *e, .language = language_of(x->request->locale)};
    struct http_answer r = {.manner = x->request->manner};
    http_answer_complete(&c, &r);
    http_answer_send(x->peer->session, x->stream, &r);
    if (e->code == STATUS_OK)
        http2_credit(x->peer->session);
}

/** The same where there is no arena yet. */
static void
finish_standard(struct exchange *x, const struct status *e)
{
    struct arena *a = arena_new(STANDARD_BYTES);
    if (a)
        end_standard(x, a, e);
    else
        http2_reset(x->peer->session, x->stream);
    arena_free(a);
}

/** Answers a question; @is_last: no other will come. */
static void
answer_standard(struct exchange *x, bool is_last)
{
    struct http_peer *p = x->peer;
    struct arena *a = arena_new(STANDARD_ARENA_BYTES);
    struct status e = {0};
    ProtobufCBinaryData in = {x->reader.body.size, x->reader.body.bytes}, out = {0};
    const struct grpc_ask q = {p->shared->gate, connection_address(p->connection), p->is_leaving};
    if (!a) {
        http2_reset(p->session, x->stream);
        return;
    }
    if (http2_unsent(p->session) > ANSWERS_BYTES)
        status_set(&e, STATUS_RESOURCE_EXHAUSTED,
                   "answers of this connection wait to be read; read them first");
    else
        x->standard->answer(&q, a, in, &out, &e);
    if (e.code == STATUS_OK) {
        http_answer_tell(p->session, x->stream,
                         &(struct http_answer){.manner = x->request->manner, .body = out});
        http2_credit(p->session);
    }
    if (e.code != STATUS_OK || is_last)
        end_standard(x, a, &e);
    arena_free(a);
}

static void
watch(struct exchange *x)
{
    answer_standard(x, false);
    x->state = WATCHING;
    TAILQ_INSERT_TAIL(&x->peer->watching, x, entry);
}

/** All questions have come. */
static void
end_questions(struct exchange *x)
{
    struct status e = {0};
    if (x->standard->is_dialog)
        finish_standard(x, &e);
    else if (!x->reader.is_complete)
        http2_reset(x->peer->session, x->stream);
    else if (x->standard->is_watch)
        watch(x);
    else
        answer_standard(x, true);
}

/* Requests. */

/** Nothing more is needed of the request: it waits for its turn at the gate. */
static void
make_ready(struct exchange *x)
{
    x->state = READY;
    http2_expect(x->peer->session, x->stream, false);
    TAILQ_INSERT_TAIL(&x->peer->ready, x, entry);
}

/** What cannot be read of a request: our methods are refused with it by the gate. */
static void
refuse(struct exchange *x)
{
    struct status *e = &x->request->refused;
    if (x->standard)
        finish_standard(x, e);
    else
        make_ready(x);
    x->state = x->standard ? CALLED : READY;
}

/** Says what is wrong with a message, if it is. */
static void
judge_message(struct exchange *x, enum grpc_event event)
{
    struct status *e = &x->request->refused;
    uint64_t limit = x->standard ? STANDARD_BYTES : x->peer->limit;
    if (event == GRPC_COMPRESSED)
        status_set(e, STATUS_UNIMPLEMENTED,
                   "the server takes no compressed messages; send them as they are");
    else if (event == GRPC_TOO_LARGE)
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "the request has %u bytes, at most %d are allowed",
                   x->reader.length, (int)limit);
    else if (event == GRPC_NO_MEMORY || !count_declared(x)) {
        status_set(e, STATUS_RESOURCE_EXHAUSTED,
                   "the requests of your address take too much memory just now; try again");
        e->retry_after_ms = RETRY_MS;
    }
}

/** The body of Connect is the message: how long it is shows in its end. */
static void
take_plain(struct exchange *x, const uint8_t *data, size_t n)
{
    struct grpc_reader *r = &x->reader;
    enum grpc_event event = GRPC_MORE;
    r->n_prefix = GRPC_PREFIX_BYTES;
    r->length = (uint32_t)(r->body.size + n);
    if (r->length > x->peer->limit)
        event = GRPC_TOO_LARGE;
    else if (!body_append(&r->body, data, n, x->peer->limit))
        event = GRPC_NO_MEMORY;
    count_taken(x);
    judge_message(x, event);
    if (x->request->refused.code != STATUS_OK)
        refuse(x);
}

/** Messages with prefixes: gRPC's, and streams'. */
static bool
has_prefixes(const struct http_manner *m)
{
    return m->dialect == HTTP_GRPC || m->is_stream;
}

/** Messages with prefixes. */
static void
take_messages(struct exchange *x, const uint8_t *data, size_t n)
{
    struct http_peer *p = x->peer;
    size_t used = 0;
    for (; x->state == RECEIVING && n > 0; data += used, n -= used) {
        bool is_dialog = x->standard && x->standard->is_dialog;
        if (x->reader.is_complete && !is_dialog) {
            status_set(&x->request->refused, STATUS_INVALID_ARGUMENT,
                       "a call of this method has one message");
            refuse(x);
            return;
        }
        enum grpc_event event =
            grpc_read(&x->reader, data, n, x->standard ? STANDARD_BYTES : p->limit, &used);
        count_taken(x);
        judge_message(x, event);
        if (x->request->refused.code != STATUS_OK)
            refuse(x);
        else if (event == GRPC_MESSAGE && is_dialog)
            answer_standard(x, false);
    }
    if (x->state == RECEIVING && x->standard && x->standard->is_dialog)
        http2_expect(p->session, x->stream, !grpc_is_between(&x->reader));
}

static void
take_body(void *owner, void *kept, const uint8_t *data, size_t n)
{
    struct exchange *x = kept;
    (void)owner;
    if (x->state != RECEIVING || !x->request)
        return; /* what comes after that is for nobody */
    if (!has_prefixes(&x->request->manner))
        take_plain(x, data, n);
    else
        take_messages(x, data, n);
}

static void
end_body(void *owner, void *kept)
{
    struct exchange *x = kept;
    (void)owner;
    if (x->state != RECEIVING)
        return;
    if (x->standard) {
        end_questions(x);
        return;
    }
    if (has_prefixes(&x->request->manner) && !x->reader.is_complete)
        status_set(&x->request->refused, STATUS_INVALID_ARGUMENT,
                   "a call of this method has one message");
    make_ready(x);
}

/** A browser asks for a file. What others of the connection left unread comes first. */
static void
send_page(struct http_peer *p, int32_t stream, const struct http2_head *h)
{
    struct page_answer a;
    if (http2_unsent(p->session) > ANSWERS_BYTES) {
        http2_refuse(p->session, stream);
        return;
    }
    page_find(h, &a);
    page_send(p->session, stream, &a);
}

/** The method that a head names; NULL: there is none. */
static const struct method *
find_method(const struct http_peer *p, const struct http2_head *h)
{
    const char *path = http2_get(h, ":path");
    return methods_find(p->shared->gate->methods, path && *path == '/' ? path + 1 : "");
}

/** Of gRPC the method tells streams, of Connect the content-type, which has to fit. */
static bool
may_stream(const struct http_peer *p, const struct http2_head *h, struct http_manner *m)
{
    const struct method *method = find_method(p, h);
    if (m->dialect == HTTP_GRPC)
        m->is_stream = method && method->since;
    return !m->is_stream || !method || method->since;
}

/** Turns away what is no call, at once: who would send on does not wait for an answer then. */
static bool
is_call(struct http_peer *p, int32_t stream, const struct http2_head *h, struct http_manner *ret)
{
    const char *method = http2_get(h, ":method");
    if (page_is_asked(h))
        send_page(p, stream, h);
    else if (!method || strcmp(method, "POST") != 0)
        send_plain(p, stream, h, "405", "a call is a POST\n");
    else if (!http_request_manner(h, ret) || !may_stream(p, h, ret))
        send_plain(p, stream, h, "415",
                   "a call is application/grpc, application/json or application/proto\n");
    else
        return true;
    return false;
}

static void *
begin(void *owner, int32_t stream, const struct http2_head *h)
{
    struct http_peer *p = owner;
    struct http_manner manner;
    if (!is_call(p, stream, h, &manner))
        return NULL;
    /* Those of streams that are over run on for a while. */
    if (p->running >= p->shared->calls_per_connection) {
        http2_refuse(p->session, stream);
        return NULL;
    }
    struct exchange *x = calloc(1, sizeof *x);
    if (x)
        x->request = http_request_new(h, &manner);
    if (!x || !x->request) {
        free(x);
        return NULL;
    }
    x->peer = p;
    x->stream = stream;
    /* Of Connect as reflection is asked for: packed, as a stream. Of the rest it has no JSON. */
    if (manner.dialect == HTTP_GRPC || (manner.dialect == HTTP_CONNECT && manner.is_stream))
        x->standard = grpc_standard_find(x->request->method);
    if (x->standard)
        x->request->manner.is_stream = true;
    if (x->standard && x->standard->is_dialog)
        http2_expect(p->session, stream, false);
    if (x->standard)
        return x;
    p->begun++;
    if (x->request->refused.code != STATUS_OK ||
        !methods_find(p->shared->gate->methods, x->request->method))
        make_ready(x); /* its answer is known: it does not wait for the body */
    return x;
}

static void
drop(void *owner, void *kept)
{
    struct http_peer *p = owner;
    struct exchange *x = kept;
    if (x->is_abandoned)
        atomic_store(x->is_abandoned, true);
    if (x->state == READY)
        TAILQ_REMOVE(&p->ready, x, entry);
    if (x->state == WATCHING)
        TAILQ_REMOVE(&p->watching, x, entry);
    if (!x->standard && x->state != CALLED)
        p->begun--;
    discount(x);
    grpc_free(&x->reader);
    http_request_free(x->request);
    free(x);
}

static const struct http2_events events = {begin, take_body, end_body, drop};

/** A call that came to something, or whose caller is known, gives what one costs. */
static void
credit(struct http_peer *p, const struct call *c)
{
    if (c->status.code == STATUS_OK || *c->member)
        http2_credit(p->session);
}

/* Calls: the lock is not held, but where it says so. */

/** The exchange of a stream, if it is there. The lock is held. */
static struct exchange *
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
        n <= SMALL_ANSWER_BYTES || http2_unsent(p->session) + p->promised + n <= ANSWERS_BYTES;
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
        c->status.retry_after_ms = RETRY_MS;
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
    struct exchange *x = find(p, d->stream);
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
    struct exchange *x = d->peer->is_gone ? NULL : find(d->peer, d->stream);
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
    struct exchange *x = find(p, d->stream);
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
    struct exchange *x = TAILQ_FIRST(&p->ready);
    if (x) {
        const struct destination to = {.peer = p,
                                       .stream = x->stream,
                                       .manner = x->request->manner,
                                       .request_bytes =
                                           x->reader.body.size + strlen(x->request->method)};
        TAILQ_REMOVE(&p->ready, x, entry);
        x->state = CALLED;
        *ret = (struct entry){new_call(&to), x->request, x->reader};
        x->request = NULL;
        x->reader = (struct grpc_reader){0};
        discount(x);
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
    p->session = http2_new(&(struct http2_options){.events = &events,
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
               (size_t)p->begun * (sizeof(struct exchange) + sizeof(struct http_request));
    pthread_mutex_unlock(&p->lock);
    return n;
}

/** Nobody waits for the call any more. */
static void
abandon(void *kept)
{
    const struct exchange *x = kept;
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

static bool
has_unsent(const void *peer)
{
    struct http_peer *p = (struct http_peer *)peer;
    pthread_mutex_lock(&p->lock);
    bool has = p->session && http2_unsent(p->session) > 0;
    pthread_mutex_unlock(&p->lock);
    return has;
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
    struct exchange *x;
    pthread_mutex_lock(&p->lock);
    if (p->session && !p->is_leaving) {
        p->is_leaving = true;
        TAILQ_FOREACH(x, &p->watching, entry)
        answer_standard(x, false);
    }
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
    .has_unsent = has_unsent,
    .due_us = due_us,
    .late = late,
    .leave = leave,
    .rest = rest,
};
