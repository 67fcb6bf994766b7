#include "server/door/http_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/language.h"
#include "server/door/body.h"
#include "server/door/browser.h"
#include "server/door/http_answer.h"
#include "server/door/page.h"
#include "server/door/http2_head.h"

enum {
    /** Requests that one connection may have in memory, by what they declare. */
    REQUESTS_BYTES = 4 << 20,
    /** The longest question to health and reflection, and what answering one may take. */
    STANDARD_BYTES = 16 << 10,
    STANDARD_ARENA_BYTES = 4 << 20,
};

/* What requests take. The lock is held, here and below. */

static void
count_taken(struct http_exchange *x)
{
    x->peer->taken += x->reader.body.capacity - x->taken;
    x->taken = x->reader.body.capacity;
}

void
http_exchange_discount(struct http_exchange *x)
{
    x->peer->declared -= x->declared;
    x->peer->taken -= x->taken;
    x->declared = x->taken = 0;
}

/** A message's length is known. False where it is too much beside what others declared. */
static bool
count_declared(struct http_exchange *x)
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
    const char *method = http2_head_get(h, ":method");
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

/** Messages with prefixes: gRPC's, and streams'. */
static bool
has_prefixes(const struct http_manner *m)
{
    return m->dialect == HTTP_GRPC || m->is_stream;
}

/**
 * The one that a request asks, or NULL. Of Connect reflection is asked as a stream, packed, and
 * what has one answer by a unary call.
 */
static const struct grpc_standard *
find_standard(const struct http_request *r)
{
    const struct grpc_standard *s = grpc_standard_find(r->method);
    if (!s || r->manner.dialect == HTTP_GRPC)
        return s;
    bool is_json = r->manner.dialect == HTTP_CONNECT_JSON;
    bool fits = r->manner.is_stream ? !is_json
                                    : !s->is_dialog && !s->is_watch && (!is_json || s->answer_json);
    return fits ? s : NULL;
}

/** @last: the message behind which the answer ends; NULL where there is none. */
static void
end_standard(struct http_exchange *x, struct arena *a, const struct status *e,
             const ProtobufCBinaryData *last)
{
    struct call c = {.arena = a, .status = *e, .language = language_of(x->request->locale)};
    struct http_answer r = {.manner = x->request->manner, .is_done = last != NULL};
    if (last)
        r.body = *last;
    http_answer_complete(&c, &r);
    http_answer_send(x->peer->session, x->stream, &r);
    if (e->code == STATUS_OK)
        http2_credit(x->peer->session);
}

/** The same where there is no arena yet. */
static void
finish_standard(struct http_exchange *x, const struct status *e)
{
    struct arena *a = arena_new(STANDARD_BYTES);
    if (a)
        end_standard(x, a, e, NULL);
    else
        http2_reset(x->peer->session, x->stream);
    arena_free(a);
}

/** Answers a question; @is_last: no other will come. */
static void
answer_standard(struct http_exchange *x, bool is_last)
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
    if (http2_unsent(p->session) > HTTP_ANSWERS_BYTES)
        status_set(&e, STATUS_RESOURCE_EXHAUSTED,
                   "answers of this connection wait to be read; read them first");
    else if (x->request->manner.dialect == HTTP_CONNECT_JSON)
        x->standard->answer_json(&q, a, in, &out, &e);
    else
        x->standard->answer(&q, a, in, &out, &e);
    if (e.code != STATUS_OK || is_last) {
        end_standard(x, a, &e, e.code == STATUS_OK ? &out : NULL);
    } else {
        http_answer_tell(p->session, x->stream,
                         &(struct http_answer){.manner = x->request->manner, .body = out});
        http2_credit(p->session);
    }
    arena_free(a);
}

static void
watch(struct http_exchange *x)
{
    answer_standard(x, false);
    x->state = HTTP_EXCHANGE_WATCHING;
    TAILQ_INSERT_TAIL(&x->peer->watching, x, entry);
}

/** All questions have come. */
static void
end_questions(struct http_exchange *x)
{
    struct status e = {0};
    if (x->standard->is_dialog)
        finish_standard(x, &e);
    else if (has_prefixes(&x->request->manner) && !x->reader.is_complete)
        http2_reset(x->peer->session, x->stream);
    else if (x->standard->is_watch)
        watch(x);
    else
        answer_standard(x, true);
}

/* Requests. */

/** Nothing more is needed of the request: it waits for its turn at the gate. */
static void
make_ready(struct http_exchange *x)
{
    x->state = HTTP_EXCHANGE_READY;
    http2_expect(x->peer->session, x->stream, false);
    TAILQ_INSERT_TAIL(&x->peer->ready, x, entry);
}

/** What cannot be read of a request: our methods are refused with it by the gate. */
static void
refuse(struct http_exchange *x)
{
    struct status *e = &x->request->refused;
    if (x->standard)
        finish_standard(x, e);
    else
        make_ready(x);
    x->state = x->standard ? HTTP_EXCHANGE_CALLED : HTTP_EXCHANGE_READY;
}

