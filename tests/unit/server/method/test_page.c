/* Tokens of pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/method/page.h"

static struct arena *arena;
static struct status e;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    memset(&e, 0, sizeof e);
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
list_from(const char *token)
{
    const struct schema_message *m =
        schema_find_message(schema_embedded(), "jiayi.v1.ListDealsRequest");
    ProtobufCMessage *request = message_new(arena, m);
    assert_int_equal(message_put_string(arena, request, schema_find_field(m, "page_token"), token,
                                        strlen(token)),
                     0);
    return request;
}

static void
page_after_gives_the_tokens_key(void **state)
{
    (void)state;
    static const char *const keys[] = {"1", "12", "4711", "办 4711"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *key;
        assert_int_equal(page_after(arena, list_from(page_token(arena, keys[i])), &key, &e), 0);
        assert_string_equal(key, keys[i]);
    }
}

static void
page_after_refuses_what_it_did_not_make(void **state)
{
    (void)state;
    static const char *const wrong[] = {"!", "A", "AAAA", "_____w", "//8"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *key;
        memset(&e, 0, sizeof e);
        assert_int_equal(page_after(arena, list_from(wrong[i]), &key, &e), -1);
        assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
        assert_string_equal(e.field, "page_token");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(page_after_gives_the_tokens_key, setup, teardown),
        cmocka_unit_test_setup_teardown(page_after_refuses_what_it_did_not_make, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
