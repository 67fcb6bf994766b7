/* Outcomes: codes, one-line messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_codes_are_the_schemas),
        cmocka_unit_test(status_set_makes_one_line),
        cmocka_unit_test(status_set_cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
