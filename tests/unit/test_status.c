/* Outcomes: codes, one-line messages, what PostgreSQL's errors mean. */
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/embed.h"
#include "common/status.h"
#include "common/text.h"
#include "jiayi/v1/rpc.pb-c.h"

/** The numbers on the wire are the .proto's. */
static void
status_codes_are_the_schemas(void **state)
{
    (void)state;
    for (unsigned i = 0; i < jiayi__v1__code__descriptor.n_values; i++) {
        const ProtobufCEnumValue *v = &jiayi__v1__code__descriptor.values[i];
        assert_string_equal(status_name((enum status_code)v->value), v->name);
    }
    assert_string_equal(status_name((enum status_code)99), "UNKNOWN");
}

static void
status_set_makes_one_line(void **state)
{
    (void)state;
    struct status e;
    assert_int_equal(status_set(&e, STATUS_NOT_FOUND, "no deal \"%s\"", "a\nb\x1b[31m"), -1);
    assert_string_equal(e.message, "no deal \"a?b?[31m\"");
    assert_int_equal(e.code, STATUS_NOT_FOUND);
}

static void
status_set_cuts_between_characters(void **state)
{
    (void)state;
    struct status e;
    char text[1000];
    for (int pad = 0; pad < 3; pad++) {
        memset(text, 'x', (size_t)pad);
        for (size_t i = (size_t)pad; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "楼", 4);
        status_set(&e, STATUS_INTERNAL, "%s", text);
        assert_true(text_valid(e.message, strlen(e.message)));
        assert_true(strlen(e.message) > sizeof e.message - 5);
    }
}

static void
status_from_sql_own_class(void **state)
{
    (void)state;
    struct status e = {0};
    status_from_sql(&e, "JY010", "the deal has version 4", "current_version=4", NULL);
    assert_int_equal(e.code, STATUS_ABORTED);
    assert_string_equal(e.message, "the deal has version 4");
    assert_int_equal(e.current_version, 4);
    status_from_sql(&e, "JY008", "too many", "retry_after_ms=1500", NULL);
    assert_int_equal(e.retry_after_ms, 1500);
    status_from_sql(&e, "JY003", "bad", "field=amount.currency", NULL);
    assert_string_equal(e.field, "amount.currency");
}

/** What PostgreSQL says of itself stays in the log. */
static void
status_from_sql_hides_the_database(void **state)
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
        status_from_sql(&e, cases[i].sqlstate, "relation \"jiayi.secret\" in /var/lib", NULL, NULL);
        assert_int_equal(e.code, cases[i].code);
        assert_null(strstr(e.message, "secret"));
        assert_non_null(strstr(e.detail, "secret"));
    }
}

/** A constraint's own text is kinder than its SQLSTATE's; every one named in the table is in a migration. */
static void
status_from_sql_constraints(void **state)
{
    (void)state;
    struct status e = {0};
    status_from_sql(&e, "23505", "duplicate key", NULL, "role_name_unique");
    assert_int_equal(e.code, STATUS_ALREADY_EXISTS);
    assert_string_equal(e.message, "there is a role of that name already");
    static const char *const names[] = {
#define CONSTRAINT(name, code, text) name,
#include "common/status.def"
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
status_is_replay_knows_both_ways(void **state)
{
    (void)state;
    assert_true(status_is_replay("JY000", NULL));
    assert_true(status_is_replay("23505", "call_record_once"));
    assert_false(status_is_replay("23505", "company_slug_unique"));
    assert_false(status_is_replay(NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_codes_are_the_schemas),
        cmocka_unit_test(status_set_makes_one_line),
        cmocka_unit_test(status_set_cuts_between_characters),
        cmocka_unit_test(status_from_sql_own_class),
        cmocka_unit_test(status_from_sql_hides_the_database),
        cmocka_unit_test(status_from_sql_constraints),
        cmocka_unit_test(status_is_replay_knows_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
