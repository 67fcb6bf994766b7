/* Tokens of pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/method/page.h"
#include "tests/unit/server/method/sql.h"

static ProtobufCMessage *
list_of(const char *name)
{
    return message_new(arena, type(name));
}

static ProtobufCMessage *
with(ProtobufCMessage *request, const char *field, const char *value)
{
    const struct schema_field *f = schema_find_field(schema_of(request), field);
    assert_int_equal(message_put_string(arena, request, f, value, strlen(value)), 0);
    return request;
}

static ProtobufCMessage *
deals(void)
{
    return list_of("jiayi.v1.ListDealsRequest");
}

static ProtobufCMessage *
list_from(const char *token)
{
    return with(deals(), "page_token", token);
}

static void
page_after_gives_the_tokens_key(void **state)
{
    (void)state;
    static const char *const keys[] = {"1", "12", "4711", "办 4711"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *key;
        assert_int_equal(page_after(arena, list_from(page_token(arena, deals(), keys[i])), &key,
                                    &e),
                         0);
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

static void
assert_after(ProtobufCMessage *request, const char *token, bool good)
{
    const char *key;
    memset(&e, 0, sizeof e);
    int rv = page_after(arena, with(request, "page_token", token), &key, &e);
    assert_int_equal(rv, good ? 0 : -1);
    if (!good)
        assert_string_equal(e.field, "page_token");
}

/** Case 9: a token of another list or of other conditions is refused. */
static void
page_after_refuses_tokens_of_other_lists(void **state)
{
    (void)state;
    const char *plain = page_token(arena, deals(), "7");
    const char *won = page_token(arena, with(deals(), "stage", "won"), "7");
    ProtobufCMessage *small = with(deals(), "stage", "won");
    assert_int_equal(message_put_integer(arena, small,
                                         schema_find_field(schema_of(small), "page_size"), 3),
                     0);
    assert_after(deals(), plain, true);
    assert_after(with(deals(), "stage", "won"), won, true);
    assert_after(small, won, true); /* pages may change their size */
    assert_after(with(deals(), "stage", "won"), plain, false);
    assert_after(with(deals(), "stage", "lost"), won, false);
    assert_after(with(with(deals(), "stage", "won"), "search", "x"), won, false);
    assert_after(deals(), won, false);
    assert_after(list_of("jiayi.v1.ListReportsRequest"), plain, false);
}

/** Case 9: what the server gives it takes: a list's longest key is an address. */
static void
page_token_is_taken_however_long(void **state)
{
    (void)state;
    enum { CHARACTERS = 254, BYTES = 4 };
    char key[CHARACTERS * BYTES + 1] = "";
    for (int i = 0; i < CHARACTERS; i++)
        memcpy(key + i * BYTES, "\xf0\x9f\x98\x80", BYTES);
    const char *token = page_token(arena, deals(), key);
    assert_true(strlen(token) <= PAGE_TOKEN_MAX);
    const struct schema *schema = schema_embedded();
    for (size_t i = 0; i < schema->n_methods; i++) {
        const struct schema_field *f = schema_find_field(schema->methods[i].in, "page_token");
        if (f)
            assert_int_equal(f->option->max_length, PAGE_TOKEN_MAX);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(page_after_gives_the_tokens_key, setup, teardown),
        cmocka_unit_test_setup_teardown(page_after_refuses_what_it_did_not_make, setup, teardown),
        cmocka_unit_test_setup_teardown(page_after_refuses_tokens_of_other_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(page_token_is_taken_however_long, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
