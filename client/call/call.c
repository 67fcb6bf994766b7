#include "client/call/call.h"

#include <nng/nng.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "client/base/i18n.h"
#include "client/call/dial.h"
#include "common/clock.h"
#include "common/wipe.h"
#include "common/hex.h"
#include "jiayi/v1/rpc.pb-c.h"

enum {
    /** The first pause before sending again, and the longest, in milliseconds. */
    FIRST_PAUSE_MS = 100,
    MAX_PAUSE_MS = 5000,
    /** How long a message waits for its connection before somebody looks after it. */
    SEND_LOOK_MS = 100,
    /** A connection that does not take a message for so long is dead; nng may not say so. */
    SEND_TAKE_MS = 2000,
    /** How often to try where the other end may be no jiayid at all. */
    STRANGER_ATTEMPTS = 3,
};

/** Never freed, for a thread that dials may be stuck with its server until the process ends. */
struct caller {
    struct dial_server server;
    /** The session's, which only the calling thread reads; NULL where nobody is signed in. */
    const char *token;
    /** The connection in use; NULL before the first and after a lost one. */
    struct dial_connection *connection;
};

/** What became of one attempt. */
enum outcome {
    /** Answered, well or badly. */
    ANSWERED,
    /** The server took the call not on, and may soon. */
    BUSY,
    /** The connection broke after the request was sent. */
    LOST,
    /** The line broke before anything was sent. */
    UNSENT,
    /** There is no point in another attempt. */
    FAILED,
};

void
call_new_id(uint8_t *id)
{
    if (getrandom(id, CALL_ID_BYTES, 0) != CALL_ID_BYTES)
        abort(); /* Linux gives up to 256 bytes always */
}

void
call_id_text(const uint8_t *id, char *ret_text)
{
    hex_print(id, CALL_ID_BYTES, ret_text);
}

struct caller *
call_new(const struct profile *p, struct status *e)
{
    struct caller *c = calloc(1, sizeof *c);
    if (!c) {
        failure_memory(e);
        return NULL;
    }
    if (dial_prepare(&c->server, p, e) < 0) {
        free(c);
        return NULL;
    }
    c->token = p->token;
    return c;
}

/* One attempt. */

static void
wipe_message(nng_msg *m)
{
    explicit_bzero(nng_msg_body(m), nng_msg_len(m));
    nng_msg_free(m);
}

/** The packed request of the method; malloc'd, to be wiped. */
static uint8_t *
pack_payload(const struct call *call, size_t *size, struct status *e)
{
    *size = protobuf_c_message_get_packed_size(call->request);
    uint8_t *payload = malloc(*size + 1);
    if (payload)
        protobuf_c_message_pack(call->request, payload);
    else
        failure_memory(e);
    return payload;
}

static nng_msg *
pack_request(const struct caller *c, const struct call *call, uint32_t timeout_ms, struct status *e)
{
    nng_msg *m = NULL;
    size_t size;
    uint8_t *payload = pack_payload(call, &size, e);
    if (!payload)
        return NULL;
    Jiayi__V1__RpcRequest r = JIAYI__V1__RPC_REQUEST__INIT;
    r.method = (char *)call->method->name;
    r.has_payload = 1;
    r.payload = (ProtobufCBinaryData){size, payload};
    if (strcmp(call->method->option->permission ? call->method->option->permission : "",
               "public") != 0)
        r.token = (char *)c->token;
    r.has_timeout_ms = 1;
    r.timeout_ms = timeout_ms;
    r.has_request_id = 1;
    r.request_id = (ProtobufCBinaryData){CALL_ID_BYTES, (uint8_t *)call->request_id};
    r.client = (char *)"jiayi/" JIAYI_VERSION;
    r.locale = (char *)i18n_language();
    size_t all = jiayi__v1__rpc_request__get_packed_size(&r);
    if (all > CALL_MAX_BYTES)
        status_set(e, STATUS_INVALID_ARGUMENT,
                   _("the request has %zu bytes; at most %d go in one call"), all, CALL_MAX_BYTES);
    else if (nng_msg_alloc(&m, all) != 0)
        failure_memory(e);
    else
        jiayi__v1__rpc_request__pack(&r, nng_msg_body(m));
    wipe_free(payload);
    return m;
}

