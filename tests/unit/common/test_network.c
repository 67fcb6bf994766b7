/** Networks: how they are read, and what is in them. */
#include "common/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

static struct in6_addr
address(const char *text)
{
    struct in6_addr a;
    struct in_addr ipv4;
    if (inet_pton(AF_INET, text, &ipv4) == 1)
        return network_map(&ipv4);
    assert_int_equal(inet_pton(AF_INET6, text, &a), 1);
    return a;
}

static bool
has(const char *networks, const char *text)
{
    struct network_list list;
    struct in6_addr a = address(text);
    assert_true(network_read(networks, &list));
    return network_has(&list, &a);
}

static void
addresses_are_in_their_networks(void **state)
{
    (void)state;
    assert_true(has("10.1.2.0/23", "10.1.3.255"));
    assert_false(has("10.1.2.0/23", "10.1.4.0"));
    assert_true(has("10.0.0.5", "10.0.0.5"));
    assert_false(has("10.0.0.5", "10.0.0.4"));
    assert_true(has("0.0.0.0/0", "203.0.113.7"));
    assert_false(has("0.0.0.0/0", "2001:db8::1"));
    assert_true(has("10.0.0.5/32, fd00::/8", "fd12::1"));
    assert_true(has("10.0.0.5/32 fd00::/8", "10.0.0.5"));
    assert_true(has("::/0", "10.0.0.5"));
    assert_true(has("::ffff:10.0.0.5", "10.0.0.5"));
    assert_false(has("", "10.0.0.5"));
    assert_false(has("fe80::/10", "fec0::1"));
}

static void
what_is_no_list_is_refused(void **state)
{
    struct network_list list;
    const char *const wrong[] = {"10.0.0.0/33", "10.0.0/8",   "::/129",
                                 "host",        "10.0.0.0/",  "10.0.0.0/-1",
                                 "/8",          "1.2.3.4/1a", "10.0.0.5;10.0.0.6"};
    char many[17 * 8 + 1] = "";
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(network_read(wrong[i], &list));
    for (int i = 0; i < NETWORK_LIST_MAX; i++)
        strcat(many, "1.2.3.4,");
    assert_true(network_read(many, &list));
    assert_false(network_read(strcat(many, "1.2.3.4"), &list));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_in_their_networks),
        cmocka_unit_test(what_is_no_list_is_refused),
    };
    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
