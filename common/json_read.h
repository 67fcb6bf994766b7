/**
 * Messages from JSON, as common/json.h writes them: straight from the text, without a tree of it,
 * so that what reading takes is what the message takes.
 *
 * It takes the names of the .proto and lowerCamelCase. It is strict: what the type does not have, a
 * value of another type, a number out of range, a key given twice, invalid UTF-8 and NUL are
 * refused, each naming the field. 64-bit integers may be plain numbers too, base64 may be of either
 * alphabet, and null means that a field is not set. The first thing that is wrong is told, and
 * nothing is read behind it: JSON that goes deeper than the type does goes no further than that.
 */
#ifndef JIAYI_COMMON_JSON_READ_H
#define JIAYI_COMMON_JSON_READ_H

#include "common/message.h"

/**
 * json_read() - a message of type @m from JSON text, in the arena.
 *
 * @text: @size bytes; need not end in NUL
 *
 * Returns NULL with @e set: STATUS_INVALID_ARGUMENT, its field the path of what is wrong, such as
 * "amount.currency" or "grants[2]"; STATUS_RESOURCE_EXHAUSTED when the arena is full.
 */
ProtobufCMessage *json_read(struct arena *a, const struct schema_message *m, const char *text,
                            size_t size, struct status *e) MUST_CHECK;

#endif
