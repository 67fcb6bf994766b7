/**
 * The schema at run time: services, methods, messages and fields with their options and comments,
 * built from a FileDescriptorSet - the one embedded in the program, or the one that a server sends.
 *
 * Messages are protobuf-c messages; the descriptors are made here instead of by protoc-c, so that
 * one piece of code serves every method, compiled in or not. The layout of a message in memory is
 * the one that protoc-c gives its struct, so that native methods may use the generated types.
 */
#ifndef JIAYI_COMMON_SCHEMA_H
#define JIAYI_COMMON_SCHEMA_H

#include <protobuf-c/protobuf-c.h>

#include "common/status.h"
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
    /** The method that its option `read` names; NULL where there is none, or it answers others. */
    const struct schema_method *read;
};

/** A method of a service. */
struct schema_method {
    /** In full: "jiayi.v1.DealService/MoveDeal". */
    const char *name;
    /** Without the package: "DealService/MoveDeal". */
    const char *short_name;
    /** Its options; never NULL. */
    const Jiayi__V1__MethodOption *option;
    /** The comment before it, on one line. */
    const char *comment;
    /** The request's and the response's type. */
    const struct schema_message *in, *out;
};

/** A whole schema. Read-only once loaded, so that any thread may use it. */
struct schema {
    /** All methods, sorted by name. */
    const struct schema_method *methods;
    size_t n_methods;
    /** All messages, sorted by name. */
    const struct schema_message *const *messages;
    size_t n_messages;
    /** The descriptor set that it was made from, owned by the schema. */
    const uint8_t *set;
    size_t set_size;
};

/**
 * schema_load() - make a schema of the packed FileDescriptorSet @set.
 *
 * Returns it, or NULL with @e set when the set is malformed or uses what the runtime does not
 * support (oneof, groups, recursive messages).
 */
struct schema *schema_load(const uint8_t *set, size_t size, struct status *e) MUST_CHECK;

/**
 * schema_embedded() - the program's own schema, made at the first call. Ends the program where that
 * fails.
 */
const struct schema *schema_embedded(void);

/** schema_free() - free @s. NULL is allowed. */
void schema_free(struct schema *s);

/** schema_find_method() - the method of that name (in full, or without the package), or NULL. */
const struct schema_method *schema_find_method(const struct schema *s, const char *name);

/** schema_find_message() - the message type of that full name, or NULL. */
const struct schema_message *schema_find_message(const struct schema *s, const char *name);

/** schema_find_field() - the field of @m of that name, or NULL. */
const struct schema_field *schema_find_field(const struct schema_message *m, const char *name);

/** schema_field_at() - the field of @m declared at @position, from 0; NULL past the last. */
const struct schema_field *schema_field_at(const struct schema_message *m, unsigned position);

/** schema_of() - the type of a message that was made with this module's descriptors. */
const struct schema_message *schema_of(const ProtobufCMessage *message);

/** schema_is_timestamp() - true for google.protobuf.Timestamp; false for NULL. */
int schema_is_timestamp(const struct schema_message *m);

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
