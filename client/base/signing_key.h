/**
 * Keys by which a member signs: Ed25519, made here. The private half never leaves the profile.
 */
#ifndef JIAYI_CLIENT_BASE_SIGNING_KEY_H
#define JIAYI_CLIENT_BASE_SIGNING_KEY_H

#include "client/base/failure.h"
#include "common/arena.h"

/** Either half in hexadecimal, and the NUL. */
enum { SIGNING_KEY_TEXT = 65 };

/**
 * signing_key_make() - a new key. The caller wipes @private_half.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE.
 */
int signing_key_make(char private_half[SIGNING_KEY_TEXT], char public_half[SIGNING_KEY_TEXT],
                     struct status *e) MUST_CHECK;

/** A signature in hexadecimal, and the NUL. */
enum { SIGNING_KEY_SIGNATURE = 129 };

/**
 * signing_key_sign() - what the private half makes of the string @text, and its public half.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE, also for what is no private half.
 */
int signing_key_sign(const char *private_half, const char *text,
                     char signature[SIGNING_KEY_SIGNATURE], char public_half[SIGNING_KEY_TEXT],
                     struct status *e) MUST_CHECK;

/** signing_key_pem() - a public half as openssl reads it; NULL: it is none, or no memory. */
const char *signing_key_pem(struct arena *a, const char *public_half);

#endif