/** The most bytes of a message. */
static uint64_t
limit_of(const struct http_exchange *x)
{
    return x->standard ? STANDARD_BYTES : x->peer->limit;
}

/** Says what is wrong with a message, if it is. */
static void
judge_message(struct http_exchange *x, enum grpc_event event)
{
    struct status *e = &x->request->refused;
    if (event == GRPC_COMPRESSED)
        status_set(e, STATUS_UNIMPLEMENTED,
                   "the server takes no compressed messages; send them as they are");
    else if (event == GRPC_TOO_LARGE)
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "the request has %u bytes, at most %d are allowed",
                   x->reader.length, (int)limit_of(x));
    else if (event == GRPC_NO_MEMORY || !count_declared(x)) {
        status_set(e, STATUS_RESOURCE_EXHAUSTED,
                   "the requests of your address take too much memory just now; try again");
        e->retry_after_ms = HTTP_RETRY_MS;
    }
}

/** The body of Connect is the message: how long it is shows in its end. */
static void
take_plain(struct http_exchange *x, const uint8_t *data, size_t n)
{
    struct grpc_reader *r = &x->reader;
    enum grpc_event event = GRPC_MORE;
    uint64_t limit = limit_of(x);
    r->n_prefix = GRPC_PREFIX_BYTES;
    r->length = (uint32_t)(r->body.size + n);
    if (r->length > limit)
        event = GRPC_TOO_LARGE;
    else if (!body_append(&r->body, data, n, limit))
        event = GRPC_NO_MEMORY;
    count_taken(x);
    judge_message(x, event);
    if (x->request->refused.code != STATUS_OK)
        refuse(x);
}

/** Messages with prefixes. */
static void
take_messages(struct http_exchange *x, const uint8_t *data, size_t n)
{
    struct http_peer *p = x->peer;
    size_t used = 0;
    for (; x->state == HTTP_EXCHANGE_RECEIVING && n > 0; data += used, n -= used) {
        bool is_dialog = x->standard && x->standard->is_dialog;
        if (x->reader.is_complete && !is_dialog) {
            status_set(&x->request->refused, STATUS_INVALID_ARGUMENT,
                       "a call of this method has one message");
            refuse(x);
            return;
        }
        enum grpc_event event = grpc_read(&x->reader, data, n, limit_of(x), &used);
        count_taken(x);
        judge_message(x, event);
        if (x->request->refused.code != STATUS_OK)
            refuse(x);
        else if (event == GRPC_MESSAGE && is_dialog)
            answer_standard(x, false);
    }
    if (x->state == HTTP_EXCHANGE_RECEIVING && x->standard && x->standard->is_dialog)
        http2_expect(p->session, x->stream, !grpc_is_between(&x->reader));
}

static void
take_body(void *owner, void *kept, const uint8_t *data, size_t n)
{
    struct http_exchange *x = kept;
    (void)owner;
    if (x->state != HTTP_EXCHANGE_RECEIVING || !x->request)
        return; /* what comes after that is for nobody */
    if (!has_prefixes(&x->request->manner))
        take_plain(x, data, n);
    else
        take_messages(x, data, n);
}

static void
end_body(void *owner, void *kept)
{
    struct http_exchange *x = kept;
    (void)owner;
    if (x->state != HTTP_EXCHANGE_RECEIVING)
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
    if (http2_unsent(p->session) > HTTP_ANSWERS_BYTES) {
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
    const char *path = http2_head_get(h, ":path");
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
    const char *method = http2_head_get(h, ":method");
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
    struct http_exchange *x = calloc(1, sizeof *x);
    if (x)
        x->request = http_request_new(h, &manner);
    if (!x || !x->request) {
        free(x);
        return NULL;
    }
    x->peer = p;
    x->stream = stream;
    x->standard = find_standard(x->request);
    if (x->standard && manner.dialect == HTTP_GRPC)
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
    struct http_exchange *x = kept;
    if (x->is_abandoned)
        atomic_store(x->is_abandoned, true);
    if (x->state == HTTP_EXCHANGE_READY)
        TAILQ_REMOVE(&p->ready, x, entry);
    if (x->state == HTTP_EXCHANGE_WATCHING)
        TAILQ_REMOVE(&p->watching, x, entry);
    if (!x->standard && x->state != HTTP_EXCHANGE_CALLED)
        p->begun--;
    http_exchange_discount(x);
    grpc_free(&x->reader);
    http_request_free(x->request);
    free(x);
}

const struct http2_events http_exchange_events = {begin, take_body, end_body, drop};

void
http_exchange_leave(struct http_peer *p)
{
    struct http_exchange *x;
    p->is_leaving = true;
    TAILQ_FOREACH(x, &p->watching, entry)
    answer_standard(x, false);
}
