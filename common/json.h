/**
 * Messages as JSON: protobuf's canonical form, with the field names of the .proto.
 *
 * 64-bit integers are strings, bytes are base64, enumerations go by name, a
 * google.protobuf.Timestamp is RFC 3339 in UTC. An unset field is left out; a repeated field is
 * always there, if need be as [].
 *
 * Nothing here is shared between calls: any thread may call.
 */
#ifndef JIAYI_COMMON_JSON_H
#define JIAYI_COMMON_JSON_H

#include <jansson.h>

#include "common/json_read.h"
#include "common/message.h"

/** How json_print() writes. */
enum json_style {
    /** On one line, without spaces: for one cell, one log field. */
    JSON_ONE_LINE,
    /** Indented by two spaces, for people; without a newline at the end. */
    JSON_LINES,
};

/**
 * json_begin() - make jansson wipe what it frees, for it may be a secret. The functions here do so
 * themselves, but for json_print_value(); who calls jansson directly calls this first.
 */
void json_begin(void);

/**
 * json_is_short() - true when jansson got no memory on this thread since json_begin(): what it made
 * may lack something.
 */
bool json_is_short(void);

/**
 * json_print() - @message as JSON text, in the arena.
 *
 * Text of the message that is not valid UTF-8 shows as U+FFFD. What text_is_deceptive() is escaped
 * like control characters, so that no terminal acts on it.
 *
 * Returns NULL with @e set (STATUS_RESOURCE_EXHAUSTED) when memory is short.
 */
char *json_print(struct arena *a, const ProtobufCMessage *message, enum json_style style,
                 struct status *e) MUST_CHECK;

/**
 * json_print_value() - as json_print(), for any JSON value. The caller, who called json_begin()
 * before he made it, keeps @value.
 */
char *json_print_value(struct arena *a, const json_t *value, enum json_style style,
                       struct status *e) MUST_CHECK;

/** json_print_field() - as json_print(), for one field: its value, or all of them as an array. */
char *json_print_field(struct arena *a, const ProtobufCMessage *message,
                       const struct schema_field *f, enum json_style style,
                       struct status *e) MUST_CHECK;

#endif