/**
 * Hands the message to the connection. nng waits for another connection when this one is lost at
 * this very moment; so now and then it is asked after.
 */
static int
send_message(struct dial_connection *d, nng_msg *m, int64_t deadline)
{
    int64_t dead_at = clock_now_ms() + SEND_TAKE_MS, left;
    int rv;
    do {
        left = deadline - clock_now_ms();
        nng_socket_set_ms(d->socket, NNG_OPT_SENDTIMEO,
                          (nng_duration)(left < 1              ? 1
                                         : left < SEND_LOOK_MS ? left
                                                               : SEND_LOOK_MS));
        rv = nng_sendmsg(d->socket, m, 0);
    } while (rv == NNG_ETIMEDOUT && left > SEND_LOOK_MS && !atomic_load(&d->lost) &&
             clock_now_ms() < dead_at);
    bool is_dead = left > SEND_LOOK_MS || atomic_load(&d->lost);
    return rv == NNG_ETIMEDOUT && is_dead ? NNG_ECONNRESET : rv;
}

/** The deadline passed. What was sent and not answered may have been done. */
static enum outcome
too_late(const struct caller *c, const struct call *call, struct status *e)
{
    dial_too_late(&c->server, e);
    if (call->unanswered)
        status_set(
            e, STATUS_DEADLINE_EXCEEDED,
            _("the deadline passed without an answer from %s; allow more time with --timeout"),
            c->server.profile.server);
    return FAILED;
}

/** Sends, waits until it is sent, then receives: nng's REQ wants it in this order. */
static enum outcome
send_and_receive(struct caller *c, struct call *call, int64_t deadline, nng_msg **answer,
                 struct status *e)
{
    int64_t left = deadline - clock_now_ms();
    if (left <= 0)
        return too_late(c, call, e);
    nng_msg *m = pack_request(c, call, (uint32_t)left, e);
    if (!m)
        return FAILED;
    int rv = send_message(c->connection, m, deadline);
    bool was_sent = rv == 0;
    if (was_sent) {
        call->sent++;
        call->unanswered++;
        left = deadline - clock_now_ms();
        nng_socket_set_ms(c->connection->socket, NNG_OPT_RECVTIMEO,
                          (nng_duration)(left > 1 ? left : 1));
        rv = nng_recvmsg(c->connection->socket, answer, 0);
    } else {
        wipe_message(m);
    }
    if (rv == 0) {
        call->unanswered--;
        return ANSWERED;
    }
    /* Whoever calls next had better not wait for the same one: it may be dead. */
    dial_forget(c->connection);
    c->connection = NULL;
    if (rv == NNG_ETIMEDOUT)
        return too_late(c, call, e);
    if (!was_sent) {
        status_set(e, STATUS_UNAVAILABLE, _("the connection to %s was lost: %s"),
                   c->server.profile.server, nng_strerror(rv));
        return UNSENT;
    }
    status_set(e, STATUS_UNAVAILABLE, _("the connection to %s was lost before the answer came: %s"),
               c->server.profile.server, nng_strerror(rv));
    return LOST;
}

/** What the server says of a call that did not end well. */
static enum outcome
read_status(const Jiayi__V1__RpcResponse *r, struct status *e)
{
    bool known = r->code > JIAYI__V1__CODE__OK && r->code <= JIAYI__V1__CODE__UNAUTHENTICATED;
    enum status_code code = known ? (enum status_code)r->code : STATUS_UNKNOWN;
    status_set(e, code, "%s", r->message && *r->message ? r->message : status_name(code));
    e->current_version = r->has_current_version ? r->current_version : 0;
    e->retry_after_ms = r->has_retry_after_ms ? r->retry_after_ms : 0;
    if (r->n_violations && r->violations[0]->field)
        snprintf(e->field, sizeof e->field, "%.79s", r->violations[0]->field);
    bool may_wait =
        code == STATUS_UNAVAILABLE || (code == STATUS_RESOURCE_EXHAUSTED && e->retry_after_ms > 0);
    return may_wait ? BUSY : FAILED;
}

