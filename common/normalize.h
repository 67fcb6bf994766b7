/**
 * A request's texts in one form, so that what looks the same is the same.
 */
#ifndef JIAYI_COMMON_NORMALIZE_H
#define JIAYI_COMMON_NORMALIZE_H

#include "common/message.h"

/**
 * normalize_request() - bring the strings of a request into NFC.
 *
 * Passwords as RFC 8265 says. What is one line - addresses, names, codes, titles: all strings but
 * secrets and those that may have more than NORMALIZE_LINE_MAX characters - must have no character
 * that nobody sees. Texts of many lines stay as they were written.
 *
 * Returns 0, or -1 with @e set: STATUS_INVALID_ARGUMENT naming field and character,
 * STATUS_RESOURCE_EXHAUSTED without memory. What was changed is in the arena.
 */
int normalize_request(struct arena *a, ProtobufCMessage *request, struct status *e) MUST_CHECK;

/** normalize_is_line() - true for a string of one line. */
bool normalize_is_line(const struct schema_field *f);

/** The most characters of a line, as the field's option max_length says. */
enum { NORMALIZE_LINE_MAX = 254 };

#endif
