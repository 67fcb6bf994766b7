/**
 * Codes for `jiayi join`: all that a new member has to be given.
 *
 * A code is base64url of: the byte 1; the server's own one-time code, 16 bytes; the fingerprint of
 * the authority, AUTHORITY_FINGERPRINT_BYTES; the company's short name, a NUL; the server,
 * HOST:PORT, a NUL.
 */
#ifndef JIAYI_CLIENT_RUN_JOIN_CODE_H
#define JIAYI_CLIENT_RUN_JOIN_CODE_H

#include "client/call/authority.h"
#include "client/run/session.h"

/** The bytes of the server's own code, which it writes in hexadecimal. */
#define JOIN_CODE_SECRET_BYTES 16

/** What a code says. */
struct join_code {
    /** The server's own code, in hexadecimal. */
    const char *secret;
    uint8_t authority[AUTHORITY_FINGERPRINT_BYTES];
    const char *company;
    /** HOST:PORT. */
    const char *server;
};

/**
 * join_code_complete() - make of the server's own code in @answer, if it has one, what `jiayi join`
 * takes: with the profile's server and authority.
 *
 * Returns 0, or -1 with @e set: no memory.
 */
int join_code_complete(struct client *c, ProtobufCMessage *answer, struct status *e) MUST_CHECK;

/** join_code_read() - what @text says; -1 with @e set: STATUS_USAGE when it is no code. */
int join_code_read(struct arena *a, const char *text, struct join_code *ret,
                   struct status *e) MUST_CHECK;

/**
 * join_code_authority() - the certificate of the authority that the code names, from @server; as
 * authority_fetch().
 */
const char *join_code_authority(struct client *c, const struct join_code *code, const char *server,
                                struct status *e) MUST_CHECK;

#endif
