/*
 * SP's framing: every way of cutting the bytes gives the same messages; what is no request ends the
 * connection.
 */
#include "server/door/sp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/** A greeting and two requests: one through a device, one with an empty body. */
static const uint8_t conversation[] = {
    0,    'S', 'P', 0, 0,   0x30, 0,   0, /* greeting */
    0,    0,   0,   0, 0,   0,    0,   11, 0,    0, 0, 7,
    0x80, 0,   0,   1, 'a', 'b',  'c',                    /* via 7, id 1, "abc" */
    0,    0,   0,   0, 0,   0,    0,   4,  0xff, 0, 0, 2, /* id 2, "" */
};

/** Reads the conversation in pieces of @piece bytes; returns how many messages there were. */
static int
read_in_pieces(size_t piece)
{
    struct sp_reader r = {0};
    int n = 0;
    for (size_t at = 0; at < sizeof conversation;) {
        struct sp_message m;
        size_t used, rest = sizeof conversation - at;
        enum sp_event event =
            sp_read(&r, conversation + at, piece < rest ? piece : rest, 100, &used, &m);
        assert_true(used > 0);
        at += used;
        if (event == SP_MORE)
            continue;
        assert_int_equal(event, SP_MESSAGE);
        assert_true(sp_is_between(&r));
        if (n++ == 0) {
            assert_int_equal(m.ids_bytes, 8);
            assert_memory_equal(m.bytes, "\0\0\0\7\x80\0\0\1", 8);
            assert_int_equal(m.body_bytes, 3);
            assert_memory_equal(m.body, "abc", 3);
        } else {
            assert_int_equal(m.ids_bytes, 4);
            assert_int_equal(m.body_bytes, 0);
        }
        free(m.bytes);
    }
    assert_int_equal(sp_held(&r), 0);
    sp_free(&r);
    return n;
}

/** Who gives no more than is wanted gives it in the parts that it has, and none is left over. */
static void
sp_wants_the_present_part(void **state)
{
    static const size_t parts[] = {8, 8, 11, 8, 4};
    struct sp_reader r = {0};
    size_t at = 0;
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct sp_message m = {0};
        size_t used;
        assert_int_equal(sp_wanted(&r), parts[i]);
        enum sp_event event = sp_read(&r, conversation + at, parts[i], 100, &used, &m);
        assert_int_equal(event, i == 2 || i == 4 ? SP_MESSAGE : SP_MORE);
        assert_int_equal(used, parts[i]);
        at += used;
        free(m.bytes);
    }
    assert_int_equal(at, sizeof conversation);
    assert_int_equal(sp_wanted(&r), SP_LENGTH_BYTES);
}

static void
sp_is_cut_anywhere(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= sizeof conversation; piece++)
        assert_int_equal(read_in_pieces(piece), 2);
}

static enum sp_event
read_all(struct sp_reader *r, const uint8_t *data, size_t n, uint64_t limit)
{
    struct sp_message m;
    enum sp_event event = SP_MORE;
    for (size_t at = 0, used; at < n && event == SP_MORE; at += used)
        event = sp_read(r, data + at, n - at, limit, &used, &m);
    if (event == SP_MESSAGE)
        free(m.bytes);
    return event;
}

static void
sp_refuses_what_is_no_requester(void **state)
{
    (void)state;
    static const char *const greetings[] = {"GET / HTTP/1.1\r\n", "\x16\x03\x01\x02\0\1\0\1",
                                            "\0SP\0\0\x31\0\0", "\0SP\1\0\x30\0\0"};
    for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
        struct sp_reader r = {0};
        assert_int_equal(read_all(&r, (const uint8_t *)greetings[i], 8, 100), SP_BAD);
        sp_free(&r);
    }
}

/** Reads the greeting and then a message. */
static enum sp_event
read_message(struct sp_reader *r, uint64_t length, const void *bytes, size_t n, uint64_t limit)
{
    uint8_t all[8 + 8 + 64];
    memcpy(all, conversation, 8);
    sp_length(all + 8, length);
    memcpy(all + 16, bytes, n);
    return read_all(r, all, 16 + n, limit);
}

static void
sp_refuses_requests_without_an_id(void **state)
{
    (void)state;
    uint8_t nothing_but_devices[40] = {0};
    struct sp_reader r = {0};
    assert_int_equal(read_message(&r, 40, nothing_but_devices, 40, 100), SP_BAD);
    sp_free(&r);
    assert_int_equal(read_message(&r, 3, "\x80\0\0", 3, 100), SP_BAD);
    sp_free(&r);
    assert_int_equal(read_message(&r, 0, "\x80\0\0\1", 4, 100), SP_BAD);
    sp_free(&r);
}

static void
sp_takes_no_memory_for_what_is_declared(void **state)
{
    (void)state;
    struct sp_reader r = {0};
    assert_int_equal(read_message(&r, UINT64_MAX, "", 0, 1 << 20), SP_TOO_LARGE);
    sp_free(&r);
    assert_int_equal(read_message(&r, (1 << 20) + 1, "", 0, 1 << 20), SP_TOO_LARGE);
    sp_free(&r);
    assert_int_equal(read_message(&r, 1 << 20, "\x80\0\0\1", 4, 1 << 20), SP_MORE);
    assert_true(sp_held(&r) <= 4096);
    sp_free(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sp_is_cut_anywhere),
        cmocka_unit_test(sp_wants_the_present_part),
        cmocka_unit_test(sp_refuses_what_is_no_requester),
        cmocka_unit_test(sp_refuses_requests_without_an_id),
        cmocka_unit_test(sp_takes_no_memory_for_what_is_declared),
    };
    return cmocka_run_group_tests_name("sp", tests, NULL, NULL);
}
