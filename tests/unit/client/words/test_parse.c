/**
 * Command lines: what they mean, and what is said of those that mean nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/client/commands.h"
#include "tests/unit/client/line.h"

static struct parsed parsed;
static void
parse_line_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"dael list", "unknown command dael; did you mean deal?"},
        {"deal mvoe 7", "unknown command deal mvoe; did you mean deal move?"},
        {"deal frobnicate", "unknown command deal frobnicate; see `jiayi deal --help`"},
        {"xyzzy", "unknown command xyzzy; see `jiayi --help`"},
        {"deal create t --custmer c", "unknown flag --custmer; did you mean --customer?"},
        {"deal create t --custmer=c", "unknown flag --custmer; did you mean --customer?"},
        {"deal create t --xyzzy c", "unknown flag --xyzzy; see `jiayi deal create --help`"},
        {"deal -x list", "unknown flag -x; see `jiayi deal --help`"},
        {"--customer c deal list", "unknown flag --customer; see `jiayi --help`"},
        {"deal list --version", "unknown flag --version; did you mean --vendor?"},
        {"deal move", "ID is missing; see `jiayi deal move --help`"},
        {"deal move 7", "STAGE is missing; see `jiayi deal move --help`"},
        {"deal move 7 won now", "one word too many: \"now\"; see `jiayi deal move --help`"},
        {"deal move 7 won --reason", "--reason needs a value: TEXT"},
        {"deal move 7 won --reason --version 3", "--reason needs a value: TEXT"},
        {"deal move 7 won --reason a --reason b", "--reason is given twice"},
        {"deal update 7 --no-vendor=yes", "--no-vendor takes no value"},
        {"deal create t --customer c --amount 5",
         "--currency is missing; see `jiayi deal create --help`"},
        {"deal create t --customer c --currency CNY",
         "--amount is missing; see `jiayi deal create --help`"},
        {"role create r", "--grant is missing; see `jiayi role create --help`"},
        {"rate convert CNY", "--amount is missing; see `jiayi rate convert --help`"},
        {"file get", "ID is missing; see `jiayi file get --help`"},
        {"file put", "KIND/ID is missing; see `jiayi file put --help`"},
        {"company switch", "COMPANY is missing; see `jiayi company switch --help`"},
        {"report submit --kind daily --period p --to s --title t",
         "--file or --editor is missing; see `jiayi report submit --help`"},
        {"deal list -o xml", "-o: \"xml\" should be table, json or csv"},
        {"deal list -o", "-o needs a value: table|json|csv"},
        {"deal list --timeout 0",
         "--timeout: 0 is out of range; it may be from 0.001 to 300 seconds"},
        {"deal list --timeout 301",
         "--timeout: 301 is out of range; it may be from 0.001 to 300 seconds"},
        {"deal list --timeout -1", "--timeout: \"-1\" is not a number of seconds such as 2.5"},
        {"deal list --timeout 1e3", "--timeout: \"1e3\" is not a number of seconds such as 2.5"},
        {"deal list --timeout nan", "--timeout: \"nan\" is not a number of seconds such as 2.5"},
        {"deal list --timeout 1.2.3",
         "--timeout: \"1.2.3\" is not a number of seconds such as 2.5"},
        {"deal list --request-id 12", "--request-id should be 32 hexadecimal digits"},
        {"deal list --request-id 0123456789abcdef0123456789abcdeg",
         "--request-id should be 32 hexadecimal digits"},
        {"deal show \xff", "word 3 of the command is not valid UTF-8"},
        {"\xc0\xaf", "word 1 of the command is not valid UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct status e = {0};
        if (line_parse(arena, commands, cases[i].line, &parsed, &e) == 0)
            fail_msg("%s is taken", cases[i].line);
        if (strcmp(e.message, cases[i].message) != 0)
            fail_msg("%s\n  gives %s\n  not   %s", cases[i].line, e.message, cases[i].message);
        assert_int_equal(failure_exit(&e), 2);
    }
}

static void
parse_line_takes_globals_anywhere(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "--profile a -o csv --timeout 0.25 --request-id 00112233445566778899AABBCCDDEEFF deal list",
        "deal --profile=a -ocsv list --timeout=0.25 --request-id=00112233445566778899aabbccddeeff",
        "deal list -o=csv --output csv --request-id 00112233445566778899aabbccddeeff --timeout .25 "
        "--profile a",
    };
    static const uint8_t id[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                   0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct status e = {0};
        assert_int_equal(line_parse(arena, commands, lines[i], &parsed, &e), 0);
        assert_string_equal(parsed.profile, "a");
        assert_int_equal(parsed.output, OUTPUT_CSV);
        assert_int_equal(parsed.timeout_ms, 250);
        assert_true(parsed.has_request_id);
        assert_memory_equal(parsed.request_id, id, sizeof id);
        assert_string_equal(parsed.command->name, "deal list");
    }
}

static void
parse_line_knows_help_at_every_level(void **state)
{
    (void)state;
    struct status e = {0};
    assert_int_equal(line_parse(arena, commands, "--help", &parsed, &e), 0);
    assert_true(parsed.help && !parsed.command && !parsed.noun);
    assert_int_equal(line_parse(arena, commands, "deal -h", &parsed, &e), 0);
    assert_true(parsed.help && !parsed.command);
    assert_string_equal(parsed.noun, "deal");
    /* What is missing does not matter to somebody who asks. */
    assert_int_equal(line_parse(arena, commands, "deal move --help", &parsed, &e), 0);
    assert_true(parsed.help);
    assert_string_equal(parsed.command->name, "deal move");
    assert_int_equal(line_parse(arena, commands, "--version", &parsed, &e), 0);
    assert_true(parsed.version);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parse_line_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(parse_line_takes_globals_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(parse_line_knows_help_at_every_level, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
