/**
 * Text of other programs as UTF-8: what a file's bytes say of their encoding, and iconv.
 */
#ifndef JIAYI_CLIENT_BASE_ENCODING_H
#define JIAYI_CLIENT_BASE_ENCODING_H

#include <stddef.h>

#include "client/base/failure.h"
#include "common/arena.h"

/**
 * encoding_read() - make UTF-8 of @text, of *@size bytes, without a byte order mark.
 *
 * @wanted: an encoding as iconv names it; NULL to find it out: UTF-8 where all of it is that,
 *          UTF-16 where a byte order mark says so, and GB18030 where all of it is that and nearly
 *          all of its characters are common ones - what is in Albanian letters of one byte looks
 *          like GB18030 too, but like rare ones
 * @ret:    the text, a NUL after it: @text itself or in the arena
 * @taken:  what it was read as, such as "UTF-8"
 *
 * Returns 0, or -1 with @e set: STATUS_INVALID_ARGUMENT.
 */
int encoding_read(struct arena *a, char *text, size_t *size, const char *wanted, char **ret,
                  const char **taken, struct status *e) MUST_CHECK;

#endif
