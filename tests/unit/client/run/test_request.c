/**
 * Requests: what the words of a command line become.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/handmade/handmade.h"
#include "client/run/request.h"
#include "common/json.h"
#include "tests/unit/client/line.h"

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

/** A command line becomes the request message, shown as JSON. */
static void
request_make_takes_what_the_words_say(void **state)
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
         "\"CNY\"},\"tags\":[]}"},
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
         "{\"page_size\":5,\"tags\":[]}"},
        {"whoami", "AuthService/WhoAmI", "{}"},
        /* The server, not the client, knows the choices. */
        {"deal log 7 --kind nosuch --text t", "DealService/LogActivity",
         "{\"deal_id\":\"7\",\"kind\":\"nosuch\",\"text\":\"t\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct status e = {0};
        ProtobufCMessage *request =
            line_parse(client.arena, client.commands, cases[i].line, &client.parsed, &e) == 0
                ? request_make(&client, &e)
                : NULL;
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
request_make_refuses_values(void **state)
{
    (void)state;
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"deal show abc", "ID: not a whole number"},
        {"deal show 9223372036854775808", "ID: the number is out of range; it may be from "
                                          "-9223372036854775808 to 9223372036854775807"},
        {"deal update 7 --version 2147483648",
         "--version: the number is out of range; it may be from -2147483648 to 2147483647"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct status e = {0};
        assert_int_equal(line_parse(client.arena, client.commands, cases[i].line, &client.parsed,
                                    &e),
                         0);
        assert_null(request_make(&client, &e));
        assert_string_equal(e.message, cases[i].message);
        assert_int_equal(failure_exit(&e), 2);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(request_make_takes_what_the_words_say, setup, teardown),
        cmocka_unit_test_setup_teardown(request_make_refuses_values, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
