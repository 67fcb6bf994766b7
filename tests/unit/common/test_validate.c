/*
 * Requests against the options of their fields, and packed messages against protobuf-c's blind
 * spots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/wire.h"
#include "common/validate.h"

static struct arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static ProtobufCMessage *
request(const char *name)
{
    const struct schema_message *m = schema_find_message(schema_embedded(), name);
    assert_non_null(m);
    return message_new(arena, m);
}

static void
put(ProtobufCMessage *m, const char *field, const char *value)
{
    const struct schema_field *f = schema_find_field(schema_of(m), field);
    assert_non_null(f);
    if (f->pb->type == PROTOBUF_C_TYPE_STRING)
        assert_int_equal(message_put_string(arena, m, f, value, strlen(value)), 0);
    else
        assert_int_equal(message_put_integer(arena, m, f, strtoll(value, NULL, 10)), 0);
}

static void
expect(const ProtobufCMessage *m, const char *field, const char *part)
{
    struct status e = {0};
    int rc = validate_request(m, &e);
    if (!field) {
        if (rc != 0)
            fail_msg("refused: %s", e.message);
        return;
    }
    assert_int_equal(rc, -1);
    assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
    assert_string_equal(e.field, field);
    if (!strstr(e.message, part))
        fail_msg("\"%s\" does not say \"%s\"", e.message, part);
}

static void
validate_required_and_lengths(void **state)
{
    (void)state;
    ProtobufCMessage *m = request("jiayi.v1.CreateDealRequest");
    expect(m, "title", "is needed");
    put(m, "title", "");
    expect(m, "title", "must not be empty");
    put(m, "title", "办公楼");
    expect(m, "customer", "is needed");
    put(m, "customer", "客户");
    expect(m, NULL, NULL);

    char text[4 * 201 + 1] = "";
    for (int i = 0; i < 200; i++)
        strcat(text, "楼");
    put(m, "title", text);
    expect(m, NULL, NULL); /* 200 characters, 600 bytes */
    strcat(text, "x");
    put(m, "title", text);
    expect(m, "title", "has 201 characters, at most 200");
}

