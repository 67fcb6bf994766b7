/* The binder: SQL text to statements. Types and rows are tested against PostgreSQL in test_lane.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/bind.h"
#include "server/page.h"

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

static const struct schema_message *
type(const char *name)
{
    const struct schema_message *m = schema_find_message(schema_embedded(), name);
    assert_non_null(m);
    return m;
}

static struct bind_statement *
compile_list(const char *sql)
{
    unsigned id = 0;
    return bind_compile(arena, "test.sql", sql, type("jiayi.v1.ListDealsRequest"),
                        type("jiayi.v1.ListDealsResponse"), NULL, false, &id, &e);
}

static void
bind_compile_numbers_parameters(void **state)
{
    (void)state;
    struct bind_statement *s = compile_list(
        "SELECT :stage::text, ':owner', \":vendor\", $$ :search $$, a[1:2], x::text, :stage\n"
        "FROM t WHERE m = :me.member_id -- :owner in a comment\n"
        "/* :vendor */ LIMIT :page.limit;\n");
    assert_non_null(s);
    assert_int_equal(s->n_variants, 1);
    assert_int_equal(s->variants[0].n_params, 2);
    assert_string_equal(s->variants[0].params[0].name, "stage");
    assert_int_equal(s->variants[0].params[1].source, BIND_PAGE_LIMIT);
    assert_string_equal(
        s->variants[0].sql,
        "SELECT $1::text, ':owner', \":vendor\", $$ :search $$, a[1:2], x::text, $1\n"
        "FROM t WHERE m = (SELECT current_setting('jiayi.member_id')::bigint) \n"
        " LIMIT $2");
}

static void
bind_compile_makes_a_variant_for_every_combination(void **state)
{
    (void)state;
    struct bind_statement *s = compile_list("SELECT 1\n"
                                            "  WHERE a = :stage --? stage\n"
                                            "  AND b = :owner --? owner\n"
                                            "  AND none --? !owner\n");
    assert_non_null(s);
    assert_int_equal(s->n_variants, 4);
    assert_non_null(strstr(s->variants[0].sql, "none"));
    assert_int_equal(s->variants[0].n_params, 0);
    assert_non_null(strstr(s->variants[1].sql, "a = $1"));
    assert_non_null(strstr(s->variants[2].sql, "b = $1"));
    assert_null(strstr(s->variants[2].sql, "none"));
    assert_int_equal(s->variants[3].n_params, 2);

    ProtobufCMessage *request = message_new(arena, s->in);
    assert_ptr_equal(bind_choose(s, request), &s->variants[0]);
    assert_int_equal(message_put_string(arena, request, schema_find_field(s->in, "owner"), "a@b",
                                        3),
                     0);
    assert_ptr_equal(bind_choose(s, request), &s->variants[2]);
}

static void
bind_compile_refuses_unknown_names(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "SELECT :nothing",      "SELECT :stage.nothing",      "SELECT :me.nothing",
        "SELECT 1 --? nothing", "-- rows: nothing\nSELECT 1", "-- rows: next_page_token\nSELECT 1",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memset(&e, 0, sizeof e);
        assert_null(compile_list(wrong[i]));
        assert_int_equal(e.code, STATUS_INTERNAL);
        assert_non_null(strstr(e.message, "test.sql"));
    }
}

static const char *
write_sql(const char *sql)
{
    unsigned id = 0;
    struct bind_statement *s =
        bind_compile(arena, "test.sql", sql, type("jiayi.v1.MoveDealRequest"),
                     type("jiayi.v1.Deal"), NULL, true, &id, &e);
    assert_non_null(s);
    assert_true(s->replay_id > 0);
    return s->variants[0].sql;
}

static void
bind_compile_keeps_a_writes_answer(void **state)
{
    (void)state;
    const char *plain =
        write_sql("UPDATE deal SET stage = :stage WHERE id = :deal_id RETURNING id;\n");
    const char *start =
        "WITH answer AS (UPDATE deal SET stage = $1 WHERE id = $2 RETURNING id), kept AS (";
    assert_memory_equal(plain, start, strlen(start));
    assert_non_null(strstr(plain, "SELECT * FROM answer"));

    const char *listed =
        write_sql("WITH moved (id) AS (UPDATE deal SET note = 'SELECT (' RETURNING id)\n"
                  "SELECT id FROM moved");
    start = "WITH moved (id) AS (UPDATE deal SET note = 'SELECT (' RETURNING id), answer AS "
            "(SELECT id FROM "
            "moved), kept AS (";
    assert_memory_equal(listed, start, strlen(start));
}

static void
bind_request_page(void **state)
{
    (void)state;
    struct bind_statement *s = compile_list("SELECT 1 LIMIT :page.limit OFFSET :page.after::text");
    ProtobufCMessage *request = message_new(arena, s->in);
    struct bind_values v;
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_string_equal(v.values[0], "51");
    assert_null(v.values[1]);
    const char *token = page_token(arena, "办 4711");
    assert_int_equal(message_put_string(arena, request, schema_find_field(s->in, "page_token"),
                                        token, strlen(token)),
                     0);
    assert_int_equal(bind_request(arena, &s->variants[0], request, NULL, &v, &e), 0);
    assert_string_equal(v.values[1], "办 4711");
}

static void
page_after_refuses_what_it_did_not_make(void **state)
{
    (void)state;
    static const char *const wrong[] = {"!", "A", "AAAA", "_____w", "//8"};
    const struct schema_message *m = type("jiayi.v1.ListDealsRequest");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ProtobufCMessage *request = message_new(arena, m);
        const char *key;
        memset(&e, 0, sizeof e);
        assert_int_equal(message_put_string(arena, request, schema_find_field(m, "page_token"),
                                            wrong[i], strlen(wrong[i])),
                         0);
        assert_int_equal(page_after(arena, request, &key, &e), -1);
        assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
        assert_string_equal(e.field, "page_token");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bind_compile_numbers_parameters, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_compile_makes_a_variant_for_every_combination, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bind_compile_refuses_unknown_names, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_compile_keeps_a_writes_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(bind_request_page, setup, teardown),
        cmocka_unit_test_setup_teardown(page_after_refuses_what_it_did_not_make, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
