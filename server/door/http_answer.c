#include "server/door/http_answer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/json.h"
#include "server/door/browser.h"
#include "server/door/connect.h"
#include "server/door/outcome.h"
#include "server/door/rpc_status.h"

/** Fields that are being gathered. */
struct fields {
    struct http2_field all[HTTP2_FIELDS_MAX];
    size_t n;
};

static void
put(struct fields *f, const char *name, const char *value)
{
    f->all[f->n++] = (struct http2_field){name, value};
}

static void
put_id(struct fields *f, const char *id)
{
    f->all[f->n++] = (struct http2_field){"jiayi-request-id", id, .is_unique = true};
}

static void
put_all(struct fields *f, const struct http2_field *fields, size_t n)
{
    memcpy(f->all + f->n, fields, n * sizeof *fields);
    f->n += n;
}

/* Making. */

/** Takes the token of a session that was opened out of the answer, into a cookie. */
static void
take_cookie(struct call *c, struct http_answer *r)
{
    const struct method *m = c->method;
    const char *token = m->cookie ? message_string(c->out, m->cookie) : NULL;
    const char *none = NULL;
    if (!token)
        return;
    const ProtobufCMessage *until = message_child(c->out, m->cookie_until);
    int64_t end_s = until ? message_integer(until, m->cookie_until->message->fields, 0) : 0;
    r->cookie = browser_set_cookie(c->arena, token, end_s - (int64_t)time(NULL));
    if (!r->cookie || message_put(c->arena, c->out, m->cookie, &none) < 0)
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
}

/** What the call answers as JSON. */
static bool
pack_json(struct call *c, int limit_bytes, ProtobufCBinaryData *ret)
{
    if (c->status.code != STATUS_OK || !c->out)
        return false;
    char *text = json_print(c->arena, c->out, JSON_ONE_LINE, &c->status);
    size_t n = text ? strlen(text) : 0;
    if (n > (size_t)limit_bytes)
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "the answer has %zu bytes, at most %d are allowed; ask for less", n,
                   limit_bytes);
    *ret = (ProtobufCBinaryData){n, (uint8_t *)text};
    return c->status.code == STATUS_OK;
}

void
http_answer_pack(struct call *c, const struct http_manner *manner, int limit_bytes,
                 struct http_answer *ret)
{
    *ret = (struct http_answer){.manner = *manner, .is_replayed = c->replayed};
    if (manner->wants_cookie && c->status.code == STATUS_OK && c->out)
        take_cookie(c, ret);
    ret->is_done = manner->dialect == HTTP_CONNECT_JSON ? pack_json(c, limit_bytes, &ret->body)
                                                        : outcome_pack(c, limit_bytes, &ret->body);
}

void
http_answer_complete(struct call *c, struct http_answer *r)
{
    char message[OUTCOME_MESSAGE_BYTES] = "";
    ProtobufCBinaryData details = {0};
    const struct status *s = &c->status;
    bool is_grpc = r->manner.dialect == HTTP_GRPC;
    r->is_done = r->is_done && s->code == STATUS_OK;
    if (s->code != STATUS_OK) {
        outcome_message(c, message);
        details = is_grpc ? rpc_status_pack(c, message) : connect_error(c, message);
    }
    if (is_grpc)
        grpc_put_status(&r->status, c->arena, s, message, details);
    else if (r->manner.is_stream)
        r->end = connect_end(c->arena, details);
    else if (!r->is_done)
        r->body = details;
    /* Also of one that had ended before: the page leaves nothing behind. */
    r->is_farewell = r->manner.has_cookie && c->method && c->method->schema->option->ends_session &&
                     (r->is_done || s->code == STATUS_UNAUTHENTICATED);
    if (c->has_request_id)
        http_request_id(c->request_id, r->id);
    r->http_status = is_grpc || r->manner.is_stream ? "200" : connect_status(s->code);
    snprintf(r->length, sizeof r->length, "%zu", r->body.len);
    if (s->retry_after_ms > 0)
        snprintf(r->retry_after, sizeof r->retry_after, "%u", (s->retry_after_ms + 999) / 1000);
}

/* Sending. */

