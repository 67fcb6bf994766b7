#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/backup/shape.h"

static const char wanted[] = "-- Dumped by pg_dump version 15.4\n"
                             "\\restrict aaaa\n"
                             "CREATE TABLE jiayi.deal (\n"
                             "    id bigint\n"
                             ");\n"
                             "-- Name: deal\n"
                             "casts: 220\n";

static const char *
difference(const char *there)
{
    static struct status e;
    e = (struct status){0};
    return shape_compare(there, wanted, &e) == 0 ? NULL : e.message;
}

static void
test_shape_is_the_same(void **state)
{
    (void)state;
    assert_null(difference(wanted));
    assert_null(difference("\\restrict b\n\nCREATE TABLE jiayi.deal (\n    id bigint\n);\n"
                           "-- Name: deal\ncasts: 220\n\\unrestrict b\n"));
}

static void
test_shape_names_what_differs(void **state)
{
    (void)state;
    assert_string_equal(difference("CREATE TABLE jiayi.deal (\n    id bigint CHECK (evil())\n);\n"
                                   "-- Name: deal\ncasts: 220\n"),
                        "there is:     id bigint CHECK (evil())");
    assert_string_equal(difference("CREATE TABLE jiayi.deal (\n    id bigint\n);\n-- Name: deal\n"),
                        "there is no longer: casts: 220");
    assert_string_equal(difference("CREATE TABLE jiayi.deal (\n    id bigint\n);\n-- Name: deal\n"
                                   "casts: 220\nCREATE FUNCTION evil\n"),
                        "there is: CREATE FUNCTION evil");
    /* What is a comment in a dump may be code where it stands in a function. */
    assert_string_equal(difference("CREATE TABLE jiayi.deal (\n    id bigint\n);\n-- Name: evil\n"),
                        "there is: -- Name: evil");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape_is_the_same),
        cmocka_unit_test(test_shape_names_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
