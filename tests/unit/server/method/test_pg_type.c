/* Which of PostgreSQL's types fill which fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/method/pg_type.h"

static const struct schema_message *
type(const char *name)
{
    const struct schema_message *m = schema_find_message(schema_embedded(), name);
    assert_non_null(m);
    return m;
}

static void
pg_type_fits_compares_with_the_field(void **state)
{
    (void)state;
    static const struct {
        Oid type;
        const char *message, *field;
        bool fits;
    } cases[] = {
        {PG_TYPE_INT8, "Deal", "id", true},
        {PG_TYPE_INT4, "Deal", "id", true},
        {PG_TYPE_INT4, "Deal", "version", true},
        {PG_TYPE_INT2, "Deal", "version", true},
        {PG_TYPE_INT8, "Deal", "version", false}, /* would be cut off */
        {PG_TYPE_INT8, "Deal", "title", false},
        {PG_TYPE_TEXT, "Deal", "title", true},
        {PG_TYPE_VARCHAR, "Deal", "title", true},
        {PG_TYPE_NAME, "Deal", "title", true},
        {PG_TYPE_DATE, "Deal", "title", true},
        {PG_TYPE_BYTEA, "Deal", "title", false},
        {PG_TYPE_TEXT, "Deal", "id", false},
        {PG_TYPE_TIMESTAMPTZ, "Deal", "created_at", true},
        {PG_TYPE_TIMESTAMPTZ, "Deal", "amount", false},
        {PG_TYPE_TEXT, "Deal", "created_at", false},
        {PG_TYPE_JSONB, "Deal", "activities", true},
        {PG_TYPE_JSONB, "Deal", "amount", false},
        {PG_TYPE_TEXT_ARRAY, "Role", "permissions", true},
        {PG_TYPE_TEXT_ARRAY, "Role", "name", false},
        {PG_TYPE_TEXT, "Role", "permissions", false},
        {PG_TYPE_BOOL, "Role", "builtin", true},
        {PG_TYPE_BOOL, "Role", "members", false},
        {PG_TYPE_BYTEA, "GetSchemaResponse", "file_descriptor_set", true},
        {PG_TYPE_FLOAT8, "Deal", "id", false},
        {1700, "Deal", "title", false}, /* numeric */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[64];
        snprintf(name, sizeof name, "jiayi.v1.%s", cases[i].message);
        const struct schema_field *f = schema_find_field(type(name), cases[i].field);
        assert_non_null(f);
        if (pg_type_fits(cases[i].type, f) != cases[i].fits)
            fail_msg("%s and %s.%s", pg_type_name(cases[i].type), cases[i].message, cases[i].field);
    }
}

static void
pg_type_name_is_what_sql_says(void **state)
{
    (void)state;
    assert_string_equal(pg_type_name(PG_TYPE_TEXT_ARRAY), "text[]");
    assert_string_equal(pg_type_name(PG_TYPE_VARCHAR), "varchar");
    assert_non_null(strstr(pg_type_name(1700), "cast it to text"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pg_type_fits_compares_with_the_field),
        cmocka_unit_test(pg_type_name_is_what_sql_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