static void
validate_nested_fields_by_path(void **state)
{
    (void)state;
    static const struct {
        const char *amount, *currency, *field, *part;
    } cases[] = {
        {"120000.50", "CNY", NULL, NULL},
        {"0", "ALL", NULL, NULL},
        {"-5", "CNY", "amount.amount", "not negative"},
        {"1e5", "CNY", "amount.amount", "should be a number"},
        {"12,5", "CNY", "amount.amount", "should be a number"},
        {"NaN", "CNY", "amount.amount", "should be a number"},
        {"", "CNY", "amount.amount", "must not be empty"},
        {"5", "cny", "amount.currency", "currency code"},
        {"5", "YUAN", "amount.currency", "characters"},
        {"5", NULL, "amount.currency", "is needed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ProtobufCMessage *m = request("jiayi.v1.CreateDealRequest");
        put(m, "title", "t");
        put(m, "customer", "c");
        ProtobufCMessage *money =
            message_need_child(arena, m, schema_find_field(schema_of(m), "amount"));
        put(money, "amount", cases[i].amount);
        if (cases[i].currency)
            put(money, "currency", cases[i].currency);
        expect(m, cases[i].field, cases[i].part);
    }
}

static void
validate_forms(void **state)
{
    (void)state;
    static const struct {
        const char *message, *field, *value;
        bool good;
    } cases[] = {
        {"jiayi.v1.ListDealsRequest", "owner", "mira@acme.example", true},
        {"jiayi.v1.ListDealsRequest", "owner", "mira", false},
        {"jiayi.v1.ListDealsRequest", "owner", "a b@c", false},
        {"jiayi.v1.ListDealsRequest", "vendor", "beta-2", true},
        {"jiayi.v1.ListDealsRequest", "vendor", "Beta", false},
        {"jiayi.v1.ListDealsRequest", "vendor", "2beta", false},
        {"jiayi.v1.ListDealsRequest", "vendor", "beta'; --", false},
        {"jiayi.v1.UpdateCustomerRequest", "registration_country", "cn", true},
        {"jiayi.v1.UpdateCustomerRequest", "registration_country", "XK", true},
        {"jiayi.v1.UpdateCustomerRequest", "registration_country", "AD", true},
        {"jiayi.v1.UpdateCustomerRequest", "registration_country", "ZW", true},
        {"jiayi.v1.UpdateCustomerRequest", "registration_country", "XX", false},
        {"jiayi.v1.UpdateCustomerRequest", "registration_country", "1X", false},
        {"jiayi.v1.UpdateCustomerRequest", "registration_country", " A", false},
        {"jiayi.v1.UpdateCustomerRequest", "website", "beichen.example", true},
        {"jiayi.v1.UpdateCustomerRequest", "website", "HTTPS://北辰.example:8443/a?b=c#d", true},
        {"jiayi.v1.UpdateCustomerRequest", "website", "www.acme.example/", true},
        {"jiayi.v1.UpdateCustomerRequest", "website", "javascript:alert(1)", false},
        {"jiayi.v1.UpdateCustomerRequest", "website", "javascript:alert.x(1)", false},
        {"jiayi.v1.UpdateCustomerRequest", "website", "data:text/html.x,y", false},
        {"jiayi.v1.UpdateCustomerRequest", "website", "//acme.example", false},
        {"jiayi.v1.UpdateCustomerRequest", "website", "https://a.example/\"><script>", false},
        {"jiayi.v1.UpdateCustomerRequest", "website", "https://acme@b.example", false},
        {"jiayi.v1.UpdateCustomerRequest", "website", "none", false},
        {"jiayi.v1.UpdateDealRequest", "close_on", "9999-12-31", false},
        {"jiayi.v1.UpdateDealRequest", "close_on", "1899-12-31", false},
        {"jiayi.v1.ListDealsRequest", "page_size", "0", false},
        {"jiayi.v1.ListDealsRequest", "page_size", "1", true},
        {"jiayi.v1.ListDealsRequest", "page_size", "1001", false},
        {"jiayi.v1.ListDealsRequest", "page_token", "a/b", false},
        {"jiayi.v1.ListKpisRequest", "period", "2026", true},
        {"jiayi.v1.ListKpisRequest", "period", "2026-Q4", true},
        {"jiayi.v1.ListKpisRequest", "period", "2026-W47", true},
        {"jiayi.v1.ListKpisRequest", "period", "2026-11", true},
        {"jiayi.v1.ListKpisRequest", "period", "2026-11-21", true},
        {"jiayi.v1.ListKpisRequest", "period", "2024-02-29", true},
        {"jiayi.v1.ListKpisRequest", "period", "2026-02-29", false},
        {"jiayi.v1.ListKpisRequest", "period", "2026-04-31", false},
        {"jiayi.v1.ListKpisRequest", "period", "2026-13", false},
        {"jiayi.v1.ListKpisRequest", "period", "2026-Q5", false},
        {"jiayi.v1.ListKpisRequest", "period", "2026-W54", false},
        {"jiayi.v1.ListKpisRequest", "period", "26-11", false},
        {"jiayi.v1.ListKpisRequest", "period", "november", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ProtobufCMessage *m = request(cases[i].message);
        const struct schema_field *first = schema_field_at(schema_of(m), 0);
        if (first->option->required)
            put(m, first->pb->name, "7");
        put(m, cases[i].field, cases[i].value);
        expect(m, cases[i].good ? NULL : cases[i].field, "");
    }
}

static void
validate_choices(void **state)
{
    (void)state;
    ProtobufCMessage *m = request("jiayi.v1.LogActivityRequest");
    put(m, "deal_id", "7");
    put(m, "text", "t");
    put(m, "kind", "telepathy");
    expect(m, "kind", "\"telepathy\" is none of: call, visit");
    put(m, "kind", "call");
    expect(m, NULL, NULL);
}

static void
validate_exactly_one(void **state)
{
    (void)state;
    ProtobufCMessage *m = request("jiayi.v1.SetKpiTargetRequest");
    put(m, "code", "calls");
    put(m, "period", "2026-11");
    put(m, "value", "10");
    expect(m, "member", "give exactly one of: member, vendor");
    put(m, "member", "a@b.example");
    expect(m, NULL, NULL);
    put(m, "vendor", "beta");
    expect(m, "member", "give exactly one of");
}

static void
wire_check_strings(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *field;
    } cases[] = {
        {"\x0a\x04"
         "deal",
         6, NULL}, /* title: deal */
        {"\x0a\x03"
         "a\0b",
         5, "title"},                     /* NUL */
        {"\x0a\x02\xc3\x28", 4, "title"}, /* not UTF-8 */
        {"\x1a\x03\x0a\x01\xff", 5, "amount.amount"},
        {"\x0a\x05"
         "a",
         3, ""},             /* longer than the message */
        {"\x0b\x00", 2, ""}, /* a group */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11, ""},
        {"\xd2\x0f\x01\xff", 4, NULL}, /* an unknown field's bytes are its own business */
    };
    const struct schema_message *m =
        schema_find_message(schema_embedded(), "jiayi.v1.CreateDealRequest");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct status e = {0};
        int rc = wire_check(m, (const uint8_t *)cases[i].bytes, cases[i].n, &e);
        assert_int_equal(rc, cases[i].field ? -1 : 0);
        assert_string_equal(e.field, cases[i].field ? cases[i].field : "");
    }
}

/** 1 MiB of empty sub-messages would take 60 MiB: the arena's limit says no. */
static void
message_unpack_is_capped(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    uint8_t *bytes = test_malloc(SIZE);
    for (size_t i = 0; i + 1 < SIZE; i += 2) {
        bytes[i] = 0x0a;  /* ListDealsResponse.deals, */
        bytes[i + 1] = 0; /* empty */
    }
    struct arena *small = arena_new(8 << 20);
    struct status e = {0};
    assert_null(message_unpack(small,
                               schema_find_message(schema_embedded(), "jiayi.v1.ListDealsResponse"),
                               bytes, SIZE, &e));
    assert_int_equal(e.code, STATUS_RESOURCE_EXHAUSTED);
    arena_free(small);
    test_free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(validate_required_and_lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(validate_nested_fields_by_path, setup, teardown),
        cmocka_unit_test_setup_teardown(validate_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(validate_choices, setup, teardown),
        cmocka_unit_test_setup_teardown(validate_exactly_one, setup, teardown),
        cmocka_unit_test(wire_check_strings),
        cmocka_unit_test(message_unpack_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
