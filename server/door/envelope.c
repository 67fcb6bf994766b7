#include "server/door/envelope.h"

#include <time.h>

#include "common/wire.h"

int
envelope_open(struct call *c, const struct schema *schema, const uint8_t *data, size_t size,
              struct gate_request *ret)
{
    const struct schema_message *m = schema_find_message(schema, "jiayi.v1.RpcRequest");
    *ret = (struct gate_request){0};
    if (wire_check(m, data, size, &c->status) < 0)
        return -1;
    const Jiayi__V1__RpcRequest *r =
        (Jiayi__V1__RpcRequest *)message_unpack(c->arena, m, data, size, &c->status);
    if (!r)
        return -1;
    *ret = (struct gate_request){
        .method = r->method,
        .payload = r->payload,
        .token = r->token,
        .request_id = r->request_id,
        .has_request_id = r->has_request_id,
        .has_timeout = r->has_timeout_ms,
        .timeout_ms = r->timeout_ms,
        .client = r->client,
        .locale = r->locale,
    };
    return 0;
}

static void
put_status(struct envelope_reply *reply, const struct call *c)
{
    Jiayi__V1__RpcResponse *r = &reply->response;
    const struct status *s = &c->status;
    r->code = (Jiayi__V1__Code)s->code;
    r->has_code = s->code != STATUS_OK;
    if (s->code != STATUS_OK) {
        outcome_message(c, reply->message);
        r->message = *reply->message ? reply->message : NULL;
    }
    r->current_version = s->current_version;
    r->has_current_version = s->current_version != 0;
    r->retry_after_ms = s->retry_after_ms;
    r->has_retry_after_ms = s->retry_after_ms != 0;
    if (*s->field) {
        reply->violation.field = (char *)s->field;
        reply->violation.description = reply->message;
        reply->violations[0] = &reply->violation;
        r->violations = reply->violations;
        r->n_violations = 1;
    }
}

static void
put_server_time(struct envelope_reply *reply)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    reply->now.seconds = t.tv_sec;
    reply->now.nanos = (int32_t)t.tv_nsec;
    reply->response.server_time = &reply->now;
}

size_t
envelope_make(struct envelope_reply *r, int limit_bytes, struct call *c)
{
    call_lap(c, CALL_WORK);
    jiayi__v1__rpc_response__init(&r->response);
    jiayi__v1__field_violation__init(&r->violation);
    google__protobuf__timestamp__init(&r->now);
    put_server_time(r);
    r->response.replayed = r->response.has_replayed = c->replayed && c->status.code == STATUS_OK;
    r->response.has_payload = outcome_pack(c, limit_bytes, &r->response.payload);
    put_status(r, c);
    r->response.request_id = (ProtobufCBinaryData){REQUEST_ID_BYTES, c->request_id};
    r->response.has_request_id = c->has_request_id;
    size_t size = protobuf_c_message_get_packed_size(&r->response.base);
    call_lap(c, CALL_PACK);
    return size;
}

void
envelope_pack(const struct envelope_reply *r, void *to)
{
    protobuf_c_message_pack(&r->response.base, to);
}
