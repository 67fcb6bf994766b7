/* Named parts of a method's SQL file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/method/sql_part.h"
#include "server/method/statement.h"
#include "tests/unit/server/method/sql.h"

static void
sql_part_expand_puts_parts_in_their_places(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        /** NULL: the text as it is. */
        const char *expanded;
    } cases[] = {
        {"", ""},
        {"SELECT 1", "SELECT 1"},
        {"-- of parts\nSELECT ':part.none' -- :part.none\n", NULL},
        {"-- part: filter\n  AND a --? stage\n  AND b\n-- end\n"
         "(SELECT 1\n  :part.filter\n)\nUNION (SELECT 2\n\t :part.filter \n)",
         "(SELECT 1\n  AND a --? stage\n  AND b\n)\nUNION (SELECT 2\n  AND a --? stage\n  AND "
         "b\n)"},
        {"SELECT 1\n:part.last\n-- part:last \nWHERE a\n-- end ", "SELECT 1\nWHERE a\n"},
        {"-- part: a\na\n:part.b\na\n-- end\n-- part: b\nb\n-- end\n:part.a\n:part.b\n",
         "a\nb\na\nb\n"},
        {"-- part: empty\n-- end\nSELECT 1\n:part.empty\n", "SELECT 1\n"},
        {"-- part: a\na\nb --? stage\n:part.b\n-- end\n-- part: b\nc\n-- end\n:part.a --? "
         "!owner\n:part.b",
         "a --? !owner\nb --? stage !owner\nc --? !owner\nc\n"},
        {"-- ending\n -- end\nSELECT x::part.kind, ':part.none'", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = sql_part_expand(arena, "test.sql", cases[i].text,
                                           type("jiayi.v1.ListDealsRequest"), &e);
        if (!text)
            fail_msg("%s", e.message);
        assert_string_equal(text, cases[i].expanded ? cases[i].expanded : cases[i].text);
    }
}

static void
sql_part_expand_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"SELECT 1\n:part.filter", "part filter is not there"},
        {"-- part: a\na\n-- end\n-- part: a\nb\n-- end\n:part.a", "part a is there twice"},
        {"-- part: a\na\n-- end\nSELECT 1", "part a is never used"},
        {"-- part: a\n:part.b\n-- end\n-- part: b\nb\n-- end\nSELECT 1", "part a is never used"},
        {"-- part: a\n:part.a\n-- end\n:part.a", "part a is used in itself"},
        {"-- part: a\n:part.b\n-- end\n-- part: b\n:part.a\n-- end\n:part.b",
         "part b is used in itself"},
        {"-- part: stage\na\n-- end\n:part.stage", "part stage has the name of a request field"},
        {"-- part: a\na\n:part.a", "part a has no -- end"},
        {"-- part: a\na\n-- part: b\nb\n-- end\n:part.a\n:part.b", "part a has no -- end"},
        {"a\n-- end\n", "-- end without -- part:"},
        {"-- part:\na\n-- end\n", "-- part: needs a name of one word, and nothing else"},
        {"-- part: a b\na\n-- end\n", "-- part: needs a name of one word, and nothing else"},
        {"-- part: a.b\na\n-- end\n", "-- part: needs a name of one word, and nothing else"},
        {"-- part: a --? stage\na\n-- end\n",
         "-- part: needs a name of one word, and nothing else"},
        {"-- part: a\na\n-- end\nWHERE :part.a", ":part.a must have a line to itself"},
        {"-- part: a\na\n-- end\n:part.a\nWHERE :part.a", ":part.a must have a line to itself"},
        {"-- part: a\na\n-- end\n:part.a\n:part.a -- as above",
         ":part.a must have a line to itself"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[128];
        snprintf(expected, sizeof expected, "test.sql: %s", cases[i].message);
        memset(&e, 0, sizeof e);
        assert_null(sql_part_expand(arena, "test.sql", cases[i].text,
                                    type("jiayi.v1.ListDealsRequest"), &e));
        assert_int_equal(e.code, STATUS_INTERNAL);
        assert_string_equal(e.message, expected);
    }
}

static void
sql_part_expand_bounds_the_parts(void **state)
{
    (void)state;
    char text[1024];
    for (int parts = SQL_PART_MAX; parts <= SQL_PART_MAX + 1; parts++) {
        char *at = text;
        for (int i = 0; i < parts; i++)
            at += sprintf(at, "-- part: p%d\nx\n-- end\n:part.p%d\n", i, i);
        const char *expanded = sql_part_expand(arena, "test.sql", text, NULL, &e);
        assert_int_equal(expanded != NULL, parts == SQL_PART_MAX);
    }
    assert_string_equal(e.message, "test.sql: more than 8 parts");
}

static void
sql_part_expand_says_when_memory_is_short(void **state)
{
    (void)state;
    struct arena *small = arena_new(64);
    assert_null(
        sql_part_expand(small, "test.sql",
                        "-- part: a\naaaaaaaaaaaaaaaaaaaaaaaa\n-- end\n:part.a\n:part.a\n:part.a\n",
                        NULL, &e));
    assert_string_equal(e.message, "test.sql: no memory");
    arena_free(small);
}

/** A part's conditions hold at each place. */
static void
sql_part_lines_have_conditions(void **state)
{
    (void)state;
    unsigned id = 0;
    struct statement *s =
        statement_compile(arena, "test.sql",
                          "-- part: filter\n"
                          "AND s = :stage --? stage\n"
                          "AND o --? !owner\n"
                          "-- end\n"
                          "SELECT 1\n"
                          ":part.filter\n"
                          "UNION SELECT 2\n"
                          ":part.filter\n",
                          type("jiayi.v1.ListDealsRequest"), NULL, NULL, false, &id, &e);
    assert_non_null(s);
    assert_int_equal(s->n_variants, 4);
    assert_string_equal(s->variants[0].sql, "SELECT 1\nAND o \nUNION SELECT 2\nAND o");
    assert_string_equal(s->variants[1].sql,
                        "SELECT 1\nAND s = $1 \nAND o \nUNION SELECT 2\nAND s = $1 \nAND o");
    assert_string_equal(s->variants[3].sql, "SELECT 1\nAND s = $1 \nUNION SELECT 2\nAND s = $1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sql_part_expand_puts_parts_in_their_places, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(sql_part_expand_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(sql_part_expand_bounds_the_parts, setup, teardown),
        cmocka_unit_test_setup_teardown(sql_part_expand_says_when_memory_is_short, setup, teardown),
        cmocka_unit_test_setup_teardown(sql_part_lines_have_conditions, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
