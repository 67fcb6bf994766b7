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

#include "client/handmade.h"
#include "client/help.h"
#include "client/request.h"
#include "common/json.h"

enum { MAX_WORDS = 32 };

static struct client client;

static int
setup(void **state)
{
    (void)state;
    client = (struct client){.arena = arena_new(16 << 20), .schema = schema_embedded()};
    client.commands = command_list(client.arena, client.schema, handmade_commands);
    return client.commands ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(client.arena);
    return 0;
}

/** Parses the line, split at its spaces. */
static int
parse(const char *line, struct status *e)
{
    char *words[MAX_WORDS], *copy = arena_copy(client.arena, line, strlen(line));
    int n = 0;
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        assert_true(n < MAX_WORDS);
        words[n++] = word;
    }
    /* The result points into argv, so it must live on. */
    char **argv = arena_alloc(client.arena, MAX_WORDS * sizeof *argv);
    memcpy(argv, words, (size_t)n * sizeof *argv);
    return parse_line(client.arena, client.commands, n, argv, &client.parsed, e);
}

/** A command line becomes the request message, shown as JSON. */
static void
parse_line_makes_requests(void **state)
{
    (void)state;
    static const struct {
        const char *line, *method, *json;
    } cases[] = {
        {"deal show 7", "DealService/GetDeal", "{\"deal_id\":\"7\"}"},
        {"deal show -7", "DealService/GetDeal", "{\"deal_id\":\"-7\"}"},
        {"deal show -- 7", "DealService/GetDeal", "{\"deal_id\":\"7\"}"},
        {"deal move 7 lost --reason price", "DealService/MoveDeal",
         "{\"deal_id\":\"7\",\"stage\":\"lost\",\"reason\":\"price\"}"},
        {"deal move --reason=a=b 7 --version 3 lost", "DealService/MoveDeal",
         "{\"deal_id\":\"7\",\"stage\":\"lost\",\"reason\":\"a=b\",\"version\":3}"},
        {"deal move 7 lost --reason -5%", "DealService/MoveDeal",
         "{\"deal_id\":\"7\",\"stage\":\"lost\",\"reason\":\"-5%\"}"},
        {"deal move 7 lost --reason=--version", "DealService/MoveDeal",
         "{\"deal_id\":\"7\",\"stage\":\"lost\",\"reason\":\"--version\"}"},
        {"deal move 7 lost --reason --odd", "DealService/MoveDeal",
         "{\"deal_id\":\"7\",\"stage\":\"lost\",\"reason\":\"--odd\"}"},
        {"deal move --reason= 7 lost", "DealService/MoveDeal",
         "{\"deal_id\":\"7\",\"stage\":\"lost\",\"reason\":\"\"}"},
        {"deal create 甲乙 --customer c --amount 120000.50 --currency CNY",
         "DealService/CreateDeal",
         "{\"title\":\"甲乙\",\"customer\":\"c\",\"amount\":{\"amount\":\"120000.50\",\"currency\":"
         "\"CNY\"}}"},
        {"deal create -- --odd", "", "--customer is missing; see `jiayi deal create --help`"},
        {"deal update 7 --no-vendor", "DealService/UpdateDeal",
         "{\"deal_id\":\"7\",\"no_vendor\":true}"},
        {"deal update 7 --no-vendor=false", "DealService/UpdateDeal",
         "{\"deal_id\":\"7\",\"no_vendor\":false}"},
        {"deal update 7 --version 2147483647", "DealService/UpdateDeal",
         "{\"deal_id\":\"7\",\"version\":2147483647}"},
        {"role create r --grant a:b c:d --grant e:f", "RoleService/CreateRole",
         "{\"role\":\"r\",\"grants\":[\"a:b\",\"c:d\",\"e:f\"]}"},
        {"role create --grant a:b -- r c:d", "RoleService/CreateRole",
         "{\"role\":\"r\",\"grants\":[\"a:b\",\"c:d\"]}"},
        {"member set-manager a@b.example m@b.example", "MemberService/SetMemberManager",
         "{\"email\":\"a@b.example\",\"manager\":\"m@b.example\"}"},
        {"member set-manager a@b.example --none", "MemberService/SetMemberManager",
         "{\"email\":\"a@b.example\",\"none\":true}"},
        {"audit list --object deal --id 7", "AuditService/ListAuditEntries",
         "{\"object\":\"deal\",\"object_id\":\"7\"}"},
        {"report submit --kind daily --period p --to s --title t --file f --deal 4",
         "ReportService/SubmitReport",
         "{\"kind\":\"daily\",\"period\":\"p\",\"to\":\"s\",\"title\":\"t\",\"deal_id\":\"4\"}"},
        {"--profile a -o json deal --timeout 3 list --page-size 5", "DealService/ListDeals",
         "{\"page_size\":5}"},
        {"whoami", "AuthService/WhoAmI", "{}"},
        /* The server, not the client, knows the choices. */
        {"deal log 7 --kind nosuch --text t", "DealService/LogActivity",
         "{\"deal_id\":\"7\",\"kind\":\"nosuch\",\"text\":\"t\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct status e = {0};
        ProtobufCMessage *request =
            parse(cases[i].line, &e) == 0 ? request_make(&client, &e) : NULL;
        const char *got =
            request ? json_print(client.arena, request, JSON_ONE_LINE, &e) : e.message;
        if (strcmp(got, cases[i].json) != 0)
            fail_msg("%s\n  gives %s\n  not   %s", cases[i].line, got, cases[i].json);
        if (request)
            assert_string_equal(client.parsed.command->method->short_name, cases[i].method);
        else
            assert_int_equal(failure_exit(&e), 2);
    }
}

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
        {"report submit --kind daily --period p --to s --title t",
         "--file or --editor is missing; see `jiayi report submit --help`"},
        {"deal show abc", "ID: not a whole number"},
        {"deal show 9223372036854775808", "ID: the number is out of range; it may be from "
                                          "-9223372036854775808 to 9223372036854775807"},
        {"deal update 7 --version 2147483648",
         "--version: the number is out of range; it may be from -2147483648 to 2147483647"},
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
        ProtobufCMessage *request =
            parse(cases[i].line, &e) == 0 ? request_make(&client, &e) : NULL;
        if (request)
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
        assert_int_equal(parse(lines[i], &e), 0);
        assert_string_equal(client.parsed.profile, "a");
        assert_int_equal(client.parsed.output, OUTPUT_CSV);
        assert_int_equal(client.parsed.timeout_ms, 250);
        assert_true(client.parsed.has_request_id);
        assert_memory_equal(client.parsed.request_id, id, sizeof id);
        assert_string_equal(client.parsed.command->name, "deal list");
    }
}

