/* A WRITE's answer: kept by its own statement, and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/method/kept_answer.h"
#include "server/method/pg_type.h"

static struct arena *arena;
/** An answer without a secret, and one with. */
static const struct schema_message *deal, *new_member;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    deal = schema_find_message(schema_embedded(), "jiayi.v1.Deal");
    new_member = schema_find_message(schema_embedded(), "jiayi.v1.NewMember");
    return deal && new_member ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/** The statement begins with @start; then its answer is kept. */
static void
assert_kept(const char *sql, const char *start)
{
    const char *kept = kept_answer_with(arena, sql, deal, false);
    assert_non_null(kept);
    assert_memory_equal(kept, start, strlen(start));
    assert_memory_equal(kept + strlen(start), "kept AS (INSERT INTO ", 21);
    assert_non_null(strstr(kept, "SELECT (answer.*)::record FROM answer"));
}

static void
kept_answer_with_finds_the_main_statement(void **state)
{
    (void)state;
    assert_kept("\n UPDATE deal SET stage = :stage RETURNING id",
                "WITH answer AS (UPDATE deal SET stage = :stage RETURNING id), ");
    assert_kept("with moved (id) AS (UPDATE deal SET note = 'SELECT (' RETURNING id)\n"
                "select id FROM moved",
                "with moved (id) AS (UPDATE deal SET note = 'SELECT (' RETURNING id), answer AS "
                "(select id FROM moved), ");
    assert_kept("WITH updated AS (SELECT 1), selected AS (SELECT 2) VALUES (3)",
                "WITH updated AS (SELECT 1), selected AS (SELECT 2), answer AS (VALUES (3)), ");
}

static void
kept_answer_with_refuses_what_is_no_statement(void **state)
{
    (void)state;
    assert_null(kept_answer_with(arena, "", deal, false));
    assert_null(kept_answer_with(arena, "WITH a AS (SELECT 1)", deal, false));
}

/** Of a deal its number, stage and version; the rest is read again. */
static void
kept_answer_keeps_what_a_replay_must_say(void **state)
{
    (void)state;
    const char *kept = kept_answer_with(arena, "SELECT id FROM moved", deal, false);
    assert_non_null(strstr(kept,
                           "jsonb_build_object('id', answer.\"id\", 'stage', answer.\"stage\","
                           " 'version', answer.\"version\")"));
    assert_null(strstr(kept, "jsonb_agg"));
    kept = kept_answer_with(arena, "SELECT id FROM moved", deal, true);
    assert_non_null(strstr(kept, "jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', "));
    assert_non_null(strstr(kept, "HAVING count(*) > 0"));
    assert_non_null(strstr(kept, "SELECT * FROM answer"));
    assert_null(strstr(kept, "call.refusal"));
    /* What was refused is asked anew. */
    kept = kept_answer_with(arena, "SELECT id, said AS \"call.refusal\" FROM moved", deal, false);
    assert_non_null(strstr(kept, "FROM answer WHERE answer.\"call.refusal\" IS NULL) "
                                 "SELECT (answer.*)::record FROM answer"));
}

static void
kept_answer_replay_has_the_same_columns(void **state)
{
    (void)state;
    PGresAttDesc columns[] = {{.name = (char *)"id", .typid = PG_TYPE_INT8},
                              {.name = (char *)"amount.amount", .typid = PG_TYPE_TEXT},
                              {.name = (char *)"stage", .typid = PG_TYPE_TEXT}};
    PGresult *d = PQmakeEmptyPGresult(NULL, PGRES_COMMAND_OK);
    assert_int_equal(PQsetResultAttrs(d, 3, columns), 1);
    const char *sql = kept_answer_replay(arena, d, deal, false);
    assert_non_null(strstr(sql, "SELECT ROW(kept.\"id\", NULL::text, kept.\"stage\") FROM "));
    assert_non_null(strstr(sql, "kept(\"id\" int8, \"stage\" text)"));
    assert_non_null(strstr(sql, "request_id = $1"));
    sql = kept_answer_replay(arena, d, deal, true);
    assert_non_null(strstr(sql, "SELECT kept.\"id\", NULL::text, kept.\"stage\" FROM "));
    PQclear(d);
}

/** Of a secret only that there was one is kept, and who asks again is told that it is gone. */
static void
kept_answer_leaves_secrets_out(void **state)
{
    (void)state;
    const char *kept = kept_answer_with(arena, "SELECT code FROM made", new_member, false);
    assert_non_null(strstr(kept, "'code', CASE WHEN answer.\"code\" IS NOT NULL THEN '' END"));
    PGresAttDesc columns[] = {{.name = (char *)"code", .typid = PG_TYPE_TEXT}};
    PGresult *d = PQmakeEmptyPGresult(NULL, PGRES_COMMAND_OK);
    assert_int_equal(PQsetResultAttrs(d, 1, columns), 1);
    const char *sql = kept_answer_replay(arena, d, new_member, false);
    assert_non_null(
        strstr(sql, "SELECT ROW(CASE WHEN kept.\"code\" IS NOT NULL THEN jiayi.refuse("));
    PQclear(d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kept_answer_with_finds_the_main_statement, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_answer_with_refuses_what_is_no_statement, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(kept_answer_keeps_what_a_replay_must_say, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_answer_replay_has_the_same_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_answer_leaves_secrets_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
