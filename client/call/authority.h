/**
 * Certificates of authorities: known by their fingerprint, which came by another way, and asked
 * from the server that they vouch for.
 */
#ifndef JIAYI_CLIENT_CALL_AUTHORITY_H
#define JIAYI_CLIENT_CALL_AUTHORITY_H

#include <stdint.h>

#include "client/base/failure.h"
#include "common/arena.h"

/** The bytes of a fingerprint: the first half of the certificate's SHA-256. */
#define AUTHORITY_FINGERPRINT_BYTES 16

/**
 * authority_fingerprint() - the fingerprint of the first certificate in @pem; -1 when there is
 * none.
 */
int authority_fingerprint(const char *pem, uint8_t ret[AUTHORITY_FINGERPRINT_BYTES]) MUST_CHECK;

/**
 * authority_fetch() - the certificate of that fingerprint, as the server shows it.
 *
 * Nothing but a handshake is done, and nothing is believed but what the fingerprint vouches for;
 * whether the server is one of that authority is for the next connection to verify.
 *
 * @server: HOST:PORT
 * @timeout_ms: how long each step may take
 *
 * Returns the PEM, or NULL with @e set: STATUS_USAGE for an address that is none,
 * STATUS_UNAVAILABLE when the server cannot be reached or shows another authority.
 */
const char *authority_fetch(struct arena *a, const char *server, int timeout_ms,
                            const uint8_t fingerprint[AUTHORITY_FINGERPRINT_BYTES],
                            struct status *e) MUST_CHECK;

#endif
