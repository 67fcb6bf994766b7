/**
 * Messages as JSON, both ways, and hostile input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/json.h"
#include "common/json_text.h"
#include "common/text.h"

static struct arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(4 << 20);
    return arena ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct schema_message *
type(const char *name)
{
    char full[100];
    snprintf(full, sizeof full, "%s%s", strncmp(name, "google.", 7) == 0 ? "" : "jiayi.v1.", name);
    const struct schema_message *m = schema_find_message(schema_embedded(), full);
    assert_non_null(m);
    return m;
}

static ProtobufCMessage *
must_read(const char *name, const char *text)
{
    struct status e = {0};
    ProtobufCMessage *message = json_read(arena, type(name), text, strlen(text), &e);
    if (!message)
        fail_msg("%s: %s", text, e.message);
    return message;
}

static const char *
print(const ProtobufCMessage *message)
{
    struct status e = {0};
    char *text = json_print(arena, message, JSON_ONE_LINE, &e);
    assert_non_null(text);
    return text;
}

static void
assert_refused(const char *name, const char *text, size_t size, const char *field, const char *part)
{
    struct status e = {0};
    assert_null(json_read(arena, type(name), text, size, &e));
    assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
    if (!strstr(e.message, part))
        fail_msg("%s: the message is \"%s\", without \"%s\"", text, e.message, part);
    if (field)
        assert_string_equal(e.field, field);
}

/** What is read is written the same, once it is in canonical form. */
static void
json_read_and_print_agree(void **state)
{
    (void)state;
    static const struct {
        const char *type, *in, *out;
    } cases[] = {
        {"GetDealRequest", "{}", "{}"},
        {"GetDealRequest", "{\"deal_id\":\"7\"}", "{\"deal_id\":\"7\"}"},
        {"GetDealRequest", "{\"deal_id\":7}", "{\"deal_id\":\"7\"}"},
        {"GetDealRequest", "{\"dealId\":7}", "{\"deal_id\":\"7\"}"},
        {"GetDealRequest", "{\"deal_id\":null,\"dealId\":7}", "{\"deal_id\":\"7\"}"},
        {"GetSchemaRequest", "{\"knownSha256\":\"AQ==\"}", "{\"known_sha256\":\"AQ==\"}"},
        {"GetDealRequest", "{\"deal_id\":null}", "{}"},
        {"GetDealRequest", "{\"deal_id\":\"-9223372036854775808\"}",
         "{\"deal_id\":\"-9223372036854775808\"}"},
        {"GetDealRequest", "{\"deal_id\":9223372036854775807}",
         "{\"deal_id\":\"9223372036854775807\"}"},
        {"UpdateDealRequest", "{\"version\":\"3\",\"no_vendor\":false}",
         "{\"version\":3,\"no_vendor\":false}"},
        {"CreateDealRequest",
         "{\"amount\":{\"currency\":\"CNY\",\"amount\":\"1.50\"},\"title\":\"服务器 \\u4e59\"}",
         "{\"title\":\"服务器 "
         "乙\",\"amount\":{\"amount\":\"1.50\",\"currency\":\"CNY\"},\"tags\":[]}"},
        {"CreateRoleRequest", "{\"role\":\"r\"}", "{\"role\":\"r\",\"grants\":[]}"},
        {"CreateRoleRequest", "{\"grants\":[\"a:b\",\"\",\"c:d\"]}",
         "{\"grants\":[\"a:b\",\"\",\"c:d\"]}"},
        {"ListDealsResponse", "{\"deals\":[]}", "{\"deals\":[]}"},
        {"ListDealsResponse", "{\"deals\":[{\"id\":1},{}],\"next_page_token\":\"x\"}",
         "{\"deals\":[{\"id\":\"1\",\"activities\":[],\"tags\":[],\"team\":[],\"tasks\":[]},"
         "{\"activities\":[],\"tags\":[],\"team\":[],\"tasks\":[]}],\"next_page_token\":"
         "\"x\"}"},
        {"Activity", "{\"at\":\"2026-11-21T20:16:03Z\"}", "{\"at\":\"2026-11-21T20:16:03Z\"}"},
        {"Activity", "{\"at\":\"2026-11-21T20:16:03.5Z\"}",
         "{\"at\":\"2026-11-21T20:16:03.500Z\"}"},
        {"Activity", "{\"at\":\"2026-11-21T20:16:03.000001Z\"}",
         "{\"at\":\"2026-11-21T20:16:03.000001Z\"}"},
        {"Activity", "{\"at\":\"2026-11-21T20:16:03.123456789Z\"}",
         "{\"at\":\"2026-11-21T20:16:03.123456789Z\"}"},
        {"Activity", "{\"at\":\"2026-11-22T04:16:03+08:00\"}", "{\"at\":\"2026-11-21T20:16:03Z\"}"},
        {"Activity", "{\"at\":\"0001-01-01T00:00:00Z\"}", "{\"at\":\"0001-01-01T00:00:00Z\"}"},
        {"Activity", "{\"at\":\"9999-12-31T23:59:59.999Z\"}",
         "{\"at\":\"9999-12-31T23:59:59.999Z\"}"},
        {"Activity", "{\"at\":\"1969-12-31T23:59:59.250Z\"}",
         "{\"at\":\"1969-12-31T23:59:59.250Z\"}"},
        {"Activity", "{\"at\":\"2024-02-29T00:00:00-00:30\"}", "{\"at\":\"2024-02-29T00:30:00Z\"}"},
        {"RpcResponse", "{\"code\":\"ABORTED\",\"retry_after_ms\":4294967295}",
         "{\"code\":\"ABORTED\",\"violations\":[],\"retry_after_ms\":4294967295}"},
        {"RpcRequest", "{\"payload\":\"\"}", "{\"payload\":\"\"}"},
        {"RpcRequest", "{\"payload\":\"AP8=\"}", "{\"payload\":\"AP8=\"}"},
        {"RpcRequest", "{\"payload\":\"_-8\"}", "{\"payload\":\"/+8=\"}"},
        {"RpcRequest", "{\"payload\":\"Zm9vYmFy\"}", "{\"payload\":\"Zm9vYmFy\"}"},
        {"google.protobuf.UninterpretedOption", "{\"positive_int_value\":\"18446744073709551615\"}",
         "{\"name\":[],\"positive_int_value\":\"18446744073709551615\"}"},
        {"CreateDealRequest",
         " { \"title\" : \"\\u670D\\n\\ud83d\\uDE00\\/\" ,\n\t\"customer\":null } ",
         "{\"title\":\"服\\n😀/\",\"tags\":[]}"},
        {"google.protobuf.UninterpretedOption", "{\"double_value\":1E-1}",
         "{\"name\":[],\"double_value\":0.10000000000000001}"},
        {"google.protobuf.UninterpretedOption", "{\"double_value\":0.1}",
         "{\"name\":[],\"double_value\":0.10000000000000001}"},
        {"google.protobuf.UninterpretedOption", "{\"double_value\":\"-Infinity\"}",
         "{\"name\":[],\"double_value\":\"-Infinity\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(print(must_read(cases[i].type, cases[i].in)), cases[i].out);
}

static void
json_read_refuses_and_names_the_field(void **state)
{
    (void)state;
    static const struct {
        const char *type, *in, *field, *part;
    } cases[] = {
        {"CreateDealRequest", "", "", "malformed"},
        {"CreateDealRequest", "{", "", "malformed"},
        {"CreateDealRequest", "{} {}", "", "malformed"},
        {"CreateDealRequest", "{'title':1}", "", "malformed"},
        {"CreateDealRequest", "[]", "", "should be an object"},
        {"CreateDealRequest", "null", "", "should be an object"},
        {"CreateDealRequest", "7", "", "should be an object"},
        {"CreateDealRequest", "{\"titel\":\"x\"}", "titel",
         "CreateDealRequest has no field \"titel\""},
        {"CreateDealRequest", "{\"title\":7}", "title", "should be a string"},
        {"CreateDealRequest", "{\"title\":true}", "title", "should be a string"},
        {"CreateDealRequest", "{\"title\":[\"x\"]}", "title", "should be a string"},
        {"CreateDealRequest", "{\"title\":\"a\",\"title\":\"b\"}", "title", "is given twice"},
        {"CreateRoleRequest", "{\"grants\":[],\"grants\":[]}", "grants", "is given twice"},
        {"CreateDealRequest", "{\"title\":\"a\\u0000b\"}", "", "holds a NUL character"},
        {"CreateDealRequest", "{\"title\":\"\xff\"}", "title", "not valid UTF-8"},
        {"CreateDealRequest", "{\"title\":\"\xed\xa0\x80\"}", "title", "not valid UTF-8"},
        {"CreateDealRequest", "{\"\xff\":1}", "", "malformed at line 1, column 5"},
        {"CreateDealRequest", "{\n \"title\" 1}", "", "malformed at line 2, column 10"},
        {"CreateDealRequest", "{\"title\":\"a\nb\"}", "", "malformed"},
        {"CreateDealRequest", "{\"title\":\"a\\x\"}", "", "malformed"},
        {"CreateDealRequest", "{\"title\":\"a\\u12\"}", "", "malformed"},
        {"CreateDealRequest", "{\"title\":\"a\\udc00\"}", "", "malformed"},
        {"CreateDealRequest", "{\"title\":\"a\\", "", "malformed"},
        {"CreateDealRequest", "{\"title\":\"a\"", "", "malformed"},
        {"CreateDealRequest", "{\"title\":\"a\",}", "", "malformed"},
        {"CreateDealRequest", "{\"title\":", "", "malformed"},
        {"CreateDealRequest", "{\"title\":nul}", "", "malformed"},
        {"CreateRoleRequest", "{\"grants\":[\"a\",]}", "", "malformed"},
        {"CreateRoleRequest", "{\"grants\":[\"a\" \"b\"]}", "", "malformed"},
        {"GetDealRequest", "{\"deal_id\":07}", "", "malformed"},
        {"GetDealRequest", "{\"deal_id\":-}", "", "malformed"},
        {"GetDealRequest", "{\"deal_id\":1.}", "", "malformed"},
        {"GetDealRequest", "{\"deal_id\":1e}", "", "malformed"},
        {"CreateDealRequest", "{\"title\":\"\\ud800\"}", "", "malformed"},
        {"CreateDealRequest", "{\"amount\":\"5 CNY\"}", "amount", "should be an object"},
        {"CreateDealRequest", "{\"amount\":{\"amount\":5}}", "amount.amount", "should be a string"},
        {"CreateDealRequest", "{\"amount\":{\"unit\":\"x\"}}", NULL, "Money has no field \"unit\""},
        {"GetDealRequest", "{\"deal_id\":\"7x\"}", "deal_id", "not a whole number"},
        {"GetDealRequest", "{\"deal_id\":\"\"}", "deal_id", "not a whole number"},
        {"GetDealRequest", "{\"deal_id\":\" 7\"}", "deal_id", "not a whole number"},
        {"GetDealRequest", "{\"deal_id\":\"+7\"}", "deal_id", "not a whole number"},
        {"GetDealRequest", "{\"deal_id\":7.0}", "deal_id", "not a whole number"},
        {"GetDealRequest", "{\"deal_id\":true}", "deal_id", "should be a number"},
        {"GetDealRequest", "{\"deal_id\":\"9223372036854775808\"}", "deal_id", "out of range"},
        {"GetDealRequest", "{\"deal_id\":9223372036854775808}", "deal_id", "out of range"},
        {"UpdateDealRequest", "{\"version\":2147483648}", "version", "out of range"},
        {"UpdateDealRequest", "{\"version\":-2147483649}", "version", "out of range"},
        {"UpdateDealRequest", "{\"no_vendor\":\"true\"}", "no_vendor", "should be true or false"},
        {"UpdateDealRequest", "{\"no_vendor\":1}", "no_vendor", "should be true or false"},
        {"CreateRoleRequest", "{\"grants\":\"a\"}", "grants", "should be an array"},
        {"CreateRoleRequest", "{\"grants\":[\"a\",7]}", "grants[1]", "should be a string"},
        {"CreateRoleRequest", "{\"grants\":[null]}", "grants[0]", "should be a string"},
        {"ListDealsResponse", "{\"deals\":[{},{\"amount\":{\"amount\":1}}]}",
         "deals[1].amount.amount", "should be a string"},
        {"Activity", "{\"at\":\"2026-11-21\"}", "at", "not a time"},
        {"Activity", "{\"at\":\"2026-02-30T00:00:00Z\"}", "at", "not a time"},
        {"Activity", "{\"at\":\"2026-13-01T00:00:00Z\"}", "at", "not a time"},
        {"Activity", "{\"at\":\"2026-11-21T24:00:00Z\"}", "at", "not a time"},
        {"Activity", "{\"at\":\"2026-11-21T20:16:60Z\"}", "at", "not a time"},
        {"Activity", "{\"at\":\"2026-11-21T20:16:03\"}", "at", "not a time"},
        {"Activity", "{\"at\":\"2026-11-21T20:16:03ZZ\"}", "at", "not a time"},
        {"Activity", "{\"at\":\"2026-11-21T20:16:03+8\"}", "at", "not a time"},
        {"Activity", "{\"at\":\"0000-12-31T23:59:59Z\"}", "at", "not a time"},
        {"Activity", "{\"at\":\"0001-01-01T00:00:00+01:00\"}", "at", "not a time"},
        {"Activity", "{\"at\":{\"seconds\":1}}", "at", "should be a string"},
        {"RpcResponse", "{\"code\":\"GOOD\"}", "code", "has no value \"GOOD\""},
        {"RpcResponse", "{\"code\":3}", "code", "should be a string"},
        {"RpcResponse", "{\"retry_after_ms\":-1}", "retry_after_ms", "out of range"},
        {"RpcResponse", "{\"retry_after_ms\":4294967296}", "retry_after_ms", "out of range"},
        {"RpcRequest", "{\"payload\":\"A\"}", "payload", "not base64"},
        {"RpcRequest", "{\"payload\":\"AP9=\"}", "payload", "not base64"},
        {"RpcRequest", "{\"payload\":\"A===\"}", "payload", "not base64"},
        {"RpcRequest", "{\"payload\":\"AA=A\"}", "payload", "not base64"},
        {"RpcRequest", "{\"payload\":\"AA A\"}", "payload", "not base64"},
        {"google.protobuf.UninterpretedOption", "{\"positive_int_value\":\"-1\"}",
         "positive_int_value", "out of range"},
        {"google.protobuf.UninterpretedOption", "{\"positive_int_value\":\"18446744073709551616\"}",
         "positive_int_value", "out of range"},
        {"google.protobuf.UninterpretedOption", "{\"double_value\":\"1e999\"}", "double_value",
         "out of range"},
        {"google.protobuf.UninterpretedOption", "{\"double_value\":\"0x10\"}", "double_value",
         "not a number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].type, cases[i].in, strlen(cases[i].in), cases[i].field,
                       cases[i].part);
}

static void
json_read_refuses_raw_nul(void **state)
{
    (void)state;
    static const char text[] = "{\"title\":\"a\0b\"}";
    assert_refused("CreateDealRequest", text, sizeof text - 1, NULL, "malformed");
    static const char behind[] = "{}\0{}";
    assert_refused("CreateDealRequest", behind, sizeof behind - 1, NULL, "malformed");
}

/** Deep nesting ends where the type does, not in a deep stack. */
static void
json_read_refuses_deep_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 500000 };
    char *text = malloc(DEPTH + 20);
    assert_non_null(text);
    size_t n = (size_t)sprintf(text, "{\"title\":");
    memset(text + n, '[', DEPTH);
    assert_refused("CreateDealRequest", text, n + DEPTH, "title", "should be a string");
    memset(text, '[', DEPTH);
    assert_refused("CreateDealRequest", text, DEPTH, "", "should be an object");
    free(text);
}

/** A request too large for its arena is refused, and nothing is written past it. */
static void
json_read_stops_at_the_arenas_limit(void **state)
{
    (void)state;
    struct arena *small = arena_new(2000);
    char text[4000];
    size_t n = (size_t)sprintf(text, "{\"grants\":[\"a\"");
    while (n < sizeof text - 10)
        n += (size_t)sprintf(text + n, ",\"a\"");
    n += (size_t)sprintf(text + n, "]}");
    struct status e = {0};
    assert_null(json_read(small, type("CreateRoleRequest"), text, n, &e));
    assert_int_equal(e.code, STATUS_RESOURCE_EXHAUSTED);
    arena_free(small);
}

static ProtobufCMessage *
deal_with_title(const char *title)
{
    ProtobufCMessage *deal = message_new(arena, type("Deal"));
    const struct schema_field *f = schema_find_field(type("Deal"), "title");
    assert_int_equal(message_put_string(arena, deal, f, title, strlen(title)), 0);
    return deal;
}

/** What a server must not send does not reach a terminal, and does not break the JSON. */
static void
json_print_escapes_controls_and_bad_utf8(void **state)
{
    (void)state;
    assert_string_equal(print(deal_with_title("a\033[31mb\x7f"
                                              "c\xc2\x9b"
                                              "d\xc2\xa0"
                                              "e")),
                        "{\"title\":\"a\\u001B[31mb\\u007fc\\u009bd\xc2\xa0"
                        "e\",\"activities\":[],\"tags\":[],\"team\":[],\"tasks\":[]}");
    /* What turns or hides text: in the basic plane and beyond it. */
    assert_string_equal(print(deal_with_title("a\xe2\x80\xae\xf3\xa0\x81\x81")),
                        "{\"title\":\"a\\u202e\\udb40\\udc41\",\"activities\":[],\"tags\":[],"
                        "\"team\":[],\"tasks\":[]}");
    assert_string_equal(
        print(deal_with_title("a\xff"
                              "b\xe4\xb8")),
        "{\"title\":\"a\xef\xbf\xbd"
        "b\xef\xbf\xbd\xef\xbf\xbd\",\"activities\":[],\"tags\":[],\"team\":[],\"tasks\":[]}");
    assert_true(text_valid(print(deal_with_title("\xf0\x9f\x98")), 10));
}

/** The order is that of the .proto, not that of the numbers. */
static void
json_print_keeps_the_protos_order(void **state)
{
    (void)state;
    const char *text = print(
        must_read("UpdateDealRequest", "{\"no_vendor\":true,\"customer\":\"c\",\"title\":\"t\"}"));
    assert_string_equal(text, "{\"title\":\"t\",\"customer\":\"c\",\"no_vendor\":true}");
    /* ListMembersRequest declares field 3 first. */
    text = print(
        must_read("ListMembersRequest", "{\"page_token\":\"t\",\"page_size\":1,\"all\":true}"));
    assert_string_equal(text, "{\"all\":true,\"page_size\":1,\"page_token\":\"t\",\"emails\":[]}");
}

static void
json_print_lines_is_indented(void **state)
{
    (void)state;
    struct status e = {0};
    assert_string_equal(json_print(arena, must_read("GetDealRequest", "{\"deal_id\":7}"),
                                   JSON_LINES, &e),
                        "{\n  \"deal_id\": \"7\"\n}");
}

static void
json_text_put_names_the_flag(void **state)
{
    (void)state;
    struct status e = {0};
    ProtobufCMessage *m = message_new(arena, type("UpdateDealRequest"));
    const struct schema_field *version = schema_find_field(type("UpdateDealRequest"), "version");
    assert_int_equal(json_text_put(arena, m, version, "--version", "x", 1, &e), -1);
    assert_string_equal(e.message, "--version: not a whole number");
    assert_int_equal(json_text_put(arena, m, version, "--version", "12", 2, &e), 0);
    assert_int_equal(message_integer(m, version, 0), 12);
    const struct schema_field *title = schema_find_field(type("UpdateDealRequest"), "title");
    assert_int_equal(json_text_put(arena, m, title, "--title", "a\0b", 3, &e), -1);
    assert_string_equal(e.message, "--title: not valid UTF-8, or holds a NUL character");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(json_read_and_print_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(json_read_refuses_and_names_the_field, setup, teardown),
        cmocka_unit_test_setup_teardown(json_read_refuses_raw_nul, setup, teardown),
        cmocka_unit_test_setup_teardown(json_read_refuses_deep_nesting, setup, teardown),
        cmocka_unit_test_setup_teardown(json_read_stops_at_the_arenas_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(json_print_escapes_controls_and_bad_utf8, setup, teardown),
        cmocka_unit_test_setup_teardown(json_print_keeps_the_protos_order, setup, teardown),
        cmocka_unit_test_setup_teardown(json_print_lines_is_indented, setup, teardown),
        cmocka_unit_test_setup_teardown(json_text_put_names_the_flag, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
