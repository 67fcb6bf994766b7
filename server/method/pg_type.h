/**
 * PostgreSQL's types: those that parameters and columns of a method's SQL may have, and which
 * fields they fill.
 */
#ifndef JIAYI_SERVER_METHOD_PG_TYPE_H
#define JIAYI_SERVER_METHOD_PG_TYPE_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "common/schema.h"

/** Built-in types, as pg_type.dat numbers them. */
enum {
    PG_TYPE_BOOL = 16,
    PG_TYPE_BYTEA = 17,
    PG_TYPE_NAME = 19,
    PG_TYPE_INT8 = 20,
    PG_TYPE_INT2 = 21,
    PG_TYPE_INT4 = 23,
    PG_TYPE_TEXT = 25,
    PG_TYPE_FLOAT8 = 701,
    PG_TYPE_TEXT_ARRAY = 1009,
    PG_TYPE_VARCHAR = 1043,
    PG_TYPE_DATE = 1082,
    PG_TYPE_TIMESTAMPTZ = 1184,
    PG_TYPE_RECORD = 2249,
    PG_TYPE_JSONB = 3802,
};

/** pg_type_fits() - true when a column of the type can fill the field. */
bool pg_type_fits(Oid type, const struct schema_field *f);

/** pg_type_bytes() - how long a value is in binary form; 0 where one may be longer than another. */
int pg_type_bytes(Oid type);

/** pg_type_name() - the type's name in SQL; for one that no field has, what to do about it. */
const char *pg_type_name(Oid type);

#endif
