/**
 * The SHA-256 of data that comes in pieces.
 */
#ifndef JIAYI_COMMON_SHA256_H
#define JIAYI_COMMON_SHA256_H

#include <stddef.h>

/** A SHA-256 in hexadecimal, and the NUL. */
enum { SHA256_TEXT = 65 };

/** A digest under way. Used by one thread at a time. */
struct sha256;

/** sha256_begin() - begin one; NULL without memory. sha256_end() frees it. */
struct sha256 *sha256_begin(void);

/** sha256_add() - take @n more bytes. */
void sha256_add(struct sha256 *s, const void *data, size_t n);

/** sha256_end() - write the SHA-256 in hexadecimal to @ret, and free @s. */
void sha256_end(struct sha256 *s, char ret[SHA256_TEXT]);

#endif
