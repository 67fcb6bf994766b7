/* A method's SQL file becomes statements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/method/pg_type.h"
#include "server/method/statement.h"
#include "tests/unit/server/method/sql.h"

static struct statement *
compile_list(const char *sql)
{
    unsigned id = 0;
    return statement_compile(arena, "test.sql", sql, type("jiayi.v1.ListDealsRequest"),
                             type("jiayi.v1.ListDealsResponse"), NULL, false, &id, &e);
}

static void
statement_compile_numbers_parameters(void **state)
{
    (void)state;
    struct statement *s = compile_list(
        "SELECT :stage::text, ':owner', \":vendor\", $$ :search $$, a[1:2], x::text, :stage\n"
        "FROM t WHERE m = :me.member_id -- :owner in a comment\n"
        "/* :vendor */ LIMIT :page.limit;\n");
    assert_non_null(s);
    assert_int_equal(s->n_variants, 1);
    assert_int_equal(s->variants[0].n_params, 2);
    assert_string_equal(s->variants[0].params[0].name, "stage");
    assert_int_equal(s->variants[0].params[1].source, STATEMENT_PAGE_LIMIT);
    assert_string_equal(
        s->variants[0].sql,
        "SELECT (answer.*)::record FROM ("
        "SELECT $1::text, ':owner', \":vendor\", $$ :search $$, a[1:2], x::text, $1\n"
        "FROM t WHERE m = (SELECT current_setting('jiayi.member_id')::bigint) \n"
        " LIMIT $2) AS answer");
}

static void
statement_compile_makes_a_variant_for_every_combination(void **state)
{
    (void)state;
    struct statement *s = compile_list("SELECT 1\n"
                                       "  WHERE a = :stage --? stage\n"
                                       "  AND b = :owner --? owner\n"
                                       "  AND none --? !owner\n"
                                       "  AND both --? stage !owner\n");
    assert_non_null(s);
    assert_int_equal(s->n_variants, 4);
    assert_non_null(strstr(s->variants[0].sql, "none"));
    assert_int_equal(s->variants[0].n_params, 0);
    assert_non_null(strstr(s->variants[1].sql, "a = $1"));
    assert_non_null(strstr(s->variants[2].sql, "b = $1"));
    assert_null(strstr(s->variants[2].sql, "none"));
    assert_null(strstr(s->variants[0].sql, "both"));
    assert_non_null(strstr(s->variants[1].sql, "both"));
    assert_null(strstr(s->variants[3].sql, "both"));
    assert_int_equal(s->variants[3].n_params, 2);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(s->variants[i].id, i);
}

static void
statement_compile_makes_forms_for_some_requests(void **state)
{
    (void)state;
    struct statement *s = compile_list("-- part: both\nSELECT 1\n-- end\n"
                                       ":part.both\n"
                                       "  WHERE a = :stage --? stage\n"
                                       "-- for: owner vendor\n"
                                       ":part.both\n"
                                       "  WHERE b = :search --? search\n"
                                       "  AND c = :stage --? stage\n");
    assert_non_null(s);
    assert_int_equal(s->n_forms, 2);
    assert_int_equal(s->forms[0].n_asked, 0);
    assert_int_equal(s->forms[1].n_asked, 2);
    assert_string_equal(s->forms[1].asked[1]->pb->name, "vendor");
    assert_int_equal(s->n_variants, 2 + 4);
    assert_int_equal(s->forms[1].first_variant, 2);
    assert_non_null(strstr(s->variants[1].sql, "a = $1"));
    assert_string_equal(s->forms[1].conditions[0]->pb->name, "search");
    assert_null(strstr(s->variants[2].sql, "a = $1"));
    assert_non_null(strstr(s->variants[3].sql, "b = $1"));
    assert_non_null(strstr(s->variants[5].sql, "c = $2"));
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(s->variants[i].id, i);
}

static void
statement_compile_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *message;
    } cases[] = {
        {"SELECT :nothing", ":nothing names no request field"},
        {"SELECT :stage.nothing", ":stage.nothing names no request field"},
        {"SELECT :me.nothing", ":me.nothing names no request field"},
        {"SELECT 1 --? nothing", "--? names no request field: nothing"},
        {"SELECT 1 --? !nothing", "--? names no request field: nothing"},
        {"SELECT 1 --? stage nothing", "--? names no request field: nothing"},
        {"SELECT 1 --?", "--? names no request field: "},
        {"-- rows: nothing\nSELECT 1", "-- rows: names no repeated message field: nothing"},
        {"-- rows: next_page_token\nSELECT 1",
         "-- rows: names no repeated message field: next_page_token"},
        {"-- nothing but this\n", "holds no statement"},
        {"SELECT 1 --? stage", "holds no statement"}, /* where the request has no stage */
        {"SELECT 1\n-- for: stage nothing\nSELECT 2",
         "-- for: names no request field, or more than 8: nothing"},
        {"SELECT 1\n-- for: stage\n", "holds no statement"},
        {"SELECT 1\n-- for: stage\nSELECT 2\n-- for: stage\nSELECT 3\n-- for: stage\nSELECT 4\n"
         "-- for: stage\nSELECT 5\n",
         "more than 4 forms"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[128];
        snprintf(expected, sizeof expected, "test.sql: %s", cases[i].message);
        memset(&e, 0, sizeof e);
        assert_null(compile_list(cases[i].sql));
        assert_int_equal(e.code, STATUS_INTERNAL);
        assert_string_equal(e.message, expected);
    }
}

