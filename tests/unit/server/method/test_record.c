/* Rows as records: the statement that answers them, and reading what came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/method/pg_type.h"
#include "server/method/record.h"
#include "tests/unit/server/method/record_text.h"

enum { COLUMNS = 4 };

/** What the records here are read as. */
static const Oid types[COLUMNS] = {PG_TYPE_INT8, PG_TYPE_TEXT, PG_TYPE_BOOL, PG_TYPE_BYTEA};

static struct arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void
record_statement_keeps_the_with_list_outside(void **state)
{
    (void)state;
    const char *sql = record_statement(arena, "SELECT id FROM deal");
    assert_string_equal(sql, "SELECT (answer.*)::record FROM (SELECT id FROM deal) AS answer");
    assert_string_equal(record_columns(arena, sql),
                        "SELECT answer.* FROM (SELECT id FROM deal) AS answer");
    sql = record_statement(arena, "WITH a AS (SELECT 1)\nSELECT id FROM a ORDER BY id LIMIT 1");
    assert_string_equal(sql, "WITH a AS (SELECT 1)\nSELECT (answer.*)::record FROM "
                             "(SELECT id FROM a ORDER BY id LIMIT 1) AS answer");
    assert_string_equal(record_columns(arena, sql),
                        "WITH a AS (SELECT 1)\nSELECT answer.* FROM "
                        "(SELECT id FROM a ORDER BY id LIMIT 1) AS answer");
}

static void
record_statement_refuses_what_is_none(void **state)
{
    (void)state;
    assert_null(record_statement(arena, ""));
    assert_null(record_statement(arena, "WITH a AS (SELECT 1)"));
    assert_null(record_columns(arena, "SELECT id FROM deal"));
}

/** One of four columns, the second NULL where @is_null. */
static struct record_text
some_record(bool is_null)
{
    uint64_t id = htobe64(7);
    struct record_text r = {0};
    record_text_begin(&r, COLUMNS);
    record_text_add(&r, PG_TYPE_INT8, &id, 8);
    record_text_add(&r, PG_TYPE_TEXT, "港口", is_null ? -1 : 6);
    record_text_add(&r, PG_TYPE_BOOL, "\1", 1);
    record_text_add(&r, PG_TYPE_BYTEA, "abc", 3);
    return r;
}

/**
 * Reads a record as of @n columns: 0, or -1 where it is refused. Once it is opened its bytes have
 * memory of their own, so that a sanitizer sees what is read past them.
 */
static int
read_as(const struct record_text *text, int n, struct record_value *values)
{
    PGresult *result = record_text_result(text);
    struct record r;
    int rc = record_open(&r, result, 0, n);
    size_t left = rc == 0 ? (size_t)(r.end - r.at) : 0;
    char *own = malloc(left + (left == 0)), *end = own + left;
    assert_non_null(own);
    if (rc == 0) {
        memcpy(own, r.at, left);
        r.at = own;
        r.end = end;
    }
    for (int i = 0; i < n && rc == 0; i++) {
        rc = record_next(&r, types[i], &values[i]);
        if (rc == 0 && values[i].at) {
            /* Within the record. */
            assert_true(values[i].length >= 0 && values[i].length <= end - values[i].at);
            values[i].at = arena_copy(arena, values[i].at, (size_t)values[i].length);
        }
    }
    PQclear(result);
    free(own);
    return rc;
}

static void
record_next_reads_the_values(void **state)
{
    (void)state;
    struct record_value values[COLUMNS];
    struct record_text text = some_record(false);
    assert_int_equal(read_as(&text, COLUMNS, values), 0);
    assert_int_equal(values[0].length, 8);
    assert_memory_equal(values[0].at, "\0\0\0\0\0\0\0\7", 8);
    assert_string_equal(values[1].at, "港口");
    assert_int_equal(*values[2].at, 1);
    assert_int_equal(values[3].length, 3);
    text = some_record(true);
    assert_int_equal(read_as(&text, COLUMNS, values), 0);
    assert_null(values[1].at);
    assert_int_equal(*values[2].at, 1);
}

/** A text is a string where it stands. */
static void
record_next_has_a_nul_behind_each(void **state)
{
    (void)state;
    struct record_text text = some_record(false);
    PGresult *result = record_text_result(&text);
    struct record r;
    struct record_value v;
    assert_int_equal(record_open(&r, result, 0, COLUMNS), 0);
    for (int i = 0; i < COLUMNS; i++) {
        assert_int_equal(record_next(&r, types[i], &v), 0);
        assert_int_equal(v.at[v.length], 0);
    }
    assert_int_equal(record_next(&r, PG_TYPE_TEXT, &v), -1);
    PQclear(result);
}

