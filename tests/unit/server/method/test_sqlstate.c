/* What PostgreSQL's errors mean to callers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/embed.h"
#include "server/method/sqlstate.h"

static void
sqlstate_to_status_own_class(void **state)
{
    (void)state;
    struct status e = {0};
    sqlstate_to_status(&e, "JY010", "deal %s is at version %s, not %s",
                       "{\"args\": [\"7\", \"4\", null], \"current_version\": 4}", NULL);
    assert_int_equal(e.code, STATUS_ABORTED);
    assert_string_equal(e.message, "deal 7 is at version 4, not ");
    assert_int_equal(e.current_version, 4);
    sqlstate_to_status(&e, "JY008", "too many", "{\"retry_after_ms\": 1500}", NULL);
    assert_int_equal(e.retry_after_ms, 1500);
    sqlstate_to_status(&e, "JY003", "bad", "{\"field\": \"amount.currency\"}", NULL);
    assert_string_equal(e.message, "bad");
    assert_string_equal(e.field, "amount.currency");
    sqlstate_to_status(&e, "JY009", "deal %s is %s",
                       "{\"args\": [\"%s%n\", {\"list\": \"stage\", \"code\": \"won\"}]}", NULL);
    assert_string_equal(e.message, "deal %s%n is won");
}

/** What PostgreSQL says of itself stays in the log. */
static void
sqlstate_to_status_hides_the_database(void **state)
{
    (void)state;
    static const struct {
        const char *sqlstate;
        enum status_code code;
    } cases[] = {
        {"57014", STATUS_DEADLINE_EXCEEDED}, {"23505", STATUS_ALREADY_EXISTS},
        {"23514", STATUS_INVALID_ARGUMENT},  {"22P02", STATUS_INVALID_ARGUMENT},
        {"42501", STATUS_PERMISSION_DENIED}, {"53100", STATUS_RESOURCE_EXHAUSTED},
        {"08006", STATUS_UNAVAILABLE},       {"57P01", STATUS_UNAVAILABLE},
        {"40P01", STATUS_ABORTED},           {"XX000", STATUS_INTERNAL},
        {"42P01", STATUS_INTERNAL},          {NULL, STATUS_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct status e = {0};
        sqlstate_to_status(&e, cases[i].sqlstate, "relation \"jiayi.secret\" in /var/lib", NULL,
                           NULL);
        assert_int_equal(e.code, cases[i].code);
        assert_null(strstr(e.message, "secret"));
        assert_non_null(strstr(e.detail, "secret"));
    }
}

/**
 * A constraint's own text is kinder than its SQLSTATE's; every one named in the table is in a
 * migration.
 */
static void
sqlstate_to_status_constraints(void **state)
{
    (void)state;
    struct status e = {0};
    sqlstate_to_status(&e, "23505", "duplicate key", NULL, "role_name_unique");
    assert_int_equal(e.code, STATUS_ALREADY_EXISTS);
    assert_string_equal(e.message, "there is a role of that name already");
    static const char *const names[] = {
#define CONSTRAINT(name, code, text) name,
#include "server/method/sqlstate.def"
#undef CONSTRAINT
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool found = false;
        for (const struct embed *f = embed_migrations; f->name && !found; f++)
            found = strstr((const char *)f->data, names[i]) != NULL;
        if (!found)
            fail_msg("no migration has the constraint %s", names[i]);
    }
}

static void
sqlstate_is_replay_knows_both_ways(void **state)
{
    (void)state;
    assert_true(sqlstate_is_replay("JY000", NULL));
    assert_true(sqlstate_is_replay("23505", "call_record_once"));
    assert_false(sqlstate_is_replay("23505", "company_slug_unique"));
    assert_false(sqlstate_is_replay(NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sqlstate_to_status_own_class),
        cmocka_unit_test(sqlstate_to_status_hides_the_database),
        cmocka_unit_test(sqlstate_to_status_constraints),
        cmocka_unit_test(sqlstate_is_replay_knows_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
