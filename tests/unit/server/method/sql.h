/**
 * What tests of methods' SQL begin with: an arena, a status, and the types of the schema.
 */
#ifndef JIAYI_TESTS_UNIT_SERVER_METHOD_SQL_H
#define JIAYI_TESTS_UNIT_SERVER_METHOD_SQL_H

#include "server/method/statement.h"

static struct arena *arena;
static struct status e;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    memset(&e, 0, sizeof e);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct schema_message *
type(const char *name)
{
    const struct schema_message *m = schema_find_message(schema_embedded(), name);
    assert_non_null(m);
    return m;
}

#endif
