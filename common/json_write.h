/**
 * Messages written as JSON straight from their descriptors; the form is json.h's.
 */
#ifndef JIAYI_COMMON_JSON_WRITE_H
#define JIAYI_COMMON_JSON_WRITE_H

#include <stdbool.h>

#include "common/message.h"

/**
 * json_write() - @message as JSON text, in the arena; NULL without memory.
 *
 * @f:        NULL for the whole message; else of this field the value, or all of them as an array
 * @indented: over several lines
 */
char *json_write(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f,
                 bool indented);

#endif
