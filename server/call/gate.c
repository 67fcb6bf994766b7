#include "server/call/gate.h"

#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "common/template.h"
#include "common/text.h"
#include "common/wire.h"
#include "server/base/fault.h"
#include "server/base/language.h"
#include "server/base/metrics.h"
#include "server/call/budget.h"
#include "server/call/held.h"
#include "common/normalize.h"
#include "common/validate.h"
#include "server/call/whose.h"
#include "server/method/sqlstate.h"
#include "server/secret/digest.h"
#include "server/secret/password.h"

/** The longest token and client name that are looked at. */
enum { TOKEN_MAX = 128, CLIENT_MAX = 100, DRAIN_RETRY_MS = 1000, EXCESS_RETRY_MS = 500 };

static int
take_request_id(struct call *c, const struct gate_request *r)
{
    if (r->has_request_id && r->request_id.len != REQUEST_ID_BYTES)
        return status_field(&c->status, "request_id", "has %zu bytes, must have %d",
                            r->request_id.len, REQUEST_ID_BYTES);
    if (!r->has_request_id && c->method && c->method->kind == JIAYI__V1__KIND__WRITE)
        return status_field(&c->status, "request_id",
                            "a call that changes something needs %d random bytes",
                            REQUEST_ID_BYTES);
    if (r->has_request_id)
        memcpy(c->request_id, r->request_id.data, REQUEST_ID_BYTES);
    c->has_request_id = r->has_request_id;
    return 0;
}

/** Only the token's hash goes on from here. */
static int
take_token(struct call *c, const struct gate_request *r)
{
    size_t n = r->token ? strlen(r->token) : 0;
    c->has_token = n > 0 && n <= TOKEN_MAX;
    if (c->has_token && digest_sha256(r->token, n, c->token_sha256, &c->status) < 0)
        return -1;
    if (!c->has_token && !c->method->is_public)
        return status_set(&c->status, STATUS_UNAUTHENTICATED, "sign in first: jiayi login");
    return 0;
}

static void
set_deadline(const struct gate *g, struct call *c, const struct gate_request *r)
{
    int64_t ms = r->has_timeout ? (int64_t)r->timeout_ms : g->default_timeout_ms;
    c->deadline_us = c->received_us + (ms < g->max_timeout_ms ? ms : g->max_timeout_ms) * 1000;
    c->is_stream = r->is_stream && c->method->since;
    c->until_us = r->has_timeout ? c->received_us + ms * 1000 : INT64_MAX;
}

/** A copy of the request without its secrets; NULL without memory. */
static ProtobufCMessage *
leave_secrets_out(struct call *c)
{
    const struct schema_message *m = c->method->schema->in;
    ProtobufCMessage *open = message_new(c->arena, m);
    for (unsigned i = 0; open && i < m->pb.n_fields; i++)
        if (!m->fields[i].option->secret && m->fields[i].pb->label != PROTOBUF_C_LABEL_REPEATED &&
            message_has(c->in, &m->fields[i]) &&
            message_put(c->arena, open, &m->fields[i], message_value(c->in, &m->fields[i], 0)) < 0)
            open = NULL;
    return open;
}

/**
 * What a request_id stands for: the request without its secrets, for a hash of a password would
 * help who tries to guess it. Of JSON what it says counts, not how.
 */
static int
digest_request(struct call *c, const struct gate_request *r)
{
    const struct schema_message *m = c->method->schema->in;
    bool has_secret = false;
    for (unsigned i = 0; i < m->pb.n_fields; i++)
        has_secret |= m->fields[i].option->secret;
    if (!has_secret && !r->is_json)
        return digest_sha256(r->payload.data, r->payload.len, c->request_sha256, &c->status);
    const ProtobufCMessage *open = has_secret ? leave_secrets_out(c) : c->in;
    uint8_t *packed = open ? arena_alloc(c->arena, protobuf_c_message_get_packed_size(open)) : NULL;
    if (!packed)
        return status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                          "the request takes too much memory");
    size_t n = protobuf_c_message_pack(open, packed);
    return digest_sha256(packed, n, c->request_sha256, &c->status);
}

/** The request message; NULL with c->status set. */
static ProtobufCMessage *
read_payload(struct call *c, const struct gate_request *r)
{
    const struct schema_message *in = c->method->schema->in;
    if (r->is_json)
        return json_read(c->arena, in, (const char *)r->payload.data, r->payload.len, &c->status);
    if (wire_check(in, r->payload.data, r->payload.len, &c->status) < 0)
        return NULL;
    return message_unpack(c->arena, in, r->payload.data, r->payload.len, &c->status);
}

static int
take_payload(struct call *c, const struct gate_request *r)
{
    c->in = read_payload(c, r);
    if (!c->in || normalize_request(c->arena, c->in, &c->status) < 0 ||
        validate_request(c->in, &c->status) < 0)
        return -1;
    c->out = message_new(c->arena, c->method->schema->out);
    if (!c->out)
        return status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    return c->method->kind == JIAYI__V1__KIND__WRITE ? digest_request(c, r) : 0;
}

static void
choose_lanes(const struct gate *g, struct call *c)
{
    const struct method *m = c->method;
    if (m->kind == JIAYI__V1__KIND__HEAVY)
        c->lanes = CALL_LANES_HEAVY;
    else if (m->native && m->native->is_login)
        c->lanes = CALL_LANES_LOGIN;
    else if (m->kind == JIAYI__V1__KIND__WRITE)
        c->lanes = CALL_LANES_WRITE;
    if (!m->search || !message_has(c->in, m->search))
        return;
    int64_t limit_us = c->received_us + g->search_timeout_ms * INT64_C(1000);
    c->lanes = CALL_LANES_SEARCH;
    c->is_limited = limit_us < c->deadline_us;
    if (c->is_limited)
        c->deadline_us = limit_us;
}

