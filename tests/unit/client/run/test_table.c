/** Rows out of files: what CSV and JSON become, and what is said of what they cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/run/table.h"
#include "common/json.h"

static struct arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/** The days of an ImportCalendarRequest as JSON, or what is said of the text. */
static const char *
read_days(const char *text)
{
    static const struct typed_here here = {.today = {.tm_year = 126, .tm_mon = 10, .tm_mday = 21}};
    const struct schema_message *m =
        schema_find_message(schema_embedded(), "jiayi.v1.ImportCalendarRequest");
    ProtobufCMessage *request = message_new(arena, m);
    struct status e = {0};
    int rc = table_put(arena, request, schema_find_field(m, "days"),
                       arena_copy(arena, text, strlen(text)), strlen(text), &here, &e);
    return rc < 0 ? arena_copy(arena, e.message, strlen(e.message) + 1)
                  : json_print(arena, request, JSON_ONE_LINE, &e);
}

static void
table_put_reads_rows(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"day\n2026-10-01\n", "{\"days\":[{\"day\":\"2026-10-01\"}]}"},
        {"day\r\n2026-10-01\r\n\r\n2026-10-02",
         "{\"days\":[{\"day\":\"2026-10-01\"},{\"day\":\"2026-10-02\"}]}"},
        {"\n\nnote,day,working\n,tomorrow,true\n",
         "{\"days\":[{\"day\":\"2026-11-22\",\"working\":true}]}"},
        {"day,note\n2026-10-01,\"a, \"\"b\"\"\n国庆\"\n2026-10-02,\n",
         "{\"days\":[{\"day\":\"2026-10-01\",\"note\":\"a, \\\"b\\\"\\n国庆\"},"
         "{\"day\":\"2026-10-02\"}]}"},
        {"day,note,working\n2026-10-01\n", "{\"days\":[{\"day\":\"2026-10-01\"}]}"},
        {"\"day\"\n\"2026-10-01\"", "{\"days\":[{\"day\":\"2026-10-01\"}]}"},
        {"day\n", "{\"days\":[]}"},
        {"day", "{\"days\":[]}"},
        {" [{\"day\":\"2026-10-01\",\"working\":true}]\n",
         "{\"days\":[{\"day\":\"2026-10-01\",\"working\":true}]}"},
        {"[]", "{\"days\":[]}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(read_days(cases[i].text), cases[i].json);
}

static void
table_put_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "there is no column \"\"; line 1 names some of: day, working, note"},
        {"day,date\n", "there is no column \"date\"; line 1 names some of: day, working, note"},
        {"\"day\n", "line 1 is no line of CSV"},
        {"day\n2026-10-01\n\"a\nb", "line 3 is no line of CSV"},
        {"day,note\n2026-10-01,\"a\"b\n", "line 2 is no line of CSV"},
        {"day\n2026-10-01,\n", "line 2 has more cells than line 1"},
        {"day,note,working\n2026-10-01,\"two\nlines\",true\n2026-10-02,,2\n",
         "line 4, working: should be true or false"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(read_days(cases[i].text), cases[i].message);
    assert_non_null(strstr(read_days("[{\"date\":1}]"), "date"));
    assert_non_null(strstr(read_days("[{}"), "JSON"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(table_put_reads_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(table_put_says_what_is_wrong, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
