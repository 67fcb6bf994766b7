/**
 * A record as PostgreSQL sends it, put together for tests: server/method/record.h.
 */
#ifndef JIAYI_TESTS_UNIT_SERVER_METHOD_RECORD_TEXT_H
#define JIAYI_TESTS_UNIT_SERVER_METHOD_RECORD_TEXT_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "server/method/pg_type.h"

struct record_text {
    char at[512];
    int n;
};

static inline void
record_text_number(struct record_text *r, uint32_t number)
{
    number = htobe32(number);
    memcpy(r->at + r->n, &number, 4);
    r->n += 4;
}

/** A record that says that it has @n columns. */
static inline void
record_text_begin(struct record_text *r, int n)
{
    r->n = 0;
    record_text_number(r, (uint32_t)n);
}

/** A column more; length -1: NULL. */
static inline void
record_text_add(struct record_text *r, Oid type, const void *value, int length)
{
    record_text_number(r, type);
    record_text_number(r, (uint32_t)length);
    if (length > 0) {
        memcpy(r->at + r->n, value, (size_t)length);
        r->n += length;
    }
}

/** A result of one row, which is the record. */
static inline PGresult *
record_text_result(const struct record_text *r)
{
    PGresAttDesc column = {.name = (char *)"answer", .typid = PG_TYPE_RECORD, .format = 1};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    assert_int_equal(PQsetResultAttrs(result, 1, &column), 1);
    assert_int_equal(PQsetvalue(result, 0, 0, (char *)r->at, r->n), 1);
    return result;
}

#endif
