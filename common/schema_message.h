/**
 * Types of messages at run time, with their options and comments.
 */
#ifndef JIAYI_COMMON_SCHEMA_MESSAGE_H
#define JIAYI_COMMON_SCHEMA_MESSAGE_H

#include <protobuf-c/protobuf-c.h>

#include "jiayi/v1/options.pb-c.h"

/** A field of a message. */
struct schema_field {
    /** protobuf-c's view: name, number, type, label, offsets. */
    const ProtobufCFieldDescriptor *pb;
    /** Its options; never NULL, for a field without any those of an empty FieldOption. */
    const Jiayi__V1__FieldOption *option;
    /** The comment before it in the .proto, on one line; "" when there is none. */
    const char *comment;
    /** The type of a message field, else NULL. */
    const struct schema_message *message;
    /** Where it was declared: the order within its message, from 0. */
    unsigned position;
    /** In the place of its index: the index of the field that was declared there. */
    unsigned declared;
};

/** A type of message. */
struct schema_message {
    /** protobuf-c's view; pb.name is the full name, such as "jiayi.v1.Deal". */
    ProtobufCMessageDescriptor pb;
    /** pb.n_fields fields, in the order of pb.fields (by number). */
    const struct schema_field *fields;
    /** Its options; never NULL. */
    const Jiayi__V1__MessageOption *option;
    /** The comment before it, on one line. */
    const char *comment;
    /**
     * The method that its option `read` names; NULL where there is none, or it answers others. Of a
     * brief schema to be opened.
     */
    const struct schema_method *read;
};

/**
 * schema_value_size() - the size in memory of one value of a field's type. Asked for every value of
 * every row.
 */
static inline size_t
schema_value_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM: return sizeof(int32_t);
    case PROTOBUF_C_TYPE_BOOL: return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE: return sizeof(void *);
    default: return sizeof(int64_t);
    }
}

#endif
