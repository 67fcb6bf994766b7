/* Values out of requests, rows into responses. */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/json.h"
#include "server/method/bind.h"
#include "server/method/page.h"
#include "server/method/pg_type.h"
#include "tests/unit/server/method/record_text.h"
#include "tests/unit/server/method/sql.h"

static struct statement *
compile_list(const char *sql)
{
    unsigned id = 0;
    struct statement *s =
        statement_compile(arena, "test.sql", sql, type("jiayi.v1.ListDealsRequest"),
                          type("jiayi.v1.ListDealsResponse"), NULL, false, &id, &e);
    assert_non_null(s);
    return s;
}

static void
put(ProtobufCMessage *m, const char *field, const char *value)
{
    assert_int_equal(message_put_string(arena, m, schema_find_field(schema_of(m), field), value,
                                        strlen(value)),
                     0);
}

static void
bind_choose_looks_at_what_the_request_has(void **state)
{
    (void)state;
    struct statement *s = compile_list("SELECT 1\n"
                                       "  WHERE a = :stage --? stage\n"
                                       "  AND b = :owner --? owner\n");
    ProtobufCMessage *request = message_new(arena, s->in);
    assert_ptr_equal(bind_choose(s, request), &s->variants[0]);
    put(request, "owner", "a@b");
    assert_ptr_equal(bind_choose(s, request), &s->variants[2]);
    put(request, "stage", "won");
    assert_ptr_equal(bind_choose(s, request), &s->variants[3]);
}

static void
bind_choose_takes_the_last_form_that_the_request_has(void **state)
{
    (void)state;
    struct statement *s =
        compile_list("SELECT 1 --? !search\nSELECT 11 --? search\n"
                     "-- for: owner vendor\nSELECT 2 --? !stage\nSELECT 22 --? stage\n"
                     "-- for: search\nSELECT 3\n");
    ProtobufCMessage *request = message_new(arena, s->in);
    assert_ptr_equal(bind_choose(s, request), &s->variants[0]);
    put(request, "stage", "won");
    assert_ptr_equal(bind_choose(s, request), &s->variants[0]);
    put(request, "vendor", "beta");
    assert_ptr_equal(bind_choose(s, request), &s->variants[3]);
    put(request, "search", "x");
    assert_ptr_equal(bind_choose(s, request), &s->variants[4]);
}

static void
bind_request_page(void **state)
{
    (void)state;
    struct statement *s = compile_list("SELECT 1 LIMIT :page.limit OFFSET :page.after::text");
    ProtobufCMessage *request = message_new(arena, s->in);
    struct bind_values v;
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_string_equal(v.values[0], "51");
    assert_null(v.values[1]);
    put(request, "page_token", page_token(arena, request, "办 4711"));
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_string_equal(v.values[1], "办 4711");

    /* A key that is no number. */
    s->variants[0].params[1].type = PG_TYPE_INT8;
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), -1);
    assert_string_equal(e.field, "page_token");
}

static void
bind_request_gives_values_as_their_types(void **state)
{
    (void)state;
    struct statement *s = compile_list("SELECT :stage, :page_size, :owner");
    struct statement_param *params = s->variants[0].params;
    params[0].type = PG_TYPE_TEXT;
    params[1].type = PG_TYPE_INT4;
    ProtobufCMessage *request = message_new(arena, s->in);
    put(request, "stage", "won");
    assert_int_equal(message_put_integer(arena, request, schema_find_field(s->in, "page_size"),
                                         258),
                     0);
    struct bind_values v;
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_int_equal(v.n, 3);
    assert_string_equal(v.values[0], "won");
    assert_int_equal(v.formats[0], 0);
    assert_int_equal(v.lengths[1], 4);
    assert_memory_equal(v.values[1], "\0\0\1\2", 4);
    assert_int_equal(v.formats[1], 1);
    assert_null(v.values[2]);
}

