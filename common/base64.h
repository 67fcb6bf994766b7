/**
 * Base64 (RFC 4648), in the arena. Any thread may call, each with an arena of its own.
 */
#ifndef JIAYI_COMMON_BASE64_H
#define JIAYI_COMMON_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/arena.h"

/** base64_encode() - the @n bytes at @data as text with padding; NULL without memory. */
char *base64_encode(struct arena *a, const void *data, size_t n);

/** base64_encode_url() - the same for URLs: '-' and '_' for '+' and '/', without padding. */
char *base64_encode_url(struct arena *a, const void *data, size_t n);

/**
 * base64_decode() - the bytes that the @n characters at @text stand for.
 *
 * Of either alphabet, with padding or without. Bits that stand for nothing must be zero, so that
 * only one text of each alphabet stands for the same bytes.
 *
 * Returns how many there are at *@ret, with a NUL after them; or -1 when it is no base64, or with
 * *@ret NULL when there is no memory.
 */
ssize_t base64_decode(struct arena *a, const char *text, size_t n, uint8_t **ret);

#endif
