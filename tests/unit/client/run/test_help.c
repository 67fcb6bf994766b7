/**
 * Help: usage lines and rules, out of the schema.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/run/help.h"
#include "tests/unit/client/commands.h"

/** The words and flags that scripts rely on, as the help shows them. */
static void
help_usage_is_what_scripts_rely_on(void **state)
{
    (void)state;
    static const struct {
        const char *name, *usage;
    } cases[] = {
        {"login", "login [--server HOST:PORT] [--ca FILE] [--token-file FILE|-] [--user EMAIL] "
                  "[--password-file FILE|-] [--company SLUG] [--keep] [--otp TEXT]"},
        {"passwd", "passwd [--old-password-file FILE|-] [--new-password-file FILE|-]"},
        {"session revoke", "session revoke [ID] [--all] [--yes]"},
        {"company create",
         "company create SLUG --name TEXT --admin EMAIL [--admin-password-file FILE|-] "
         "--admin-name TEXT [--time-zone TEXT] [--language zh|en|sq]"},
        {"deal move", "deal move ID STAGE [--reason TEXT] [--version N] [--internal] [--shared] "
                      "[--lost-reason TEXT] [--lost-to TEXT] [--skip] [--force] [--yes]"},
        {"role create", "role create ROLE --grant PERMISSION:SCOPE ..."},
        {"role grant", "role grant ROLE PERMISSION:SCOPE"},
        {"role revoke", "role revoke ROLE PERMISSION [--yes]"},
        {"kpi define",
         "kpi define CODE --name TEXT --unit TEXT --period day|week|month|quarter|year "
         "[--direction up|down]"},
        {"report resubmit",
         "report resubmit ID [--attach FILE ...] (--file FILE|- | --editor) [--title TEXT]"},
        {"report accept", "report accept ID [--comment TEXT] [--version N] [--force]"},
        {"api call", "api call METHOD [JSON|-] [--server HOST:PORT] [--ca FILE]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct command *c = command_find(commands, cases[i].name);
        assert_non_null(c);
        assert_string_equal(help_usage(arena, c), cases[i].usage);
    }
}

static void
help_rule_names_flags(void **state)
{
    (void)state;
    const struct command *c = command_find(commands, "kpi target");
    assert_string_equal(help_rule(arena, c, 0), "Exactly one of: --member, --vendor");
    assert_null(help_rule(arena, c, 1));
    c = command_find(commands, "audit list");
    assert_string_equal(help_rule(arena, c, 0), "All of them or none: --object, --id");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(help_usage_is_what_scripts_rely_on, setup, teardown),
        cmocka_unit_test_setup_teardown(help_rule_names_flags, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
