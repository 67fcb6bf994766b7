/**
 * Unicode's tables: forms of text that are equal to the eye, and characters that it does not see.
 * Text is valid UTF-8 (text_valid()). Any thread may call.
 */
#ifndef JIAYI_COMMON_UNICODE_H
#define JIAYI_COMMON_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * unicode_compose() - @s in the form NFC, in which equal texts have equal bytes.
 *
 * Returns it, to be freed by wipe_free(), for it may be a secret; NULL without memory.
 */
char *unicode_compose(const char *s);

/**
 * unicode_password() - a password as it is hashed (RFC 8265, OpaqueString): in NFC, and any space a
 * plain one. As unicode_compose().
 */
char *unicode_password(const char *s);

/**
 * unicode_unseen() - the first character of @s that nobody sees or that has no meaning: control,
 * format, unassigned, private, line or paragraph separator; 0 when there is none.
 */
uint32_t unicode_unseen(const char *s);

/** unicode_opens() - a bracket or a quotation mark that opens: no line ends with it. */
bool unicode_opens(uint32_t character);

/** unicode_closes() - one that closes, a full stop, a comma and such: no line begins with it. */
bool unicode_closes(uint32_t character);

#endif
