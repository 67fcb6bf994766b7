/* Whose a call is: by its token once the database has said so, else by its address; and networks. */
#include "server/call/whose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct call
call_of(int token, const char *company, const char *address)
{
    struct call c = {.company = company, .has_token = token > 0};
    memset(c.token_sha256, token, sizeof c.token_sha256);
    snprintf(c.address, sizeof c.address, "%s", address);
    return c;
}

static void
whose_token_is_known_once_remembered(void **state)
{
    (void)state;
    struct call mine = call_of(7, "acme", "10.0.0.1"), other = call_of(8, "acme", "10.0.0.1");
    struct call stranger = call_of(0, "", "10.0.0.1");
    assert_false(whose_is_known(&mine));
    assert_int_equal(whose_number(&mine), whose_number(&stranger));
    whose_remember(&mine);
    assert_true(whose_is_known(&mine));
    assert_true(whose_number(&mine) >= WHOSE_ADDRESSES);
    assert_false(whose_is_known(&other));
    assert_false(whose_is_known(&stranger));
    /* Nobody who has no token has that of all zeros, of which nothing was remembered. */
    other = call_of(0, "acme", "10.0.0.1");
    other.has_token = true;
    assert_false(whose_is_known(&other));
}

static void
whose_network_of_an_address(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
    } pairs[] = {
        {"192.0.2.1", "192.0.2.254"},
        {"2001:db8:0:1::1", "2001:db8:0:1:ffff::"},
        {"no address", "no address"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        unsigned one = whose_network(pairs[i].one), other = whose_network(pairs[i].other);
        assert_true(one < WHOSE_ADDRESSES && other < WHOSE_ADDRESSES);
        assert_int_equal(one, other);
    }
    /* Two networks may share a number, seldom. */
    unsigned differ = 0;
    char address[32];
    for (int i = 0; i < 100; i++) {
        snprintf(address, sizeof address, "198.51.%d.7", i);
        differ += whose_network(address) != whose_network("203.0.113.1");
    }
    assert_true(differ > 90);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whose_token_is_known_once_remembered),
        cmocka_unit_test(whose_network_of_an_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
