/*
 * Connect's words: content-types, deadlines, statuses, the body of an error.
 */
#include "server/door/connect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void
content_types_are_told_apart(void **state)
{
    bool is_json, is_stream;
    (void)state;
    assert_true(connect_is_spoken("application/json; charset=utf-8", &is_json, &is_stream));
    assert_true(is_json);
    assert_true(connect_is_spoken("Application/Proto", &is_json, &is_stream));
    assert_false(is_json);
    assert_false(is_stream);
    assert_true(connect_is_spoken("application/connect+json", &is_json, &is_stream));
    assert_true(is_json && is_stream);
    assert_true(connect_is_spoken("application/connect+proto", &is_json, &is_stream));
    assert_true(!is_json && is_stream);
    const char *const others[] = {"application/jsonp",   "application/grpc",
                                  "text/plain",          "",
                                  "application/connect", "application/connect+json5"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(connect_is_spoken(others[i], &is_json, &is_stream));
    assert_false(connect_is_spoken(NULL, &is_json, &is_stream));
}

static void
timeouts_are_digits(void **state)
{
    uint32_t ms;
    (void)state;
    assert_true(connect_timeout("1500", &ms));
    assert_int_equal(ms, 1500);
    assert_true(connect_timeout("9999999999", &ms));
    assert_int_equal(ms, UINT32_MAX);
    const char *const wrong[] = {"", "1.5", "-1", "12345678901", "1s", " 1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(connect_timeout(wrong[i], &ms));
}

static void
every_code_has_a_status(void **state)
{
    (void)state;
    for (int code = STATUS_OK; code <= STATUS_UNAUTHENTICATED; code++)
        assert_int_equal(strlen(connect_status((enum status_code)code)), 3);
    assert_string_equal(connect_status(STATUS_NOT_FOUND), "404");
    assert_string_equal(connect_status(STATUS_RESOURCE_EXHAUSTED), "429");
}

static void
an_error_is_json_with_details(void **state)
{
    struct arena *a = arena_new(1 << 20);
    struct call *c = arena_alloc(a, sizeof *c);
    (void)state;
    c->arena = a;
    status_field(&c->status, "title", "is missing");
    ProtobufCBinaryData body = connect_error(c, "\"标题\" is missing");
    assert_string_equal((const char *)body.data,
                        "{\"code\":\"invalid_argument\",\"message\":\"\\\"标题\\\" is missing\","
                        "\"details\":[{\"type\":\"google.rpc.BadRequest\",\"value\":"
                        "\"ChwKBXRpdGxlEhMi5qCH6aKYIiBpcyBtaXNzaW5n\"}]}");
    status_set(&c->status, STATUS_ABORTED, "is gone");
    *c->status.field = '\0';
    c->status.current_version = 7;
    c->status.retry_after_ms = 1500;
    c->has_request_id = true;
    body = connect_error(c, "gone");
    assert_non_null(strstr((const char *)body.data, "google.rpc.RetryInfo"));
    assert_non_null(strstr((const char *)body.data, "google.rpc.ErrorInfo"));
    assert_non_null(strstr((const char *)body.data, "google.rpc.RequestInfo"));
    assert_non_null(strstr((const char *)body.data, "\"code\":\"aborted\""));
    arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_types_are_told_apart),
        cmocka_unit_test(timeouts_are_digits),
        cmocka_unit_test(every_code_has_a_status),
        cmocka_unit_test(an_error_is_json_with_details),
    };
    return cmocka_run_group_tests_name("connect", tests, NULL, NULL);
}
