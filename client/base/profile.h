/**
 * Profiles: a sign-in each, kept in $XDG_CONFIG_HOME/jiayi/profiles/NAME (or ~/.config/...), mode
 * 0600.
 *
 * A profile pins the authority's certificate: the file given at login is copied into it. The TLS
 * session that makes the next connection cheap is beside it, in NAME.tls, and the server's schema,
 * once it was asked for, in NAME.schema. Which one counts where none is named stands in
 * $XDG_CONFIG_HOME/jiayi/profile.
 */
#ifndef JIAYI_CLIENT_BASE_PROFILE_H
#define JIAYI_CLIENT_BASE_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "client/base/failure.h"
#include "common/arena.h"

/** The most a profile's file may hold. */
#define PROFILE_BYTES (1 << 20)

/** What a profile holds; a field is NULL where nothing is known. */
struct profile {
    const char *name;
    /** "HOST:PORT". */
    const char *server;
    /** The authority's certificates, PEM. */
    const char *ca;
    /** The session's token; NULL when signed out. */
    const char *token;
    /** Who signed in, and for which company. */
    const char *user;
    const char *company;
    /** The secret by which the server knows the device, for who signed in; see SignIn. */
    const char *device;
    /** The private half of the key by which the user signs, in hexadecimal. */
    const char *signing_key;
    /**
     * Of a session that was opened by `company switch`: the sign-in that it came from. NULL where
     * the one above was opened by a password.
     */
    const char *origin_token;
    const char *origin_user;
    const char *origin_company;
    /** The profile's file. */
    const char *path;
};

/**
 * profile_check_name() - 0 for a good name (letters, digits, - and _, at most 40); -1 with @e set:
 * STATUS_USAGE.
 */
int profile_check_name(const char *name, struct status *e) MUST_CHECK;

/**
 * profile_chosen() - the profile that counts where the command line names none: that of the
 * variable JIAYI_PROFILE, else the one that profile_choose() kept.
 *
 * Returns 0, *@ret being NULL where nothing was chosen; -1 with @e set: STATUS_USAGE for a name
 * that is none, STATUS_FAILED_HERE.
 */
int profile_chosen(struct arena *a, const char **ret, struct status *e) MUST_CHECK;

/** profile_choose() - keep @name as the profile that counts where none is named. 0, or -1. */
int profile_choose(struct arena *a, const char *name, struct status *e) MUST_CHECK;

/**
 * profile_names() - the names of the profiles that there are, in the order of their letters.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE.
 */
int profile_names(struct arena *a, const char *const **ret, size_t *n, struct status *e) MUST_CHECK;

/**
 * profile_load() - read the profile @name. One that does not exist is empty but for its name and
 * path.
 *
 * Returns 0, or -1 with @e set: STATUS_USAGE for a bad name, STATUS_FAILED_HERE for a file that is
 * not mine alone, or malformed.
 */
int profile_load(struct arena *a, const char *name, struct profile *ret,
                 struct status *e) MUST_CHECK;

/**
 * profile_save() - write the profile, whole or not at all.
 *
 * Returns 0, or -1 with @e set: the old one is still there, or the new one is not surely on the
 * disk.
 */
int profile_save(struct arena *a, const struct profile *p, struct status *e) MUST_CHECK;

/** profile_origin() - the profile as it was before `company switch`; @p itself where it was not. */
struct profile profile_origin(const struct profile *p);

/**
 * profile_load_ticket() - the TLS session kept for the profile into @buf; its length, 0 when there
 * is none.
 */
int profile_load_ticket(const struct profile *p, uint8_t *buf, size_t size);

/** profile_save_ticket() - keep a TLS session; without a word when it cannot be kept. */
void profile_save_ticket(const struct profile *p, const uint8_t *der, size_t size);

/** profile_forget_ticket() - drop it. */
void profile_forget_ticket(const struct profile *p);

/** What a profile knows of its server's schema: the SHA-256, and the packed descriptor set. */
#define PROFILE_SHA256_BYTES 32
struct profile_schema {
    const uint8_t *sha256;
    const uint8_t *set;
    size_t size;
};

/** profile_load_schema() - the schema kept for the profile, in the arena; without one size is 0. */
struct profile_schema profile_load_schema(struct arena *a, const struct profile *p);

/** profile_save_schema() - keep a schema; without a word when it cannot be kept. */
void profile_save_schema(struct arena *a, const struct profile *p,
                         const struct profile_schema *schema);

#endif