static void
record_refuses_what_is_cut(void **state)
{
    (void)state;
    struct record_value values[COLUMNS];
    const struct record_text whole = some_record(false);
    for (int n = 0; n < whole.n; n++) {
        struct record_text cut = whole;
        cut.n = n;
        assert_int_equal(read_as(&cut, COLUMNS, values), -1);
    }
    struct record_text more = whole;
    more.n++;
    assert_int_equal(read_as(&more, COLUMNS, values), -1);
    assert_int_equal(read_as(&whole, COLUMNS - 1, values), -1);
}

static void
record_refuses_another_count_or_type(void **state)
{
    (void)state;
    struct record_text text = some_record(false), none = {.n = 3};
    PGresult *result = record_text_result(&text), *empty = record_text_result(&none);
    struct record r;
    struct record_value v;
    assert_int_equal(record_open(&r, result, 0, COLUMNS - 1), -1);
    assert_int_equal(record_open(&r, result, 0, COLUMNS + 1), -1);
    assert_int_equal(record_open(&r, empty, 0, 0), -1);
    assert_int_equal(record_open(&r, result, 0, COLUMNS), 0);
    assert_int_equal(record_next(&r, PG_TYPE_TIMESTAMPTZ, &v), -1);
    PQclear(result);
    PQclear(empty);
}

static void
record_refuses_lengths_that_the_type_has_not(void **state)
{
    (void)state;
    static const struct {
        Oid type;
        int length;
    } cases[] = {{PG_TYPE_INT8, 4}, {PG_TYPE_INT8, 0}, {PG_TYPE_INT4, 8}, {PG_TYPE_BOOL, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record_text text = {0};
        struct record r;
        struct record_value v;
        record_text_begin(&text, 1);
        record_text_add(&text, cases[i].type, "\0\0\0\0\0\0\0\0", cases[i].length);
        PGresult *result = record_text_result(&text);
        assert_int_equal(record_open(&r, result, 0, 1), 0);
        assert_int_equal(record_next(&r, cases[i].type, &v), -1);
        PQclear(result);
    }
}

/** Rows of a list are columns. */
static void
record_next_reads_columns(void **state)
{
    (void)state;
    PGresAttDesc columns[] = {{.name = (char *)"id", .typid = PG_TYPE_INT8, .format = 1},
                              {.name = (char *)"title", .typid = PG_TYPE_TEXT, .format = 1}};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    struct record r;
    struct record_value v;
    assert_int_equal(PQsetResultAttrs(result, 2, columns), 1);
    assert_int_equal(PQsetvalue(result, 0, 0, NULL, -1), 1);
    assert_int_equal(PQsetvalue(result, 0, 1, (char *)"ab", 2), 1);
    assert_int_equal(record_open(&r, result, 0, 2), 0);
    assert_int_equal(record_next(&r, PG_TYPE_INT8, &v), 0);
    assert_null(v.at);
    assert_int_equal(record_next(&r, PG_TYPE_TEXT, &v), 0);
    assert_string_equal(v.at, "ab");
    assert_int_equal(record_next(&r, PG_TYPE_TEXT, &v), -1);
    assert_int_equal(record_open(&r, result, 0, 3), -1);
    PQclear(result);
}

/** Whatever a few bytes of it become, it is refused or read within its bounds. */
static void
record_survives_any_bytes(void **state)
{
    (void)state;
    struct record_value values[COLUMNS];
    int refused = 0;
    srand(7);
    for (int i = 0; i < 20000; i++) {
        struct record_text text = some_record(i & 1);
        for (int k = 0; k <= i % 3; k++)
            text.at[rand() % text.n] = (char)(rand() % 4 == 0 ? 255 : rand());
        refused += read_as(&text, COLUMNS, values) < 0;
        arena_free(arena);
        arena = arena_new(1 << 20);
    }
    assert_in_range(refused, 5000, 20000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(record_statement_keeps_the_with_list_outside, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(record_statement_refuses_what_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(record_next_reads_the_values, setup, teardown),
        cmocka_unit_test_setup_teardown(record_next_has_a_nul_behind_each, setup, teardown),
        cmocka_unit_test_setup_teardown(record_refuses_what_is_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(record_refuses_another_count_or_type, setup, teardown),
        cmocka_unit_test_setup_teardown(record_refuses_lengths_that_the_type_has_not, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(record_next_reads_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(record_survives_any_bytes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
