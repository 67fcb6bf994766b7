/**
 * Single values as text, the way protobuf's JSON has them: base64, RFC 3339, names of enumerations.
 *
 * Any thread may call.
 */
#ifndef JIAYI_COMMON_JSON_TEXT_H
#define JIAYI_COMMON_JSON_TEXT_H

#include "common/message.h"

/**
 * json_text() - one value as the text that stands between the quotes in JSON: "7", "true", "won",
 * "2026-11-21T20:16:03Z". Not for messages other than Timestamp.
 *
 * @index: which value of a repeated field, else 0; the field must have it
 *
 * Returns it as the message holds it, controls and invalid UTF-8 included; NULL when the arena is
 * full.
 */
const char *json_text(struct arena *a, const ProtobufCMessage *message,
                      const struct schema_field *f, size_t index);

/**
 * json_text_put() - set a field from text such as json_text() gives, or append to it when it is
 * repeated.
 *
 * @name: what errors call it; a field path or a flag
 *
 * Returns 0, or -1 with @e set: STATUS_INVALID_ARGUMENT, its field @name;
 * STATUS_RESOURCE_EXHAUSTED when the arena is full.
 */
int json_text_put(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
                  const char *name, const char *text, size_t size, struct status *e) MUST_CHECK;

/* What went wrong, for who reads whole messages. Each returns -1. */

/** json_text_wrong() - STATUS_INVALID_ARGUMENT: what @name, "" for the whole, @should be. */
int json_text_wrong(struct status *e, const char *name, const char *should);

/** json_text_no_memory() - STATUS_RESOURCE_EXHAUSTED. */
int json_text_no_memory(struct status *e);

#endif
