/** Tests of server/door/envelope: what is packed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "server/door/envelope.h"
#include "server/method/method.h"
#include "server/native/natives.h"

enum { LIMIT_BYTES = 100 };

static struct methods *methods;

static int
start(void **state)
{
    struct status e;
    (void)state;
    methods = methods_load(natives, &e);
    return methods ? 0 : -1;
}

static int
stop(void **state)
{
    (void)state;
    methods_free(methods);
    return 0;
}

static struct call *
make_call_in(const char *method, size_t arena_limit_bytes)
{
    struct arena *a = arena_new(arena_limit_bytes);
    struct call *c = arena_alloc(a, sizeof *c);
    c->arena = a;
    c->method = methods_find(methods, method);
    c->out = message_new(a, c->method->schema->out);
    c->member = c->company = c->client = "";
    memset(c->request_id, 0xab, sizeof c->request_id);
    c->has_request_id = true;
    c->received_us = clock_now_us();
    return c;
}

static struct call *
make_call(const char *method)
{
    return make_call_in(method, 1 << 20);
}

static Jiayi__V1__RpcResponse *
replied(struct call *c)
{
    struct envelope_reply r;
    size_t n = envelope_make(&r, LIMIT_BYTES, c);
    uint8_t *bytes = test_malloc(n);
    envelope_pack(&r, bytes);
    Jiayi__V1__RpcResponse *got = jiayi__v1__rpc_response__unpack(NULL, n, bytes);
    test_free(bytes);
    assert_non_null(got);
    assert_non_null(got->server_time);
    return got;
}

static void
put_name(struct call *c, size_t n)
{
    const struct schema_field *name = schema_find_field(c->method->schema->out, "name");
    char *text = arena_alloc(c->arena, n + 1);
    memset(text, 'x', n);
    assert_int_equal(message_put_string(c->arena, c->out, name, text, n), 0);
}

static void
answer_has_payload_and_request_id(void **state)
{
    (void)state;
    struct call *c = make_call("AuthService/WhoAmI");
    put_name(c, 10);
    Jiayi__V1__RpcResponse *got = replied(c);
    assert_false(got->has_code);
    assert_int_equal(got->payload.len, 12);
    assert_int_equal(got->request_id.len, REQUEST_ID_BYTES);
    assert_memory_equal(got->request_id.data, c->request_id, REQUEST_ID_BYTES);
    jiayi__v1__rpc_response__free_unpacked(got, NULL);
    arena_free(c->arena);
}

static void
answer_to_what_was_done_before_says_so(void **state)
{
    (void)state;
    struct call *c = make_call("AuthService/WhoAmI");
    Jiayi__V1__RpcResponse *got = replied(c);
    assert_false(got->replayed);
    jiayi__v1__rpc_response__free_unpacked(got, NULL);
    c->replayed = true;
    got = replied(c);
    assert_true(got->replayed);
    jiayi__v1__rpc_response__free_unpacked(got, NULL);
    arena_free(c->arena);
}

static void
answer_too_large_is_refused(void **state)
{
    (void)state;
    struct call *c = make_call("AuthService/WhoAmI");
    put_name(c, 99);
    Jiayi__V1__RpcResponse *got = replied(c);
    assert_int_equal(got->code, STATUS_RESOURCE_EXHAUSTED);
    assert_string_equal(got->message,
                        "the answer has 101 bytes, at most 100 are allowed; ask for less");
    assert_false(got->has_payload);
    jiayi__v1__rpc_response__free_unpacked(got, NULL);
    arena_free(c->arena);
}

static void
answer_without_memory_is_refused(void **state)
{
    (void)state;
    struct call *c = make_call_in("AuthService/WhoAmI", 4096);
    put_name(c, 90);
    while (arena_alloc(c->arena, 1))
        continue;
    Jiayi__V1__RpcResponse *got = replied(c);
    assert_int_equal(got->code, STATUS_RESOURCE_EXHAUSTED);
    assert_string_equal(got->message, "the answer takes too much memory; ask for less");
    assert_false(got->has_payload);
    jiayi__v1__rpc_response__free_unpacked(got, NULL);
    arena_free(c->arena);
}

static void
fault_ends_in_the_request_id(void **state)
{
    (void)state;
    struct call *c = make_call("AuthService/WhoAmI");
    status_set(&c->status, STATUS_INTERNAL, "the server failed; its operator wants this:");
    Jiayi__V1__RpcResponse *got = replied(c);
    assert_string_equal(got->message, "the server failed; its operator wants this: "
                                      "abababababababababababababababab");
    jiayi__v1__rpc_response__free_unpacked(got, NULL);
    arena_free(c->arena);
}

static void
wrong_field_is_named(void **state)
{
    (void)state;
    struct call *c = make_call("AuthService/WhoAmI");
    status_field(&c->status, "deal_id", "is missing");
    Jiayi__V1__RpcResponse *got = replied(c);
    assert_int_equal(got->code, STATUS_INVALID_ARGUMENT);
    assert_int_equal(got->n_violations, 1);
    assert_string_equal(got->violations[0]->field, "deal_id");
    jiayi__v1__rpc_response__free_unpacked(got, NULL);
    arena_free(c->arena);
}

static void
phases_add_up_to_the_whole(void **state)
{
    (void)state;
    struct call *c = make_call("AuthService/WhoAmI");
    int64_t sum = 0;
    call_lap(c, CALL_GATE);
    call_lap(c, CALL_QUEUE);
    call_lap(c, CALL_DATABASE);
    call_lap(c, CALL_QUEUE);
    Jiayi__V1__RpcResponse *got = replied(c);
    for (int i = 0; i < CALL_PHASES; i++)
        sum += c->spent_us[i];
    assert_int_equal(sum, c->lap_us - c->received_us);
    jiayi__v1__rpc_response__free_unpacked(got, NULL);
    arena_free(c->arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_has_payload_and_request_id),
        cmocka_unit_test(answer_to_what_was_done_before_says_so),
        cmocka_unit_test(answer_too_large_is_refused),
        cmocka_unit_test(answer_without_memory_is_refused),
        cmocka_unit_test(fault_ends_in_the_request_id),
        cmocka_unit_test(wrong_field_is_named),
        cmocka_unit_test(phases_add_up_to_the_whole),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
