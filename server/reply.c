#include "server/reply.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "server/metrics.h"

/** A fault of the server: the message ends in the request_id, by which its log has more. */
static void
name_request(struct call *c)
{
    size_t n = strlen(c->status.message);
    if (!c->has_request_id || n + 2 + 2 * REQUEST_ID_BYTES >= sizeof c->status.message)
        return;
    c->status.message[n++] = ' ';
    for (int i = 0; i < REQUEST_ID_BYTES; i++, n += 2)
        snprintf(c->status.message + n, 3, "%02x", c->request_id[i]);
}

/** Packs what the method answered. */
static void
take_payload(Jiayi__V1__RpcResponse *r, const struct reply_options *o, struct call *c)
{
    size_t n = protobuf_c_message_get_packed_size(c->out);
    uint8_t *payload = n <= (size_t)o->message_limit_bytes ? arena_alloc(c->arena, n) : NULL;
    if (!payload) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "the answer has %zu bytes, at most %d are allowed; ask for less", n,
                   o->message_limit_bytes);
        return;
    }
    r->payload = (ProtobufCBinaryData){protobuf_c_message_pack(c->out, payload), payload};
    r->has_payload = true;
}

static void
take_status(struct reply *reply, const struct call *c)
{
    Jiayi__V1__RpcResponse *r = &reply->response;
    const struct status *s = &c->status;
    r->code = (Jiayi__V1__Code)s->code;
    r->has_code = s->code != STATUS_OK;
    r->message = *s->message ? (char *)s->message : NULL;
    r->current_version = s->current_version;
    r->has_current_version = s->current_version != 0;
    r->retry_after_ms = s->retry_after_ms;
    r->has_retry_after_ms = s->retry_after_ms != 0;
    if (*s->field) {
        reply->violation.field = (char *)s->field;
        reply->violation.description = (char *)s->message;
        reply->violations[0] = &reply->violation;
        r->violations = reply->violations;
        r->n_violations = 1;
    }
}

static void
take_time(struct reply *reply)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    reply->now.seconds = t.tv_sec;
    reply->now.nanos = (int32_t)t.tv_nsec;
    reply->response.server_time = &reply->now;
}

size_t
reply_make(struct reply *r, const struct reply_options *o, struct call *c)
{
    jiayi__v1__rpc_response__init(&r->response);
    jiayi__v1__field_violation__init(&r->violation);
    google__protobuf__timestamp__init(&r->now);
    take_time(r);
    if (c->status.code == STATUS_OK && c->out)
        take_payload(&r->response, o, c);
    if (c->status.code == STATUS_INTERNAL)
        name_request(c);
    take_status(r, c);
    r->response.request_id = (ProtobufCBinaryData){REQUEST_ID_BYTES, c->request_id};
    r->response.has_request_id = c->has_request_id;
    return protobuf_c_message_get_packed_size(&r->response.base);
}

void
reply_pack(const struct reply *r, void *to)
{
    protobuf_c_message_pack(&r->response.base, to);
}

void
reply_log(const struct reply_options *o, const struct call *c)
{
    int64_t us = call_now_us() - c->received_us;
    metrics_call(c->method, c->status.code, us);
    const struct status *s = &c->status;
    bool failed = s->code != STATUS_OK, slow = o->slow_call_ms > 0 && us / 1000 >= o->slow_call_ms;
    enum log_level level = s->code == STATUS_INTERNAL ? LOG_ERROR
                           : failed || slow           ? LOG_INFO
                                                      : LOG_DEBUG;
    if (!log_enabled(level))
        return;
    log_event(level, slow && !failed ? "slow_call" : "call",
              log_text("method", c->method ? c->method->schema->short_name : ""),
              log_text("status", status_name(s->code)), log_number("us", us),
              log_hex("request_id", c->request_id, c->has_request_id ? REQUEST_ID_BYTES : 0),
              log_text("company", c->company), log_text("member", c->member),
              log_text("peer", c->address), log_number("replayed", c->replayed),
              log_text("message", s->message), log_text("detail", s->detail));
}
