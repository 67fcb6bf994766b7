/**
 * Reading and writing the fields of any message through its descriptor.
 *
 * Messages and everything in them live in an arena. A function that allocates returns NULL or -1
 * when the arena is full.
 */
#ifndef JIAYI_COMMON_MESSAGE_H
#define JIAYI_COMMON_MESSAGE_H

#include <stdbool.h>

#include "common/arena.h"
#include "common/schema.h"

/** message_new() - an empty message of type @m. */
ProtobufCMessage *message_new(struct arena *a, const struct schema_message *m);

/**
 * message_unpack() - unpack @size bytes at @data into the arena.
 *
 * Returns NULL with @e set: STATUS_INVALID_ARGUMENT when the bytes are no message of the type,
 * STATUS_RESOURCE_EXHAUSTED when it takes more than the arena may give.
 */
ProtobufCMessage *message_unpack(struct arena *a, const struct schema_message *m,
                                 const uint8_t *data, size_t size, struct status *e) MUST_CHECK;

/** message_has() - true when the field is set; for a repeated one, when it has an element. */
bool message_has(const ProtobufCMessage *message, const struct schema_field *f);

/** message_count() - the number of values: of elements for a repeated field, else 0 or 1. */
size_t message_count(const ProtobufCMessage *message, const struct schema_field *f);

/**
 * message_value() - a pointer to the @index-th value of a field (0 for one that is not repeated),
 * by type a `const int64_t *`, `char *const *`, `ProtobufCMessage *const *` and so on. The field
 * must have it.
 */
const void *message_value(const ProtobufCMessage *message, const struct schema_field *f,
                          size_t index);

/** message_string() - the value of a string field, or NULL when it is not set. */
const char *message_string(const ProtobufCMessage *message, const struct schema_field *f);

/** message_integer() - the value of an integer, bool or enum field; 0 when it is not set. */
int64_t message_integer(const ProtobufCMessage *message, const struct schema_field *f,
                        size_t index);

/** message_named_string() - of the field of this name; NULL where it is not set, or none. */
const char *message_named_string(const ProtobufCMessage *message, const char *name);

/** message_named_integer() - of the field of this name; 0 where it is not set, or none. */
int64_t message_named_integer(const ProtobufCMessage *message, const char *name);

/** message_text() - a string or integer field as text, for messages; NULL when it is not set. */
const char *message_text(struct arena *a, const ProtobufCMessage *message,
                         const struct schema_field *f);

/** message_child() - the value of a message field, or NULL when it is not set. */
ProtobufCMessage *message_child(const ProtobufCMessage *message, const struct schema_field *f);

/**
 * message_need_child() - as message_child(), made and set when it is not there; NULL when the arena
 * is full.
 */
ProtobufCMessage *message_need_child(struct arena *a, ProtobufCMessage *message,
                                     const struct schema_field *f);

/**
 * message_put() - set a field, or append to it when it is repeated.
 * A repeated field is appended to only in messages that message_new() made.
 *
 * @value: a pointer to a value of the field's type, as message_value() gives it; not copied further
 *
 * Returns 0, or -1 when the arena is full.
 */
int message_put(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
                const void *value) MUST_CHECK;

/** message_put_integer() - message_put() of a number for any integer, bool or enum type. */
int message_put_integer(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
                        int64_t value) MUST_CHECK;

/** message_put_string() - message_put() of a copy of the @size bytes at @s. */
int message_put_string(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
                       const char *s, size_t size) MUST_CHECK;

#endif
