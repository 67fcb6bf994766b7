/**
 * Devices: a client that signed in keeps a secret, and shows it when it signs in again. A device
 * that is known has a budget of wrong passwords of its own, which strangers cannot use up. The
 * database keeps hashes alone.
 */
#ifndef JIAYI_SERVER_NATIVE_DEVICE_H
#define JIAYI_SERVER_NATIVE_DEVICE_H

#include "server/call/call.h"
#include "server/secret/digest.h"

/** A digest as PostgreSQL's bytea in text, and the NUL. */
enum { DEVICE_HASH_TEXT = 2 + DIGEST_TEXT };

/** The secrets of a sign-in. */
struct device {
    /** Hash of the secret that was shown: "\x" and hexadecimal; "" where none was. */
    char shown[DEVICE_HASH_TEXT];
    /** A secret for a device that is not known yet, and its hash. */
    char secret[DIGEST_TOKEN_TEXT], fresh[DEVICE_HASH_TEXT];
};

/** device_shown() - the value of the parameter device; NULL where none was shown. */
const char *device_shown(const struct device *d);

/**
 * device_begin() - hash the secret that the client shows (NULL: none), and make another one.
 *
 * Returns 0, or -1 with @e set. device_end() wipes it.
 */
int device_begin(struct device *ret, const char *shown, struct status *e) MUST_CHECK;

/** device_end() - wipe the secret. */
void device_end(struct device *d);

#endif
