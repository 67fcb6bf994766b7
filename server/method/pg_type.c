#include "server/method/pg_type.h"

static bool
is_integer_field(const struct schema_field *f)
{
    ProtobufCType type = f->pb->type;
    return type == PROTOBUF_C_TYPE_INT32 || type == PROTOBUF_C_TYPE_INT64 ||
           type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_UINT64 ||
           type == PROTOBUF_C_TYPE_ENUM;
}

bool
pg_type_fits(Oid type, const struct schema_field *f)
{
    bool repeated = f->pb->label == PROTOBUF_C_LABEL_REPEATED;
    switch (type) {
    case PG_TYPE_TEXT_ARRAY: return repeated && f->pb->type == PROTOBUF_C_TYPE_STRING;
    case PG_TYPE_JSONB: return repeated && f->message;
    case PG_TYPE_INT2:
    case PG_TYPE_INT4: return !repeated && is_integer_field(f);
    case PG_TYPE_INT8:
        return !repeated && is_integer_field(f) && f->pb->type != PROTOBUF_C_TYPE_INT32;
    case PG_TYPE_BOOL: return !repeated && f->pb->type == PROTOBUF_C_TYPE_BOOL;
    case PG_TYPE_TEXT:
    case PG_TYPE_VARCHAR:
    case PG_TYPE_NAME:
    case PG_TYPE_DATE: return !repeated && f->pb->type == PROTOBUF_C_TYPE_STRING;
    case PG_TYPE_BYTEA: return !repeated && f->pb->type == PROTOBUF_C_TYPE_BYTES;
    case PG_TYPE_FLOAT8: return !repeated && f->pb->type == PROTOBUF_C_TYPE_DOUBLE;
    case PG_TYPE_TIMESTAMPTZ: return !repeated && f->message && schema_is_timestamp(f->message);
    default: return false;
    }
}

int
pg_type_bytes(Oid type)
{
    switch (type) {
    case PG_TYPE_BOOL: return 1;
    case PG_TYPE_INT2: return 2;
    case PG_TYPE_INT4:
    case PG_TYPE_DATE: return 4;
    case PG_TYPE_INT8:
    case PG_TYPE_FLOAT8:
    case PG_TYPE_TIMESTAMPTZ: return 8;
    default: return 0;
    }
}

const char *
pg_type_name(Oid type)
{
    switch (type) {
    case PG_TYPE_BOOL: return "bool";
    case PG_TYPE_BYTEA: return "bytea";
    case PG_TYPE_NAME: return "name";
    case PG_TYPE_INT8: return "int8";
    case PG_TYPE_INT2: return "int2";
    case PG_TYPE_INT4: return "int4";
    case PG_TYPE_TEXT: return "text";
    case PG_TYPE_VARCHAR: return "varchar";
    case PG_TYPE_FLOAT8: return "float8";
    case PG_TYPE_TEXT_ARRAY: return "text[]";
    case PG_TYPE_DATE: return "date";
    case PG_TYPE_TIMESTAMPTZ: return "timestamptz";
    case PG_TYPE_JSONB: return "jsonb";
    default: return "a type without a field type; cast it to text";
    }
}
