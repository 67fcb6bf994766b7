/** The PROXY header: every way of cutting it means the same; what is none is refused at once. */
#include "server/door/proxy_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

enum { HEAD = 16 };

static uint8_t header[PROXY_HEADER_MAX + 100];

/** A header with @n bytes behind its head, and "abc" behind all; how long it is. */
static size_t
make(uint8_t command, uint8_t family, size_t n)
{
    static const uint8_t source6[] = {0x20, 1, 0xd, 0xb8};
    memset(header, 0, sizeof header);
    memcpy(header, "\r\n\r\n\0\r\nQUIT\n", 12);
    header[12] = command;
    header[13] = family;
    header[14] = (uint8_t)(n >> 8);
    header[15] = (uint8_t)n;
    memcpy(header + HEAD, family == 0x11 ? (const uint8_t *)"\xcb\0\x71\x07" : source6, 4);
    memcpy(header + HEAD + n, "abc", 3);
    return HEAD + n;
}

/** What it comes to, in pieces of @piece bytes; the address goes to @to. */
static enum proxy_header_event
read_in(size_t piece, size_t size, char to[static INET6_ADDRSTRLEN])
{
    struct proxy_header h = {0};
    struct in6_addr a = {0};
    size_t used;
    enum proxy_header_event event = PROXY_HEADER_MORE;
    for (size_t at = 0; event == PROXY_HEADER_MORE && at < size + 3; at += used) {
        size_t rest = size + 3 - at;
        event = proxy_header_read(&h, header + at, piece < rest ? piece : rest, &used, &a);
        assert_true(at + used <= size || event == PROXY_HEADER_BAD);
        assert_true(event != PROXY_HEADER_MORE || used > 0);
        if (event == PROXY_HEADER_ADDRESS || event == PROXY_HEADER_LOCAL)
            assert_int_equal(at + used, size);
    }
    inet_ntop(AF_INET6, &a, to, INET6_ADDRSTRLEN);
    return event;
}

static void
addresses_are_read_however_they_come(void **state)
{
    char text[INET6_ADDRSTRLEN];
    (void)state;
    for (size_t piece = 1; piece < sizeof header; piece++) {
        assert_int_equal(read_in(piece, make(0x21, 0x11, 12), text), PROXY_HEADER_ADDRESS);
        assert_string_equal(text, "::ffff:203.0.113.7");
        assert_int_equal(read_in(piece, make(0x21, 0x21, 36), text), PROXY_HEADER_ADDRESS);
        assert_string_equal(text, "2001:db8::");
        /* With what a proxy may add. */
        assert_int_equal(read_in(piece, make(0x21, 0x11, 520), text), PROXY_HEADER_ADDRESS);
        assert_int_equal(read_in(piece, make(0x20, 0, 0), text), PROXY_HEADER_LOCAL);
        assert_int_equal(read_in(piece, make(0x21, 0, 0), text), PROXY_HEADER_LOCAL);
        assert_int_equal(read_in(piece, make(0x20, 0x11, 12), text), PROXY_HEADER_LOCAL);
    }
}

static void
what_is_no_header_is_refused(void **state)
{
    char text[INET6_ADDRSTRLEN];
    (void)state;
    for (size_t piece = 1; piece < 100; piece++) {
        assert_int_equal(read_in(piece, make(0x22, 0x11, 12), text), PROXY_HEADER_BAD);
        assert_int_equal(read_in(piece, make(0x11, 0x11, 12), text), PROXY_HEADER_BAD);
        assert_int_equal(read_in(piece, make(0x21, 0x12, 12), text), PROXY_HEADER_BAD);
        assert_int_equal(read_in(piece, make(0x21, 0x31, 216), text), PROXY_HEADER_BAD);
        assert_int_equal(read_in(piece, make(0x21, 0x11, 11), text), PROXY_HEADER_BAD);
        assert_int_equal(read_in(piece, make(0x21, 0x21, 35), text), PROXY_HEADER_BAD);
        assert_int_equal(read_in(piece, make(0x21, 0x11, 521), text), PROXY_HEADER_BAD);
        make(0x21, 0x11, 12);
        memcpy(header, "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", 32); /* version 1 */
        assert_int_equal(read_in(piece, 32, text), PROXY_HEADER_BAD);
        memcpy(header, "\x16\x03\x01\x02\0\1\0\1\xfc\x03\x03\0\0\0\0\0", 16); /* TLS */
        assert_int_equal(read_in(piece, 16, text), PROXY_HEADER_BAD);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_however_they_come),
        cmocka_unit_test(what_is_no_header_is_refused),
    };
    return cmocka_run_group_tests_name("proxy_header", tests, NULL, NULL);
}
