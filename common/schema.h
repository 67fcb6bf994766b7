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

#include "common/schema_message.h"
#include "common/status.h"

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
    /** It answers a stream of these. */
    bool is_stream;
    /** Where it was declared; the schema's own. */
    const struct schema_origin *origin;
};

/** A schema. A whole one is read-only once loaded, so that any thread may use it. */
struct schema {
    /** All methods, sorted by name; of a brief schema schema_open() makes comment, in and out. */
    const struct schema_method *methods;
    size_t n_methods;
    /** All messages, sorted by name; of a brief schema those that are made. */
    const struct schema_message *const *messages;
    size_t n_messages;
    /** The descriptor set that it was made from; lasts as long as the schema. */
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

/**
 * schema_brief() - a schema of the program's own whose methods are known by name and option alone:
 * who runs one command needs a few types, and should not wait for all.
 *
 * What is asked for is made then, by schema_open(), schema_find_method() and schema_find_message():
 * so one thread has it for itself. Ends the program where there is no memory. Never freed.
 */
const struct schema *schema_brief(void);

/** schema_open() - complete the method @m of @s, unless it is: comment, in and out. */
void schema_open(const struct schema *s, const struct schema_method *m);

/** schema_head() - the comment at the head of the file that declares @m, on one line. */
const char *schema_head(const struct schema *s, const struct schema_method *m);

/** schema_free() - free @s. NULL is allowed. */
void schema_free(struct schema *s);

/** schema_find_method() - the method of that name (in full or without package), opened; or NULL. */
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

#endif
