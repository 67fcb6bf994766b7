#include "server/reply.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "server/fault.h"
#include "server/metrics.h"

enum {
    /** Most lines about failed and slow calls in a second. */
    LINES_PER_S = 200,
};

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
    if (n > (size_t)o->message_limit_bytes) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "the answer has %zu bytes, at most %d are allowed; ask for less", n,
                   o->message_limit_bytes);
        return;
    }
    uint8_t *payload = arena_alloc(c->arena, n);
    if (!payload) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "the answer takes too much memory; ask for less");
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
    call_lap(c, CALL_WORK);
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
    size_t size = protobuf_c_message_get_packed_size(&r->response.base);
    call_lap(c, CALL_PACK);
    return size;
}

void
reply_pack(const struct reply *r, void *to)
{
    protobuf_c_message_pack(&r->response.base, to);
    fault_point("before_reply");
}

/* The log. */

/** True for a line that may be written. Of calls that failed so many are, a second, that nobody fills the disk with them. */
static bool
may_log(int64_t now_us)
{
    static atomic_int_fast64_t second;
    static atomic_int lines;
    int_fast64_t now_s = now_us / 1000000, last_s = atomic_load(&second);
    /* Only forward: a thread may come late with a call that ended in the second before. */
    if (last_s < now_s && atomic_compare_exchange_strong(&second, &last_s, now_s))
        atomic_store(&lines, 0);
    if (atomic_fetch_add(&lines, 1) < LINES_PER_S)
        return true;
    metrics_count(METRICS_LOG_LINES_HELD);
    return false;
}

/** Milliseconds with three decimals. */
struct ms {
    char text[24];
};

static struct ms
to_ms(int64_t us)
{
    struct ms ms;
    snprintf(ms.text, sizeof ms.text, "%lld.%03lld", (long long)us / 1000, (long long)us % 1000);
    return ms;
}

/** The line of a slow call has its phases too. */
static void
write_line(enum log_level level, const struct call *c, int64_t us, bool slow)
{
    static const char *const phases[] = {
        [CALL_GATE] = "gate_ms",   [CALL_POOL] = "pool_ms",         [CALL_WORK] = "work_ms",
        [CALL_QUEUE] = "queue_ms", [CALL_DATABASE] = "database_ms", [CALL_RESULTS] = "results_ms",
        [CALL_PACK] = "pack_ms",
    };
    const struct status *s = &c->status;
    struct ms total = to_ms(us), spent[CALL_PHASES];
    struct log_field fields[11 + CALL_PHASES] = {
        log_text("method", c->method ? c->method->schema->short_name : ""),
        log_text("status", status_name(s->code)),
        log_text("ms", total.text),
        log_hex("request_id", c->request_id, c->has_request_id ? REQUEST_ID_BYTES : 0),
        log_text("company", c->company),
        log_text("member", c->member),
        log_text("peer", c->address),
    };
    size_t n = 7;
    if (c->replayed)
        fields[n++] = log_number("replayed", 1);
    if (c->retries)
        fields[n++] = log_number("retries", c->retries);
    if (s->code != STATUS_OK) {
        fields[n++] = log_text("message", s->message);
        fields[n++] = log_text("detail", s->detail);
    }
    for (int i = 0; slow && i < CALL_PHASES; i++) {
        spent[i] = to_ms(c->spent_us[i]);
        fields[n++] = log_text(phases[i], spent[i].text);
    }
    log_fields(level, slow ? "slow_call" : "call", fields, n);
}

void
reply_log(const struct reply_options *o, const struct call *c)
{
    int64_t us = c->lap_us - c->received_us;
    enum status_code code = c->status.code;
    bool slow = o->slow_call_ms > 0 && us / 1000 >= o->slow_call_ms;
    metrics_call(c->method ? c->method->index : METRICS_NO_METHOD, code, us);
    if (slow)
        metrics_count(METRICS_CALLS_SLOW);
    if (c->replayed)
        metrics_count(METRICS_CALLS_REPLAYED);
    enum log_level level = code == STATUS_INTERNAL     ? LOG_ERROR
                           : code != STATUS_OK || slow ? LOG_INFO
                                                       : LOG_DEBUG;
    if (log_enabled(level) && (level != LOG_INFO || may_log(c->lap_us)))
        write_line(level, c, us, slow);
}