static void
bind_request_gives_messages_as_json(void **state)
{
    (void)state;
    unsigned id = 0;
    struct statement *s =
        statement_compile(arena, "test.sql", "SELECT :days::jsonb",
                          type("jiayi.v1.ImportCalendarRequest"),
                          type("jiayi.v1.ImportCalendarResponse"), NULL, false, &id, &e);
    assert_non_null(s);
    s->variants[0].params[0].type = PG_TYPE_JSONB;
    ProtobufCMessage *request = message_new(arena, s->in);
    struct bind_values v;
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_null(v.values[0]);
    static const char json[] = "{\"days\":[{\"day\":\"2026-10-01\",\"note\":\"a \\\"b\\\" 国庆\"},"
                               "{\"day\":\"2026-10-10\",\"working\":true}]}";
    request = json_read(arena, s->in, json, strlen(json), &e);
    assert_non_null(request);
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_int_equal(v.formats[0], 0);
    assert_string_equal(v.values[0], "[{\"day\":\"2026-10-01\",\"note\":\"a \\\"b\\\" 国庆\"},"
                                     "{\"day\":\"2026-10-10\",\"working\":true}]");
}

static void
bind_request_gives_arrays_of_numbers(void **state)
{
    (void)state;
    unsigned id = 0;
    struct statement *s = statement_compile(arena, "test.sql", "SELECT :customer_ids::text[]",
                                            type("jiayi.v1.HandOverRequest"),
                                            type("jiayi.v1.Handover"), NULL, false, &id, &e);
    assert_non_null(s);
    s->variants[0].params[0].type = PG_TYPE_TEXT_ARRAY;
    const char *json = "{\"customer_ids\": [\"7\", \"-12\"]}";
    ProtobufCMessage *request = json_read(arena, s->in, json, strlen(json), &e);
    struct bind_values v;
    assert_non_null(request);
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_int_equal(v.lengths[0], 32);
    assert_memory_equal(v.values[0] + 20,
                        "\0\0\0\1"
                        "7"
                        "\0\0\0\3"
                        "-12",
                        12);
}

static void
bind_request_gives_arrays(void **state)
{
    (void)state;
    unsigned id = 0;
    struct statement *s = statement_compile(arena, "test.sql", "SELECT :grants::text[]",
                                            type("jiayi.v1.CreateRoleRequest"),
                                            type("jiayi.v1.Role"), NULL, false, &id, &e);
    assert_non_null(s);
    s->variants[0].params[0].type = PG_TYPE_TEXT_ARRAY;
    ProtobufCMessage *request = message_new(arena, s->in);
    struct bind_values v;
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_int_equal(v.lengths[0], 12);
    assert_memory_equal(v.values[0],
                        "\0\0\0\0"
                        "\0\0\0\0"
                        "\0\0\0\31",
                        12);
    put(request, "grants", "a");
    put(request, "grants", "bc");
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_int_equal(v.lengths[0], 31);
    assert_memory_equal(v.values[0],
                        "\0\0\0\1"
                        "\0\0\0\0"
                        "\0\0\0\31"
                        "\0\0\0\2"
                        "\0\0\0\1"
                        "\0\0\0\1"
                        "a"
                        "\0\0\0\2"
                        "bc",
                        31);
}

static void
bind_names_leaves_what_is_not_named(void **state)
{
    (void)state;
    unsigned id = 0;
    struct statement *s = statement_compile(arena, "test.sql", "SELECT :phc, :email, :phc", NULL,
                                            NULL, NULL, false, &id, &e);
    assert_non_null(s);
    const struct bind_named named[] = {{"address", "::1"}, {"email", "a@b"}};
    struct bind_values v;
    assert_int_equal(bind_names(arena, &s->variants[0], named, 2, &v, &e), 0);
    assert_int_equal(v.n, 2);
    assert_null(v.values[0]);
    assert_string_equal(v.values[1], "a@b");
}