static void
parse_line_knows_help_at_every_level(void **state)
{
    (void)state;
    struct status e = {0};
    assert_int_equal(parse("--help", &e), 0);
    assert_true(client.parsed.help && !client.parsed.command && !client.parsed.noun);
    assert_int_equal(parse("deal -h", &e), 0);
    assert_true(client.parsed.help && !client.parsed.command);
    assert_string_equal(client.parsed.noun, "deal");
    /* What is missing does not matter to somebody who asks. */
    assert_int_equal(parse("deal move --help", &e), 0);
    assert_true(client.parsed.help);
    assert_string_equal(client.parsed.command->name, "deal move");
    assert_int_equal(parse("--version", &e), 0);
    assert_true(client.parsed.version);
}

/** The words and flags that scripts rely on, as the help shows them. */
static void
command_list_has_the_commands(void **state)
{
    (void)state;
    static const struct {
        const char *name, *usage;
    } cases[] = {
        {"login", "login [--server HOST:PORT] [--ca FILE] [--user EMAIL] [--password-file FILE|-] "
                  "[--company SLUG]"},
        {"passwd", "passwd [--old-password-file FILE|-] [--new-password-file FILE|-]"},
        {"session revoke", "session revoke ID"},
        {"company create",
         "company create SLUG --name TEXT --admin EMAIL [--admin-password-file FILE|-] "
         "[--admin-name TEXT]"},
        {"deal move", "deal move ID STAGE [--reason TEXT] [--version N]"},
        {"role create", "role create ROLE --grant PERMISSION:SCOPE ..."},
        {"role grant", "role grant ROLE PERMISSION:SCOPE"},
        {"role revoke", "role revoke ROLE PERMISSION"},
        {"kpi define",
         "kpi define CODE --name TEXT --unit TEXT --period day|week|month|quarter|year "
         "[--direction up|down]"},
        {"report resubmit", "report resubmit ID (--file FILE|- | --editor) [--title TEXT]"},
        {"report accept", "report accept ID [--comment TEXT]"},
        {"api call", "api call METHOD [JSON|-] [--server HOST:PORT] [--ca FILE]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct command *c = command_find(client.commands, cases[i].name);
        assert_non_null(c);
        assert_string_equal(help_usage(client.arena, c), cases[i].usage);
    }
}

/** Every method with a command has a command, and no name is there twice. */
static void
command_list_is_the_schema(void **state)
{
    (void)state;
    for (size_t i = 0; i < client.schema->n_methods; i++) {
        const char *name = client.schema->methods[i].option->command;
        if (name && !command_find(client.commands, name))
            fail_msg("%s has no command %s", client.schema->methods[i].name, name);
    }
    for (size_t i = 1; i < client.commands->n; i++)
        assert_true(strcmp(client.commands->all[i - 1].name, client.commands->all[i].name) < 0);
}

/** No flag of a command hides another one, nor a global one that is needed with it. */
static void
command_flags_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < client.commands->n; i++) {
        const struct command *c = &client.commands->all[i];
        for (size_t k = 0; k < c->n_arguments; k++) {
            assert_int_equal(command_index(c, c->arguments[k].name), k);
            for (size_t g = 0; g < parse_n_globals; g++)
                if (strcmp(parse_globals[g].name, c->arguments[k].name) == 0 &&
                    strcmp(parse_globals[g].name, "version") != 0)
                    fail_msg("%s has a flag of its own --%s", c->name, c->arguments[k].name);
        }
    }
}