static enum outcome
read_answer(struct arena *a, struct call *call, nng_msg *m, ProtobufCMessage **ret,
            struct status *e)
{
    Jiayi__V1__RpcResponse *r =
        jiayi__v1__rpc_response__unpack(arena_allocator(a), nng_msg_len(m), nng_msg_body(m));
    wipe_message(m);
    bool mine = r && (!r->has_request_id ||
                      (r->request_id.len == CALL_ID_BYTES &&
                       memcmp(r->request_id.data, call->request_id, CALL_ID_BYTES) == 0));
    if (!mine) {
        status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
        return FAILED;
    }
    call->server_time_s = r->server_time ? r->server_time->seconds : 0;
    call->replayed = r->replayed;
    if (r->code != JIAYI__V1__CODE__OK)
        return read_status(r, e);
    *ret = message_unpack(a, call->method->out, r->payload.data,
                          r->has_payload ? r->payload.len : 0, e);
    if (!*ret) {
        status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
        return FAILED;
    }
    return ANSWERED;
}

/* Again, where that is safe. */

/** Signing in and the like: no request_id guards it, for nobody is known yet. */
static bool
is_unguarded(const struct call *call)
{
    const Jiayi__V1__MethodOption *o = call->method->option;
    return o->kind == JIAYI__V1__KIND__WRITE && o->permission &&
           strcmp(o->permission, "public") == 0;
}

static bool
may_repeat(const struct call *call, enum outcome outcome)
{
    return outcome == UNSENT || outcome == BUSY || (outcome == LOST && !is_unguarded(call));
}

/** Between half of the pause and the whole, so that many clients do not come back at once. */
static int64_t
jitter(int64_t pause_ms)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) < 0)
        random = 0;
    return pause_ms / 2 + (int64_t)(random % (uint32_t)(pause_ms / 2 + 1));
}

/** Sleeps before another attempt; -1 when the deadline is before its end. */
static int
pause_before(unsigned attempt, uint32_t retry_after_ms, int64_t deadline)
{
    int64_t pause = FIRST_PAUSE_MS;
    for (unsigned i = 0; i < attempt && pause < MAX_PAUSE_MS; i++)
        pause *= 2;
    pause = jitter(pause < MAX_PAUSE_MS ? pause : MAX_PAUSE_MS) + retry_after_ms;
    if (clock_now_ms() + pause >= deadline)
        return -1;
    struct timespec t = {pause / 1000, pause % 1000 * 1000000};
    nanosleep(&t, NULL);
    return 0;
}

/** Connects; what it means where that fails, at the attempt of that number, from 0. */
static enum outcome
connect_caller(struct caller *c, const struct call *call, unsigned attempt, int64_t deadline,
               struct status *e)
{
    bool may_pass;
    c->connection = dial_connect(&c->server, deadline, &may_pass, e);
    if (c->connection)
        return ANSWERED;
    if (e->code == STATUS_DEADLINE_EXCEEDED)
        return too_late(c, call, e);
    /* A server that was there a moment ago may be starting again. */
    if (call->sent && e->code == STATUS_UNAVAILABLE)
        return call->unanswered ? LOST : UNSENT;
    bool worthwhile = c->server.is_known || attempt + 1 < STRANGER_ATTEMPTS;
    return may_pass && worthwhile ? UNSENT : FAILED;
}

ProtobufCMessage *
call_run(struct arena *a, struct caller *caller, struct call *call, struct status *e)
{
    int64_t deadline = clock_now_ms() + call->timeout_ms;
    for (unsigned attempt = 0;; attempt++) {
        ProtobufCMessage *result = NULL;
        nng_msg *answer;
        enum outcome outcome = ANSWERED;
        /* A server may have been restarted while somebody wrote in the editor. */
        if (caller->connection && atomic_load(&caller->connection->lost)) {
            dial_forget(caller->connection);
            caller->connection = NULL;
        }
        if (!caller->connection)
            outcome = connect_caller(caller, call, attempt, deadline, e);
        if (caller->connection)
            outcome = send_and_receive(caller, call, deadline, &answer, e);
        if (outcome == ANSWERED)
            outcome = read_answer(a, call, answer, &result, e);
        if (outcome == ANSWERED) {
            *e = (struct status){0}; /* what an earlier attempt said */
            return result;
        }
        if (!may_repeat(call, outcome))
            return NULL;
        if (call->on_wait)
            call->on_wait(call->wait_arg, e);
        if (pause_before(attempt, e->retry_after_ms, deadline) < 0)
            return NULL;
    }
}