/** Two deals as PostgreSQL sends them, in its binary form. */
static PGresult *
two_deals(struct statement *s)
{
    PGresAttDesc columns[] = {{.name = (char *)"id", .typid = PG_TYPE_INT8, .format = 1},
                              {.name = (char *)"amount.amount", .typid = PG_TYPE_TEXT, .format = 1},
                              {.name = (char *)"created_at",
                               .typid = PG_TYPE_TIMESTAMPTZ,
                               .format = 1},
                              {.name = (char *)"page.key", .typid = PG_TYPE_INT8, .format = 1}};
    PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    assert_int_equal(PQsetResultAttrs(r, 4, columns), 1);
    for (int row = 0; row < 2; row++) {
        int64_t id = (int64_t)htobe64(9 - (uint64_t)row),
                before_2000 = (int64_t)htobe64(-1500000ULL);
        assert_int_equal(PQsetvalue(r, row, 0, (char *)&id, 8), 1);
        assert_int_equal(PQsetvalue(r, row, 1, (char *)"12.50", row == 0 ? 5 : -1), 1);
        assert_int_equal(PQsetvalue(r, row, 2, (char *)&before_2000, 8), 1);
        assert_int_equal(PQsetvalue(r, row, 3, (char *)&id, 8), 1);
    }
    assert_int_equal(statement_describe(arena, s, &s->variants[0], r, &e), 0);
    return r;
}

static const ProtobufCMessage *
deal_of(const ProtobufCMessage *response, size_t i)
{
    const struct schema_field *f = schema_find_field(schema_of(response), "deals");
    assert_true(i < message_count(response, f));
    return *(ProtobufCMessage *const *)message_value(response, f, i);
}

static void
bind_result_fills_the_rows(void **state)
{
    (void)state;
    struct statement *s = compile_list("-- rows: deals\nSELECT 1");
    PGresult *r = two_deals(s);
    ProtobufCMessage *response = message_new(arena, s->out);
    assert_int_equal(bind_result(arena, s, r, message_new(arena, s->in), response, &e), 2);
    const struct schema_message *deal = type("jiayi.v1.Deal");
    const ProtobufCMessage *first = deal_of(response, 0), *second = deal_of(response, 1);
    assert_int_equal(message_integer(first, schema_find_field(deal, "id"), 0), 9);
    assert_int_equal(message_integer(second, schema_find_field(deal, "id"), 0), 8);
    const ProtobufCMessage *amount = message_child(first, schema_find_field(deal, "amount"));
    assert_string_equal(message_string(amount, schema_find_field(schema_of(amount), "amount")),
                        "12.50");
    assert_null(message_child(second, schema_find_field(deal, "amount")));
    const ProtobufCMessage *at = message_child(first, schema_find_field(deal, "created_at"));
    assert_int_equal(message_integer(at, schema_find_field(schema_of(at), "seconds"), 0),
                     946684798);
    assert_int_equal(message_integer(at, schema_find_field(schema_of(at), "nanos"), 0), 500000000);
    assert_false(message_has(response, schema_find_field(s->out, "next_page_token")));
    PQclear(r);
}

static void
bind_result_leaves_the_row_past_the_page(void **state)
{
    (void)state;
    struct statement *s = compile_list("-- rows: deals\nSELECT 1");
    PGresult *r = two_deals(s);
    ProtobufCMessage *request = message_new(arena, s->in), *response = message_new(arena, s->out);
    assert_int_equal(message_put_integer(arena, request, schema_find_field(s->in, "page_size"), 1),
                     0);
    assert_int_equal(bind_result(arena, s, r, request, response, &e), 1);
    assert_int_equal(message_count(response, s->rows), 1);
    assert_string_equal(message_string(response, schema_find_field(s->out, "next_page_token")),
                        page_token(arena, request, "9"));
    PQclear(r);
}

/** A statement that answers one deal, of these columns. */
static struct statement *
compile_deal(int n, PGresAttDesc *columns)
{
    unsigned id = 0;
    struct statement *s =
        statement_compile(arena, "test.sql", "SELECT 1", type("jiayi.v1.GetDealRequest"),
                          type("jiayi.v1.Deal"), NULL, false, &id, &e);
    PGresult *d = PQmakeEmptyPGresult(NULL, PGRES_COMMAND_OK);
    assert_non_null(s);
    assert_int_equal(PQsetResultAttrs(d, n, columns), 1);
    assert_int_equal(statement_describe(arena, s, &s->variants[0], d, &e), 0);
    PQclear(d);
    return s;
}

