#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "common/address.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/** 253 characters, the longest name of the DNS, and one more. */
static char longest[ADDRESS_HOST_BYTES + 5], too_long[ADDRESS_HOST_BYTES + 6];

static void
address_split_tells_what_is_wrong(void **state)
{
    (void)state;
    memset(longest, 'a', ADDRESS_HOST_BYTES - 1);
    strcpy(longest + ADDRESS_HOST_BYTES - 1, ":1");
    memset(too_long, 'a', ADDRESS_HOST_BYTES);
    strcpy(too_long + ADDRESS_HOST_BYTES, ":1");
    const struct {
        const char *text;
        enum address_fault fault;
        const char *host;
        int port;
    } cases[] = {
        {"localhost:7443", ADDRESS_IS_FINE, "localhost", 7443},
        {"127.0.0.1:0", ADDRESS_IS_FINE, "127.0.0.1", 0},
        {"[::1]:65535", ADDRESS_IS_FINE, "::1", 65535},
        {"[::1%eth0]:1", ADDRESS_IS_FINE, "::1%eth0", 1},
        {longest, ADDRESS_IS_FINE, NULL, 1},
        {too_long, ADDRESS_HAS_BAD_HOST, NULL, 0},
        {"", ADDRESS_LACKS_PORT, NULL, 0},
        {"localhost", ADDRESS_LACKS_PORT, NULL, 0},
        {"::1:7443", ADDRESS_LACKS_BRACKETS, NULL, 0},
        {"[::1:7443", ADDRESS_LACKS_BRACKETS, NULL, 0},
        {"::1]:7443", ADDRESS_LACKS_BRACKETS, NULL, 0},
        {":7443", ADDRESS_HAS_BAD_HOST, NULL, 0},
        {"[]:7443", ADDRESS_HAS_BAD_HOST, NULL, 0},
        {"host:", ADDRESS_HAS_BAD_PORT, "host", 0},
        {"host:65536", ADDRESS_HAS_BAD_PORT, "host", 0},
        {"host:123456", ADDRESS_HAS_BAD_PORT, "host", 0},
        {"host:-1", ADDRESS_HAS_BAD_PORT, "host", 0},
        {"host: 1", ADDRESS_HAS_BAD_PORT, "host", 0},
        {"host:1x", ADDRESS_HAS_BAD_PORT, "host", 0},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct address a;
        if (address_split(cases[i].text, &a) != cases[i].fault)
            fail_msg("%s", cases[i].text);
        if (cases[i].host)
            assert_string_equal(a.host, cases[i].host);
        if (cases[i].fault == ADDRESS_IS_FINE)
            assert_int_equal(a.port, cases[i].port);
    }
}

static void
address_to_socket_takes_literals_only(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bool is_literal, is_loopback;
    } cases[] = {
        {"127.0.0.1:1", true, true},      {"127.8.9.10:1", true, true},
        {"[::1]:1", true, true},          {"0.0.0.0:1", true, false},
        {"[::]:1", true, false},          {"192.0.2.1:1", true, false},
        {"[2001:db8::1]:1", true, false}, {"localhost:1", false, false},
        {"127.1:1", false, false},        {"[127.0.0.1]:1", false, false},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct address a;
        struct sockaddr_storage s;
        assert_int_equal(address_split(cases[i].text, &a), ADDRESS_IS_FINE);
        if (address_to_socket(&a, &s) != cases[i].is_literal)
            fail_msg("%s", cases[i].text);
        if (cases[i].is_literal && address_is_loopback(&s) != cases[i].is_loopback)
            fail_msg("%s", cases[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_split_tells_what_is_wrong),
        cmocka_unit_test(address_to_socket_takes_literals_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
