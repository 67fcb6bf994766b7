/*
 * gRPC's framing and words: every way of cutting the bytes gives the same messages; a status comes
 * out as clients read it.
 */
#include "server/door/grpc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/** Three messages: "abc", "", "d". */
static const uint8_t conversation[] = {0, 0, 0, 0, 3, 'a', 'b', 'c', 0,  0,
                                       0, 0, 0, 0, 0, 0,   0,   1,   'd'};

static int
read_in_pieces(size_t piece)
{
    static const char *const want[] = {"abc", "", "d"};
    struct grpc_reader r = {0};
    int n = 0;
    for (size_t at = 0; at < sizeof conversation;) {
        size_t used, rest = sizeof conversation - at;
        enum grpc_event event =
            grpc_read(&r, conversation + at, piece < rest ? piece : rest, 100, &used);
        assert_true(used > 0);
        at += used;
        if (event == GRPC_MORE)
            continue;
        assert_int_equal(event, GRPC_MESSAGE);
        assert_true(grpc_is_between(&r));
        assert_int_equal(r.body.size, strlen(want[n]));
        if (r.body.size > 0)
            assert_memory_equal(r.body.bytes, want[n], r.body.size);
        n++;
    }
    grpc_free(&r);
    return n;
}

static void
how_bytes_come_changes_nothing(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= sizeof conversation; piece++)
        assert_int_equal(read_in_pieces(piece), 3);
}

static enum grpc_event
read_prefix(uint8_t flag, uint32_t length, uint64_t limit)
{
    struct grpc_reader r = {0};
    const uint8_t prefix[] = {flag, (uint8_t)(length >> 24), (uint8_t)(length >> 16),
                              (uint8_t)(length >> 8), (uint8_t)length};
    size_t used;
    enum grpc_event event = grpc_read(&r, prefix, sizeof prefix, limit, &used);
    assert_true(event != GRPC_MORE || (!grpc_is_between(&r) && r.body.capacity == 0));
    grpc_free(&r);
    return event;
}

static void
a_prefix_is_judged_before_its_message_comes(void **state)
{
    (void)state;
    assert_int_equal(read_prefix(0, 10, 10), GRPC_MORE);
    assert_int_equal(read_prefix(0, 11, 10), GRPC_TOO_LARGE);
    assert_int_equal(read_prefix(0, UINT32_MAX, 10), GRPC_TOO_LARGE);
    assert_int_equal(read_prefix(1, 5, 10), GRPC_COMPRESSED);
}

static void
a_prefix_is_read_as_it_is_written(void **state)
{
    (void)state;
    uint8_t to[GRPC_PREFIX_BYTES];
    grpc_prefix(to, 0x01020304);
    assert_memory_equal(to, "\0\1\2\3\4", sizeof to);
}

static uint32_t
timeout_of(const char *text)
{
    uint32_t ms = 0;
    assert_true(grpc_timeout(text, &ms));
    return ms;
}

static void
timeouts_are_milliseconds(void **state)
{
    (void)state;
    assert_int_equal(timeout_of("2H"), 7200000);
    assert_int_equal(timeout_of("2M"), 120000);
    assert_int_equal(timeout_of("2S"), 2000);
    assert_int_equal(timeout_of("2m"), 2);
    assert_int_equal(timeout_of("1u"), 1); /* up */
    assert_int_equal(timeout_of("1000001n"), 2);
    assert_int_equal(timeout_of("0n"), 0);
    assert_int_equal(timeout_of("99999999H"), UINT32_MAX);
    uint32_t ms;
    const char *const wrong[] = {"", "S", "1", "1s", "-1S", "1.5S", "123456789S", "1S ", " 1S"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(grpc_timeout(wrong[i], &ms));
}

static void
content_types_are_told_apart(void **state)
{
    (void)state;
    const char *const ours[] = {"application/grpc", "application/grpc+proto",
                                "APPLICATION/gRPC; charset=utf-8"};
    const char *const others[] = {"application/grpc-web", "application/grpc+json", "text/html", ""};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        assert_true(grpc_is_spoken(ours[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(grpc_is_spoken(others[i]));
    assert_false(grpc_is_spoken(NULL));
}

static const char *
value_of(const struct grpc_status *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->fields[i].name, name) == 0)
            return s->fields[i].value;
    return NULL;
}

static void
a_status_is_trailers(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct status e = {.code = STATUS_UNAVAILABLE, .retry_after_ms = 500};
    struct grpc_status s;
    uint8_t details[] = {1};
    grpc_put_status(&s, a, &e, "100% 忙", (ProtobufCBinaryData){sizeof details, details});
    assert_string_equal(value_of(&s, "grpc-status"), "14");
    assert_string_equal(value_of(&s, "grpc-message"), "100%25 %E5%BF%99");
    assert_string_equal(value_of(&s, "grpc-status-details-bin"), "AQ");
    assert_string_equal(value_of(&s, "grpc-retry-pushback-ms"), "500");
    grpc_put_status(&s, a, &(struct status){0}, "", (ProtobufCBinaryData){0});
    assert_int_equal(s.n, 1);
    assert_string_equal(value_of(&s, "grpc-status"), "0");
    arena_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_bytes_come_changes_nothing),
        cmocka_unit_test(a_prefix_is_judged_before_its_message_comes),
        cmocka_unit_test(a_prefix_is_read_as_it_is_written),
        cmocka_unit_test(timeouts_are_milliseconds),
        cmocka_unit_test(content_types_are_told_apart),
        cmocka_unit_test(a_status_is_trailers),
    };
    return cmocka_run_group_tests_name("grpc", tests, NULL, NULL);
}