static void
bind_result_reads_a_record(void **state)
{
    (void)state;
    PGresAttDesc columns[] = {{.name = (char *)"id", .typid = PG_TYPE_INT8},
                              {.name = (char *)"title", .typid = PG_TYPE_TEXT},
                              {.name = (char *)"amount.amount", .typid = PG_TYPE_TEXT},
                              {.name = (char *)"stage", .typid = PG_TYPE_TEXT}};
    struct statement *s = compile_deal(4, columns);
    uint64_t id = htobe64(9);
    struct record_text deal = {0};
    record_text_begin(&deal, 4);
    record_text_add(&deal, PG_TYPE_INT8, &id, 8);
    record_text_add(&deal, PG_TYPE_TEXT, "港口", 6);
    record_text_add(&deal, PG_TYPE_TEXT, "", -1);
    record_text_add(&deal, PG_TYPE_TEXT, "won", 3);
    PGresult *r = record_text_result(&deal);
    ProtobufCMessage *response = message_new(arena, s->out);
    assert_int_equal(bind_result(arena, s, r, message_new(arena, s->in), response, &e), 1);
    assert_int_equal(message_named_integer(response, "id"), 9);
    assert_string_equal(message_named_string(response, "title"), "港口");
    assert_false(message_has(response, schema_find_field(s->out, "amount")));
    assert_string_equal(message_named_string(response, "stage"), "won");
    PQclear(r);
}

/** What is not what the statement answered at boot ends the call, and is not read any further. */
static void
bind_result_refuses_other_columns(void **state)
{
    (void)state;
    PGresAttDesc columns[] = {{.name = (char *)"id", .typid = PG_TYPE_INT8},
                              {.name = (char *)"title", .typid = PG_TYPE_TEXT}};
    struct statement *s = compile_deal(2, columns);
    uint64_t id = htobe64(9);
    struct record_text deal = {0};
    record_text_begin(&deal, 2);
    record_text_add(&deal, PG_TYPE_INT8, &id, 8);
    record_text_add(&deal, PG_TYPE_NAME, "港口", 6);
    PGresult *r = record_text_result(&deal);
    ProtobufCMessage *response = message_new(arena, s->out);
    assert_int_equal(bind_result(arena, s, r, message_new(arena, s->in), response, &e), -1);
    assert_int_equal(e.code, STATUS_INTERNAL);
    assert_string_equal(e.detail, "test.sql answers other columns than at the start");
    PQclear(r);
}

/** A refusal stands among the columns. */
static void
bind_refusal_finds_it(void **state)
{
    (void)state;
    PGresAttDesc columns[] = {{.name = (char *)"title", .typid = PG_TYPE_TEXT},
                              {.name = (char *)"call.refusal", .typid = PG_TYPE_TEXT}};
    struct statement *s = compile_deal(2, columns);
    for (int is_null = 0; is_null < 2; is_null++) {
        struct record_text answer = {0};
        record_text_begin(&answer, 2);
        record_text_add(&answer, PG_TYPE_TEXT, "a", 1);
        record_text_add(&answer, PG_TYPE_TEXT, "{}", is_null ? -1 : 2);
        PGresult *r = record_text_result(&answer);
        if (is_null)
            assert_null(bind_refusal(s, r));
        else
            assert_string_equal(bind_refusal(s, r), "{}");
        PQclear(r);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bind_choose_looks_at_what_the_request_has, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_choose_takes_the_last_form_that_the_request_has, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bind_request_page, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_request_gives_values_as_their_types, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_request_gives_messages_as_json, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_request_gives_arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_request_gives_arrays_of_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_names_leaves_what_is_not_named, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_result_fills_the_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_result_leaves_the_row_past_the_page, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_result_reads_a_record, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_result_refuses_other_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_refusal_finds_it, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
