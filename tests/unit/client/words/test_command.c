/**
 * Commands: made of the schema, found by name, guessed where they are misspelt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/output/print.h"
#include "client/words/parse.h"
#include "tests/unit/client/commands.h"

/** Every method with a command has a command, and no name is there twice. */
static void
command_list_is_the_schema(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_embedded()->n_methods; i++) {
        const char *name = schema_embedded()->methods[i].option->command;
        if (name && !command_find(commands, name))
            fail_msg("%s has no command %s", schema_embedded()->methods[i].name, name);
    }
    for (size_t i = 1; i < commands->n; i++)
        assert_true(strcmp(commands->all[i - 1].name, commands->all[i].name) < 0);
}

/** No flag of a command hides another one, nor a global one that is needed with it. */
static void
command_flags_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < commands->n; i++) {
        const struct command *c = command_open(commands, &commands->all[i]);
        for (size_t k = 0; k < c->n_arguments; k++) {
            assert_int_equal(command_index(c, c->arguments[k].name), k);
            for (size_t g = 0; g < parse_n_globals; g++)
                if (strcmp(parse_globals[g].name, c->arguments[k].name) == 0 &&
                    strcmp(parse_globals[g].name, "version") != 0)
                    fail_msg("%s has a flag of its own --%s", c->name, c->arguments[k].name);
        }
    }
}

/** How many methods offer what is called so; each without a request, and with fields that it has. */
static int
count_offers(const char *of)
{
    const struct schema *s = schema_embedded();
    int n = 0;
    for (size_t i = 0; i < s->n_methods; i++) {
        const struct schema_method *m = &s->methods[i];
        for (size_t k = 0; k < m->option->n_offers; k++) {
            const Jiayi__V1__Offer *offer = m->option->offers[k];
            const struct schema_field *list = print_list_field(m->out);
            const struct schema_message *row = list ? list->message : m->out;
            if (strcmp(offer->of, of) != 0)
                continue;
            n++;
            for (unsigned f = 0; f < m->in->pb.n_fields; f++)
                assert_false(m->in->fields[f].option->required);
            assert_non_null(schema_find_field(row, offer->value));
            if (offer->label)
                assert_non_null(schema_find_field(row, offer->label));
        }
    }
    return n;
}

/** What a field refers to can be had, and is there once. */
static void
command_refers_to_what_is_offered(void **state)
{
    (void)state;
    const struct schema *s = schema_embedded();
    size_t n = 0;
    for (size_t i = 0; i < s->n_messages; i++)
        for (unsigned f = 0; f < s->messages[i]->pb.n_fields; f++) {
            const char *refers = s->messages[i]->fields[f].option->refers;
            if (refers && count_offers(refers) != 1)
                fail_msg("%s refers to %s", s->messages[i]->pb.name, refers);
            n += refers != NULL;
        }
    assert_true(n > 20);
}

/** True for an address of who is no member yet, signs in, or is what the row is about. */
static bool
is_no_reference(const char *message, const char *field)
{
    static const char *const all[][2] = {
        {"AddContactRequest", "email"},
        {"ContactRow", "email"},
        {"AddMemberRequest", "email"},
        {"Contact", "email"},
        {"CreateCompanyRequest", "admin"},
        {"LinkCompanyRequest", "email"},
        {"Member", "email"},
        {"NewMember", "email"},
        {"SignInRequest", "email"},
        {"SignInResponse", "email"},
        {"SignInResponse", "password_set_by"},
        {"UpdateContactRequest", "email"},
        {"UpdateMemberRequest", "new_email"},
        {"WhoAmIResponse", "email"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i][0], message) == 0 && strcmp(all[i][1], field) == 0)
            return true;
    return false;
}

/** Cases 44 and 47: people are completed, taken and shown by their names wherever they are meant. */
static void
command_addresses_refer_to_members(void **state)
{
    (void)state;
    const struct schema *s = schema_embedded();
    for (size_t i = 0; i < s->n_messages; i++)
        for (unsigned f = 0; f < s->messages[i]->pb.n_fields; f++) {
            const struct schema_field *field = &s->messages[i]->fields[f];
            const char *message = s->messages[i]->pb.short_name, *refers = field->option->refers;
            bool is_address = field->option->format == JIAYI__V1__FORMAT__EMAIL;
            if (is_address && !is_no_reference(message, field->pb->name) &&
                (!refers || strcmp(refers, "member") != 0))
                fail_msg("%s.%s refers to no member", message, field->pb->name);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(command_list_is_the_schema, setup, teardown),
        cmocka_unit_test_setup_teardown(command_flags_are_unique, setup, teardown),
        cmocka_unit_test_setup_teardown(command_refers_to_what_is_offered, setup, teardown),
        cmocka_unit_test_setup_teardown(command_addresses_refer_to_members, setup, teardown),
        cmocka_unit_test_setup_teardown(command_nearest_finds_what_was_meant, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
