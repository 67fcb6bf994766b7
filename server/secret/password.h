/**
 * Passwords: argon2id. Both functions take some 40 ms of a processor and 19 MiB: only on threads of
 * server/pool.
 */
#ifndef JIAYI_SERVER_SECRET_PASSWORD_H
#define JIAYI_SERVER_SECRET_PASSWORD_H

#include <stdbool.h>

#include "common/status.h"

/** Room for a stored password in PHC form, with the NUL. */
enum { PASSWORD_PHC_MAX = 128 };

/**
 * password_hash() - the PHC string of a new password: argon2id, 19 MiB, t=2, p=1 (OWASP Password
 * Storage Cheat Sheet), 16 random bytes of salt.
 */
int password_hash(const char *password, char phc[PASSWORD_PHC_MAX], struct status *e) MUST_CHECK;

/**
 * password_matches() - does the password belong to the PHC string?
 *
 * Takes as long when @phc is NULL (an unknown account): then it verifies against a dummy and says
 * no. Returns 1 or 0, or -1 with @e set when it cannot be told now: STATUS_RESOURCE_EXHAUSTED.
 */
int password_matches(const char *phc, const char *password, struct status *e) MUST_CHECK;

#endif
