/**
 * One run of the program: what was asked for, and with which sign-in.
 */
#ifndef JIAYI_CLIENT_CLIENT_H
#define JIAYI_CLIENT_CLIENT_H

#include "client/call.h"
#include "client/parse.h"
#include "client/profile.h"

/** The most memory that a run may take, in bytes. */
#define CLIENT_ARENA_BYTES (256u << 20)

struct client {
    struct arena *arena;
    /** The program's own schema, and the commands made of it. */
    const struct schema *schema;
    const struct commands *commands;
    struct parsed parsed;
    /** The sign-in; read by client_sign_in(). */
    struct profile profile;
    struct caller *caller;
    /** The file with what the user wrote in the editor, until it has arrived; else NULL. */
    const char *draft;
};

/** client_profile() - the name of the profile to use. */
const char *client_profile(const struct client *c);

/**
 * client_open() - read the profile and make ready to call its server.
 *
 * The command's own --server and --ca, where it has them, go before the profile's: then nobody is
 * signed in. Returns 0, or -1 with @e set: STATUS_UNAUTHENTICATED when there is no server to call.
 */
int client_open(struct client *c, struct status *e) MUST_CHECK;

/** client_read_ca() - the certificates in @path, checked to look like PEM; NULL with @e set. */
const char *client_read_ca(struct client *c, const char *path, struct status *e) MUST_CHECK;

/**
 * client_call() - call a method with the command line's timeout and request_id.
 *
 * Refuses before the call when the method needs a session and nobody is signed in. An error of a
 * change that may have been made says how to ask again. Returns the answer, or NULL with @e set.
 */
ProtobufCMessage *client_call(struct client *c, const struct schema_method *method,
                              const ProtobufCMessage *request, struct status *e) MUST_CHECK;

/** client_run() - run the parsed command. Returns 0, or -1 with @e set. */
int client_run(struct client *c, struct status *e) MUST_CHECK;

/** client_report() - say on standard error, in one line, what failed. */
void client_report(const struct client *c, const struct status *e);

#endif
