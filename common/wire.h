/**
 * A look at a packed message before it is unpacked: what protobuf-c does not check.
 */
#ifndef JIAYI_COMMON_WIRE_H
#define JIAYI_COMMON_WIRE_H

#include "common/schema.h"

/**
 * wire_check() - check that the @size bytes at @data can be unpacked as @m without loss.
 *
 * protobuf-c turns strings into C strings and trusts their bytes; so every string, at any depth,
 * must be valid UTF-8 without NUL. Lengths must stay inside the message, and messages in messages
 * come to an end. Fields that the type does not have are passed over, for a newer peer may know
 * more.
 *
 * Returns 0, or -1 with @e set (STATUS_INVALID_ARGUMENT) naming the field.
 */
int wire_check(const struct schema_message *m, const uint8_t *data, size_t size,
               struct status *e) MUST_CHECK;

#endif