static void
put_grpc_head(struct fields *f)
{
    put(f, ":status", "200");
    put(f, "content-type", "application/grpc");
    put(f, "grpc-accept-encoding", "identity");
    put_all(f, browser_fields, BROWSER_FIELDS_OF_CALLS);
}

static void
send_message(struct http2 *h, int32_t stream, ProtobufCBinaryData m)
{
    uint8_t prefix[GRPC_PREFIX_BYTES];
    grpc_prefix(prefix, m.len);
    http2_send(h, stream, prefix, sizeof prefix);
    http2_send(h, stream, m.data, m.len);
}

/** A head that says it all, as no message comes; nothing where there was a head. */
static void
send_failure(struct http2 *h, int32_t stream, const struct grpc_status *s, const char *id)
{
    struct fields f = {.n = 0};
    put_grpc_head(&f);
    for (size_t i = 0; i < s->n; i++)
        put(&f, s->fields[i].name, s->fields[i].value);
    if (*id)
        put_id(&f, id);
    http2_answer(h, stream, f.all, f.n, true);
}

static void
send_grpc(struct http2 *h, int32_t stream, const struct http_answer *r)
{
    struct fields f = {.n = 0};
    if (!r->is_done) {
        send_failure(h, stream, &r->status, r->id);
        return;
    }
    put_grpc_head(&f);
    put_id(&f, r->id);
    if (r->is_replayed)
        put(&f, "jiayi-replayed", "1");
    http2_answer(h, stream, f.all, f.n, false);
    send_message(h, stream, r->body);
    http2_finish(h, stream, r->status.fields, r->status.n);
}

static void
send_connect(struct http2 *h, int32_t stream, const struct http_answer *r)
{
    struct fields f = {.n = 0};
    bool is_json = r->manner.dialect == HTTP_CONNECT_JSON || !r->is_done;
    put(&f, ":status", r->http_status);
    put(&f, "content-type", connect_type(is_json, false));
    put(&f, "content-length", r->length);
    put(&f, "cache-control", "no-store");
    put_all(&f, browser_fields, BROWSER_FIELDS);
    if (*r->id)
        put_id(&f, r->id);
    if (r->is_done && r->is_replayed)
        put(&f, "jiayi-replayed", "1");
    if (*r->retry_after)
        put(&f, "retry-after", r->retry_after);
    if (strcmp(r->http_status, "401") == 0)
        put(&f, "www-authenticate", "Bearer");
    if (r->is_done && r->cookie)
        put(&f, "set-cookie", r->cookie);
    if (r->is_farewell)
        put_all(&f, browser_farewell, sizeof browser_farewell / sizeof *browser_farewell);
    http2_answer(h, stream, f.all, f.n, false);
    http2_send(h, stream, r->body.data, r->body.len);
    http2_finish(h, stream, NULL, 0);
}

void
http_answer_begin(struct http2 *h, int32_t stream, const struct http_manner *manner)
{
    struct fields f = {.n = 0};
    if (manner->dialect == HTTP_GRPC) {
        put_grpc_head(&f);
    } else {
        put(&f, ":status", "200");
        put(&f, "content-type", connect_type(manner->dialect == HTTP_CONNECT_JSON, true));
        put(&f, "cache-control", "no-store");
        put_all(&f, browser_fields, BROWSER_FIELDS);
    }
    http2_answer(h, stream, f.all, f.n, false);
}

void
http_answer_tell(struct http2 *h, int32_t stream, const struct http_answer *r)
{
    http_answer_begin(h, stream, &r->manner);
    send_message(h, stream, r->body);
}

static void
send_end(struct http2 *h, int32_t stream, const struct http_answer *r)
{
    bool is_grpc = r->manner.dialect == HTTP_GRPC;
    if (r->is_done)
        http_answer_tell(h, stream, r);
    else if (is_grpc)
        send_failure(h, stream, &r->status, r->id);
    else
        http_answer_begin(h, stream, &r->manner);
    http2_send(h, stream, r->end.data, r->end.len);
    http2_finish(h, stream, r->status.fields, r->status.n);
}

void
http_answer_send(struct http2 *h, int32_t stream, const struct http_answer *r)
{
    if (r->manner.is_stream)
        send_end(h, stream, r);
    else if (r->manner.dialect == HTTP_GRPC)
        send_grpc(h, stream, r);
    else
        send_connect(h, stream, r);
}