static void
command_nearest_finds_what_was_meant(void **state)
{
    (void)state;
    static const char *const names[] = {"customer", "currency", "amount", "owner"};
    assert_string_equal(command_nearest("custmer", names, 4), "customer");
    assert_string_equal(command_nearest("cusotmer", names, 4), "customer");
    assert_string_equal(command_nearest("cur", names, 4), "currency");
    assert_string_equal(command_nearest("ammount", names, 4), "amount");
    assert_null(command_nearest("zzz", names, 4));
    assert_null(command_nearest("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                                names, 4));
}

static void
help_rule_names_flags(void **state)
{
    (void)state;
    const struct command *c = command_find(client.commands, "kpi target");
    assert_string_equal(help_rule(client.arena, c, 0), "Exactly one of: --member, --vendor");
    assert_null(help_rule(client.arena, c, 1));
    c = command_find(client.commands, "audit list");
    assert_string_equal(help_rule(client.arena, c, 0), "All of them or none: --object, --id");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parse_line_makes_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(parse_line_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(parse_line_takes_globals_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(parse_line_knows_help_at_every_level, setup, teardown),
        cmocka_unit_test_setup_teardown(command_list_has_the_commands, setup, teardown),
        cmocka_unit_test_setup_teardown(command_list_is_the_schema, setup, teardown),
        cmocka_unit_test_setup_teardown(command_flags_are_unique, setup, teardown),
        cmocka_unit_test_setup_teardown(command_nearest_finds_what_was_meant, setup, teardown),
        cmocka_unit_test_setup_teardown(help_rule_names_flags, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
