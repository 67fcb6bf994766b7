/**
 * Digests and random tokens: everything of OpenSSL that the server needs beside TLS and
 * certificates.
 */
#ifndef JIAYI_SERVER_SECRET_DIGEST_H
#define JIAYI_SERVER_SECRET_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

/** A token in text: 256 random bits in hexadecimal, and the NUL. */
enum { DIGEST_TOKEN_TEXT = 65 };
/** A SHA-256 in hexadecimal, and the NUL. */
enum { DIGEST_TEXT = 65 };

/**
 * digest_sha256() - the SHA-256 of @n bytes at @data.
 *
 * Returns 0, or -1 with @e set: STATUS_RESOURCE_EXHAUSTED, for OpenSSL needs memory for it.
 */
int digest_sha256(const void *data, size_t n, uint8_t ret[32], struct status *e) MUST_CHECK;

/** A SHA-256 as PostgreSQL's bytea in text, "\\x" and hexadecimal, and the NUL. */
enum { DIGEST_BYTEA = 2 + DIGEST_TEXT };

/** digest_bytea() - the SHA-256 of the string @text in that form; as digest_sha256(). */
int digest_bytea(const char *text, char ret[DIGEST_BYTEA], struct status *e) MUST_CHECK;

/** digest_token() - a new random token as text. */
int digest_token(char ret[DIGEST_TOKEN_TEXT], struct status *e) MUST_CHECK;

#endif