static int
refuse_excess(struct call *c)
{
    bool is_memory = c->excess == CALL_HOLDS_TOO_MUCH;
    metrics_refused(is_memory ? METRICS_REFUSED_BUFFERS_LIMIT : METRICS_REFUSED_CALLS_LIMIT,
                    c->address);
    status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
               is_memory
                   ? N_("the requests of your address take too much memory just now; try again")
                   : N_("the server has too many calls in flight; try again"));
    c->status.retry_after_ms = EXCESS_RETRY_MS;
    return -1;
}

/** A change is made on its company's account. What needs no caller has limits of its own. */
static int
charge_change(const struct gate *g, struct call *c, size_t bytes)
{
    if (c->method->kind != JIAYI__V1__KIND__WRITE || c->method->is_public)
        return 0;
    uint32_t wait_ms = budget_charge(g->budget, whose_number(c), bytes, c->received_us);
    if (wait_ms == 0)
        return 0;
    metrics_refused(METRICS_REFUSED_WRITE_RATE, c->address);
    status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
               "your company changes more than the server takes; try again a little later");
    c->status.retry_after_ms = wait_ms;
    return -1;
}

static int
admit(const struct gate *g, struct call *c, const struct gate_request *r)
{
    if (c->status.code != STATUS_OK)
        return -1;
    c->method = r->method ? methods_find(g->methods, r->method) : NULL;
    if (take_request_id(c, r) < 0)
        return -1;
    if (!c->method)
        return status_set(&c->status, STATUS_UNIMPLEMENTED, "the server has no method \"%.80s\"",
                          r->method ? r->method : "");
    /* Going down, the server still says so itself: ServerService/Check. */
    if (gate_is_closed(g) && !(c->method->native && c->method->native->is_quick)) {
        metrics_refused(METRICS_REFUSED_DRAINING, c->address);
        status_set(&c->status, STATUS_UNAVAILABLE, "the server is going down; try again");
        c->status.retry_after_ms = DRAIN_RETRY_MS;
        return -1;
    }
    if (c->excess != CALL_FITS)
        return refuse_excess(c);
    set_deadline(g, c, r);
    if (call_left_ms(c) == 0)
        return sqlstate_deadline(&c->status);
    if (r->client && text_length(r->client) <= CLIENT_MAX)
        c->client = r->client;
    if (take_token(c, r) < 0 || take_payload(c, r) < 0 || charge_change(g, c, r->payload.len) < 0)
        return -1;
    choose_lanes(g, c);
    return 0;
}

/* Running an admitted call. */

static void
finish(struct call *c)
{
    c->finish(c);
}

/** On the lane's thread: the transaction has ended. */
static void
add_and_finish(struct call *c)
{
    if (c->status.code == STATUS_OK)
        c->method->addition->run(c);
    c->finish(c);
}

static void
run_statements(const struct gate *g, struct call *c)
{
    const struct method *m = c->method;
    if (m->since) {
        held_begin(g->held, c);
        return;
    }
    c->work = (struct call_work){.statement = m->statement,
                                 .more = m->more,
                                 .n_more = m->n_more,
                                 .authorize = !m->is_public,
                                 .once = m->kind == JIAYI__V1__KIND__WRITE,
                                 .done = m->addition ? add_and_finish : finish};
    lanes_submit(g->lanes, c);
}

/** Puts the hash of every new password in its place. */
static int
hash_passwords(struct call *c)
{
    const struct schema_message *m = c->method->schema->in;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        const char *password = f->option->hash ? message_string(c->in, f) : NULL;
        char phc[PASSWORD_PHC_MAX];
        if (!password)
            continue;
        if (password_hash(password, phc, &c->status) < 0)
            return -1;
        if (message_put_string(c->arena, c->in, f, phc, strlen(phc)) < 0)
            return status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                              "the call takes too much memory");
    }
    return 0;
}

/** What costs too much for who is not known. */
static int
prepare(struct call *c)
{
    if (hash_passwords(c) < 0)
        return -1;
    if (c->method->check)
        c->method->check->run(c);
    return c->status.code == STATUS_OK ? 0 : -1;
}

/** On the password pool: the caller first, then the costly hash, then the method itself. */
static void
run_prepared(struct call *c)
{
    if (lanes_run(c->gate->lanes, c, NULL, NULL, 0) < 0 || prepare(c) < 0)
        c->finish(c);
    else
        run_statements(c->gate, c);
}

static void
run_native(struct call *c)
{
    c->method->native->run(c);
    c->finish(c);
}

void
gate_close(struct gate *g)
{
    atomic_store(&g->is_closed, true);
}

bool
gate_is_closed(const struct gate *g)
{
    return atomic_load(&g->is_closed);
}

void
gate_enter(const struct gate *g, struct call *c, const struct gate_request *r)
{
    metrics_count(METRICS_CALLS_RECEIVED);
    c->gate = g;
    c->language = language_of(r->locale);
    int rc = admit(g, c, r);
    call_lap(c, CALL_GATE);
    if (rc < 0) {
        c->finish(c);
        return;
    }
    fault_point_of("after_decode", c->method->schema->short_name);
    const struct native *native = c->method->native;
    if (native && native->is_quick)
        run_native(c);
    else if (!native && !c->method->has_hash && !c->method->check)
        run_statements(g, c);
    else if (pool_submit(g->pool, c->method->is_public ? POOL_SIGN_IN : POOL_SET_PASSWORD, c,
                         native ? run_native : run_prepared) < 0)
        c->finish(c);
}
