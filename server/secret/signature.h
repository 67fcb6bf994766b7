/**
 * Signatures by members' keys: Ed25519 (RFC 8032), as `openssl pkeyutl -rawin` makes them.
 */
#ifndef JIAYI_SERVER_SECRET_SIGNATURE_H
#define JIAYI_SERVER_SECRET_SIGNATURE_H

#include <stdbool.h>

/** A public key and a signature in hexadecimal, without a NUL. */
enum { SIGNATURE_KEY_DIGITS = 64, SIGNATURE_DIGITS = 128 };

/**
 * signature_holds() - whether @signature is what the private half of @public_key makes of the
 * string @text. Both are in hexadecimal; what is no key or no signature holds not.
 */
bool signature_holds(const char *public_key, const char *text, const char *signature);

#endif
