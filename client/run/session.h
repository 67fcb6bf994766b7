/**
 * One run of the program: what was asked for, and with which sign-in its calls go out.
 */
#ifndef JIAYI_CLIENT_RUN_SESSION_H
#define JIAYI_CLIENT_RUN_SESSION_H

#include <time.h>

#include "client/base/profile.h"
#include "client/call/call.h"
#include "client/words/parse.h"

/** What is known of a change that did not come back with a good answer. */
enum fate {
    /** It was answered, or there was none. */
    FATE_ANSWERED,
    /** Nothing was sent. */
    FATE_UNSENT,
    /** It was sent, and nobody knows whether it was done: no answer came, or the server gave up. */
    FATE_OPEN,
    FATE_GIVEN_UP,
};

/** A run. Everything it points to lives as long as its arena, or the program. */
struct client {
    struct arena *arena;
    /** The program's own schema, and the commands made of it. */
    const struct schema *schema;
    const struct commands *commands;
    struct parsed parsed;
    /** The words of the command line, without the program's name. */
    int argc;
    char *const *argv;
    /** The name of the profile to use, once session_profile_name() has found it. */
    const char *profile_name;
    /** Somebody chose that name, so that hints have to name it. */
    bool is_profile_chosen;
    /** The sign-in, and the server to call; both made ready by session_open(). */
    struct profile profile;
    struct caller *caller;
    /** The labels of what the answer has, once label_learn() was there; NULL for none. */
    const struct labels *labels;
    /** The server's clock at its last answer; 0 before, and where it did not tell. */
    time_t server_time;
    /** The last answer was to what had been done before: it has only what the server kept. */
    bool is_replayed;
    /** Adds what a command made by hand has to say to the request that is about to be sent. */
    int (*fill)(struct client *c, ProtobufCMessage *request, struct status *e);
    /** The file with what the user wrote in the editor, until it has arrived; else NULL. */
    const char *draft;
    /** The request's version is not the user's own, but what this profile was shown last. */
    bool filled_version;
    /** The request_id of the command's own change: that of the command line, or a new one. */
    uint8_t own_id[CALL_ID_BYTES];
    /** Told what a call waits for before it is sent again, where it is not NULL. */
    void (*on_wait)(void *arg, const struct status *why);
    void *wait_arg;
    /** What became of the last change, and whether its own_id asks for it again. */
    enum fate fate;
    bool is_guarded;
    /** What was made of words that were typed otherwise: " --due 2026-11-29"; NULL for nothing. */
    const char *understood;
    /** The command to go on with, for a line of its own; NULL for none. */
    const char *go_on;
};

/**
 * session_profile_name() - the name of the profile to use: that of --profile, of JIAYI_PROFILE, of
 * `jiayi profile use`, else "default".
 *
 * Returns NULL with @e set as profile_chosen() does.
 */
const char *session_profile_name(struct client *c, struct status *e) MUST_CHECK;

/** session_load() - read that profile into @ret. 0, or -1 with @e set as profile_load() does. */
int session_load(struct client *c, struct profile *ret, struct status *e) MUST_CHECK;

/**
 * session_open() - read the profile and make ready to call its server.
 *
 * The command's own --server and --ca, where it has them, go before the profile's: then nobody is
 * signed in. Returns 0, or -1 with @e set: STATUS_UNAUTHENTICATED when there is no server to call.
 */
int session_open(struct client *c, struct status *e) MUST_CHECK;

/** session_read_ca() - the certificates in @path, checked to look like PEM; NULL with @e set. */
const char *session_read_ca(struct client *c, const char *path, struct status *e) MUST_CHECK;

/**
 * session_check() - 0 where somebody is signed in, or the method @m needs nobody; else -1 with @e
 * set: STATUS_UNAUTHENTICATED.
 */
int session_check(const struct client *c, const struct schema_method *m,
                  struct status *e) MUST_CHECK;

/**
 * session_name_profile() - make each command that the message of @e names a whole one: "jiayi
 * login" becomes "jiayi --profile arben login", where "jiayi login" would be another's.
 */
void session_name_profile(struct client *c, struct status *e);

/**
 * session_call() - call a method with the command line's timeout and request_id.
 *
 * Refuses as session_check() does before the call. Notes what became of a change. Returns the
 * answer, or NULL with @e set.
 */
ProtobufCMessage *session_call(struct client *c, const struct schema_method *method,
                               const ProtobufCMessage *request, struct status *e) MUST_CHECK;

#endif
