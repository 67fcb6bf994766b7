/**
 * The way of a request through gate and binder, without lanes: for the targets envelope, request
 * and request_json, and for tests/torture/gate.c.
 */
#ifndef JIAYI_TESTS_FUZZ_GATE_H
#define JIAYI_TESTS_FUZZ_GATE_H

#include "common/clock.h"
#include "server/call/gate.c" /* admit() */

#include "server/door/envelope.h"
#include "server/method/pg_type.h"
#include "server/native/natives.h"
#include "tests/fuzz/fuzz.h"

static struct gate gate = {.default_timeout_ms = 10000, .max_timeout_ms = 300000};

/** The type that PostgreSQL would say; at boot a server learns it from the database. */
static Oid
type_of(const struct statement_param *p)
{
    if (p->source == STATEMENT_PAGE_LIMIT || p->source == STATEMENT_PAGE_AFTER)
        return PG_TYPE_INT8;
    if (p->source == STATEMENT_REQUEST_SHA256)
        return PG_TYPE_BYTEA;
    if (p->source != STATEMENT_FIELD)
        return PG_TYPE_TEXT;
    const struct schema_field *f = p->path[p->depth - 1];
    if (f->pb->label == PROTOBUF_C_LABEL_REPEATED)
        return PG_TYPE_TEXT_ARRAY;
    if (f->message)
        return PG_TYPE_TIMESTAMPTZ;
    switch (f->pb->type) {
    case PROTOBUF_C_TYPE_BOOL: return PG_TYPE_BOOL;
    case PROTOBUF_C_TYPE_BYTES: return PG_TYPE_BYTEA;
    case PROTOBUF_C_TYPE_STRING: return PG_TYPE_TEXT;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64: return PG_TYPE_INT8;
    default: return PG_TYPE_INT4;
    }
}

static void
describe(const struct statement *s)
{
    for (int v = 0; s && v < s->n_variants; v++)
        for (int i = 0; i < s->variants[v].n_params; i++)
            s->variants[v].params[i].type = type_of(&s->variants[v].params[i]);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    struct status e = {0};
    struct methods *m = methods_load(natives, &e);
    require(m, e.message);
    gate.budget = budget_new(INT32_MAX, 1);
    gate.strangers = budget_new(INT32_MAX, 1);
    require(gate.budget && gate.strangers, "no memory");
    for (size_t i = 0; i < m->n; i++) {
        describe(m->all[i].native ? NULL : m->all[i].statement);
        for (int k = 0; k < m->all[i].n_more; k++)
            describe(m->all[i].more[k]);
    }
    gate.methods = m;
    return 0;
}

static void
bind(struct call *c, const struct statement *s)
{
    struct bind_values v;
    const struct statement_variant *chosen = bind_choose(s, c->in);
    if (bind_request(c->arena, chosen, c->in, c->request_sha256, &v, &c->status) < 0) {
        require_told(&c->status);
        require(c->status.code == STATUS_INVALID_ARGUMENT ||
                    c->status.code == STATUS_RESOURCE_EXHAUSTED,
                "the binder refuses for the request or for memory");
        c->status = (struct status){0};
        return;
    }
    for (int i = 0; i < v.n; i++)
        if (v.values[i])
            touch(v.values[i], v.formats[i] ? (size_t)v.lengths[i] : strlen(v.values[i]));
}

/** The reply to a call that ended, as a peer gets it: itself a message that can be read. */
static void
answer(struct call *c)
{
    const struct schema_message *m =
        schema_find_message(gate.methods->schema, "jiayi.v1.RpcResponse");
    struct status e = {0};
    struct envelope_reply r;
    size_t n = envelope_make(&r, 1 << 20, c);
    uint8_t *packed = malloc(n ? n : 1);
    if (!packed)
        return; /* tests/torture */
    envelope_pack(&r, packed);
    require(wire_check(m, packed, n, &e) == 0, "a reply is well formed");
    free(packed);
}

/**
 * The message of a call of the method that the input's first two bytes choose, with the rest as its
 * payload; malloced.
 */
static inline uint8_t *
make_message(struct input *in, size_t *ret_size)
{
    static uint8_t id[REQUEST_ID_BYTES] = {1};
    const struct schema_method *m = take_method(in, gate.methods->schema);
    Jiayi__V1__RpcRequest r = JIAYI__V1__RPC_REQUEST__INIT;
    r.method = (char *)m->name;
    r.token = (char *)"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    r.has_request_id = r.has_payload = true;
    r.request_id = (ProtobufCBinaryData){sizeof id, id};
    r.payload = (ProtobufCBinaryData){(size_t)(in->end - in->at), (uint8_t *)in->at};
    *ret_size = jiayi__v1__rpc_request__get_packed_size(&r);
    uint8_t *message = malloc(*ret_size);
    require(message, "there is memory");
    jiayi__v1__rpc_request__pack(&r, message);
    return message;
}

static struct call *
new_call(void)
{
    struct arena *a = arena_new(ARENA_BYTES);
    struct call *c = a ? arena_alloc(a, sizeof *c) : NULL;
    require(c, "there is memory");
    c->arena = a;
    c->received_us = clock_now_us();
    c->member = c->company = c->client = "";
    return c;
}

/**
 * What a door made of a message, or did not, through admit() and, where it is let in, the binder.
 */
static inline void
run_request(struct call *c, bool is_open, const struct gate_request *r)
{
    if (!is_open || admit(&gate, c, r) < 0) {
        require_told(&c->status);
        require(c->status.code != STATUS_INTERNAL, "a stranger's bytes are no fault of the server");
    } else {
        require(text_valid(c->client, strlen(c->client)), "the client's name is UTF-8");
        if (!c->method->native)
            bind(c, c->method->statement);
        for (int i = 0; i < c->method->n_more; i++)
            bind(c, c->method->more[i]);
    }
    answer(c);
}

/** A message as the listener would have it. */
static inline void
run_call(struct call *c, const uint8_t *data, size_t size)
{
    struct gate_request r;
    bool is_open = envelope_open(c, gate.methods->schema, data, size, &r) == 0;
    run_request(c, is_open, &r);
}

static inline void
try_message(const uint8_t *data, size_t size)
{
    struct call *c = new_call();
    run_call(c, data, size);
    arena_free(c->arena);
}

#endif
