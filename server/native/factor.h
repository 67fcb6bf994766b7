/**
 * The second factor at the end of what signs somebody in: is the code right that came with it?
 */
#ifndef JIAYI_SERVER_NATIVE_FACTOR_H
#define JIAYI_SERVER_NATIVE_FACTOR_H

#include "server/call/call.h"
#include "server/secret/digest.h"

/** What a right code is used up by, as parameters of a statement. */
struct factor {
    /** The step of a code of the authenticator; "" without one. */
    char step[24];
    /** SHA-256 of a recovery code; "" without one. */
    char code_sha256[DIGEST_BYTEA];
};

/** factor_bind() - the parameters step and code_sha256, each NULL where there is none. */
void factor_bind(const struct factor *f, struct bind_named ret[2]);

/**
 * factor_check() - hold @otp (NULL: nothing was typed) against the second factor in the first row
 * of c->work.rows, by its columns member_id, totp_key, totp_sealed and totp_after.
 *
 * Returns 1 where it is right, or where there is no second factor; 0 where it is wrong; -1 with
 * c->status set: STATUS_UNAUTHENTICATED, of the field otp, where a code is needed.
 */
int factor_check(struct call *c, const char *otp, struct factor *ret) MUST_CHECK;

/** factor_refuse() - the answer to a wrong code, which @step has noted. */
void factor_refuse(struct call *c, const char *step, const struct bind_named *named, size_t n);

/** factor_bound() - what a member's secret is sealed for. */
void factor_bound(const char *member_id, char ret[40]);

/** factor_array() - @words as PostgreSQL's array in text; they have nothing that it would quote. */
const char *factor_array(struct call *c, char *const *words, size_t n);

#endif