static void
statement_compile_adds_rows_only_to_repeated_fields(void **state)
{
    (void)state;
    unsigned id = 0;
    assert_null(statement_compile(arena, "test.sql", "-- rows: amount\nSELECT 1",
                                  type("jiayi.v1.GetDealRequest"), type("jiayi.v1.Deal"), NULL,
                                  false, &id, &e));
    assert_string_equal(e.message, "test.sql: -- rows: names no repeated message field: amount");
}

static void
statement_compile_keeps_a_writes_answer(void **state)
{
    (void)state;
    unsigned id = 7;
    struct statement *s =
        statement_compile(arena, "test.sql", "UPDATE deal SET stage = :stage RETURNING id",
                          type("jiayi.v1.MoveDealRequest"), type("jiayi.v1.Deal"), NULL, true, &id,
                          &e);
    assert_non_null(s);
    assert_int_equal(s->variants[0].id, 7);
    assert_int_equal(s->replay_id, 8);
    assert_int_equal(id, 9);
    assert_non_null(strstr(s->variants[0].sql, "SELECT (answer.*)::record FROM answer"));
    assert_int_equal(s->variants[0].n_params, 2);
    assert_int_equal(s->variants[0].params[1].source, STATEMENT_REQUEST_SHA256);
}

/** What PostgreSQL would say of a statement with two columns and no parameters. */
static PGresult *
description(const char *name1, Oid type1, const char *name2, Oid type2)
{
    PGresAttDesc columns[] = {{.name = (char *)name1, .typid = type1},
                              {.name = (char *)name2, .typid = type2}};
    PGresult *d = PQmakeEmptyPGresult(NULL, PGRES_COMMAND_OK);
    assert_int_equal(PQsetResultAttrs(d, 2, columns), 1);
    return d;
}

static void
statement_describe_finds_the_columns_fields(void **state)
{
    (void)state;
    struct statement *s = compile_list("-- rows: deals\nSELECT 1\nWHERE true --? stage");
    PGresult *d = description("amount.amount", PG_TYPE_TEXT, "page.key", PG_TYPE_INT8);
    assert_int_equal(statement_describe(arena, s, &s->variants[0], d, &e), 0);
    assert_int_equal(s->columns[0].depth, 2);
    assert_string_equal(s->columns[0].path[1]->pb->name, "amount");
    assert_int_equal(s->page_key, 1);
    assert_int_equal(statement_describe(arena, s, &s->variants[1], d, &e), 0);
    PQclear(d);

    d = description("amount.amount", PG_TYPE_TEXT, "page.key", PG_TYPE_TEXT);
    assert_int_equal(statement_describe(arena, s, &s->variants[1], d, &e), -1);
    assert_string_equal(e.message, "test.sql: an optional line changes the columns");
    PQclear(d);
}

static void
statement_describe_finds_a_refusal(void **state)
{
    (void)state;
    unsigned id = 0;
    struct statement *s =
        statement_compile(arena, "test.sql", "SELECT 1", type("jiayi.v1.GetDealRequest"),
                          type("jiayi.v1.Deal"), NULL, false, &id, &e);
    assert_non_null(s);
    assert_int_equal(s->refusal, -1);
    PGresult *d = description("id", PG_TYPE_INT8, "call.refusal", PG_TYPE_TEXT);
    assert_int_equal(statement_describe(arena, s, &s->variants[0], d, &e), 0);
    assert_int_equal(s->refusal, 1);
    assert_int_equal(s->columns[1].depth, 0);
    PQclear(d);
}

static void
statement_describe_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *name;
        Oid type;
        const char *message;
    } cases[] = {
        {"-- rows: deals\nSELECT 1", "nothing", PG_TYPE_TEXT,
         "test.sql: column \"nothing\" names no field of jiayi.v1.Deal"},
        {"-- rows: deals\nSELECT 1", "title", PG_TYPE_BOOL,
         "test.sql: column \"title\" does not fit its field: it is bool"},
        {"-- rows: deals\nSELECT 1", "page.key", PG_TYPE_DATE,
         "test.sql: page.key must be int8 or text"},
        {"-- rows: deals\nSELECT :stage", "title", PG_TYPE_TEXT,
         "test.sql: 1 parameters, PostgreSQL finds 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct statement *s = compile_list(cases[i].sql);
        PGresult *d = description("id", PG_TYPE_INT8, cases[i].name, cases[i].type);
        memset(&e, 0, sizeof e);
        assert_int_equal(statement_describe(arena, s, &s->variants[0], d, &e), -1);
        assert_string_equal(e.message, cases[i].message);
        PQclear(d);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(statement_compile_numbers_parameters, setup, teardown),
        cmocka_unit_test_setup_teardown(statement_compile_makes_a_variant_for_every_combination,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(statement_compile_makes_forms_for_some_requests, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(statement_compile_makes_forms_for_some_requests, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(statement_compile_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(statement_compile_adds_rows_only_to_repeated_fields, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(statement_compile_keeps_a_writes_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(statement_describe_finds_the_columns_fields, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(statement_describe_finds_a_refusal, setup, teardown),
        cmocka_unit_test_setup_teardown(statement_describe_refuses, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
