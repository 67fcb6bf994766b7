/**
 * Digests and random tokens: everything of OpenSSL that the server needs beside TLS and certificates.
 */
#ifndef JIAYI_SERVER_AUTHN_H
#define JIAYI_SERVER_AUTHN_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/** A token in text: 256 random bits in hexadecimal, and the NUL. */
enum { AUTHN_TOKEN_TEXT = 65 };
/** A SHA-256 in hexadecimal, and the NUL. */
enum { AUTHN_DIGEST_TEXT = 65 };

/**
 * authn_sha256() - the SHA-256 of @n bytes at @data.
 *
 * Returns 0, or -1 with @e set: STATUS_RESOURCE_EXHAUSTED, for OpenSSL needs memory for it.
 */
int authn_sha256(const void *data, size_t n, uint8_t ret[32], struct status *e) MUST_CHECK;

/** A digest of data that comes in pieces. */
struct authn_digest;

/** authn_digest_begin() - begin a SHA-256; NULL without memory. authn_digest_end() frees it. */
struct authn_digest *authn_digest_begin(void);

/** authn_digest_add() - take @n more bytes. */
void authn_digest_add(struct authn_digest *d, const void *data, size_t n);

/** authn_digest_end() - write the SHA-256 in hexadecimal to @ret, and free @d. */
void authn_digest_end(struct authn_digest *d, char ret[AUTHN_DIGEST_TEXT]);

/** authn_token() - a new random token as text. */
int authn_token(char ret[AUTHN_TOKEN_TEXT], struct status *e) MUST_CHECK;

#endif
