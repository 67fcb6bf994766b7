/**
 * Passwords: argon2id, and a small pool of threads of its own for the work that takes long or waits, so that
 * a flood of sign-ins can take neither the lanes nor the memory.
 */
#ifndef JIAYI_SERVER_PASSWORD_H
#define JIAYI_SERVER_PASSWORD_H

#include <stdbool.h>

#include "common/status.h"

struct call;
struct password_pool;

/** Room for a stored password in PHC form, with the NUL. */
enum { PASSWORD_PHC_MAX = 128 };

/**
 * password_hash() - the PHC string of a new password: argon2id, 19 MiB, t=2, p=1 (OWASP Password
 * Storage Cheat Sheet), 16 random bytes of salt. Takes about 40 ms.
 */
int password_hash(const char *password, char phc[PASSWORD_PHC_MAX], struct status *e) MUST_CHECK;

/**
 * password_matches() - does the password belong to the PHC string?
 *
 * Takes as long when @phc is NULL (an unknown account): then it verifies against a dummy and says no.
 * Returns 1 or 0, or -1 with @e set when it cannot be told now: STATUS_RESOURCE_EXHAUSTED.
 */
int password_matches(const char *phc, const char *password, struct status *e) MUST_CHECK;

/** password_pool_start() - @workers threads and room for @queue calls that wait. */
struct password_pool *password_pool_start(int workers, int queue, struct status *e) MUST_CHECK;

/**
 * password_pool_submit() - run @work(@c) on one of the pool's threads.
 *
 * Returns 0, or -1 with c->status set: STATUS_RESOURCE_EXHAUSTED when too many wait.
 */
int password_pool_submit(struct password_pool *p, struct call *c,
                         void (*work)(struct call *c)) MUST_CHECK;

/** A look at the pool. */
struct password_pool_state {
    /** Its threads, and those of them that have work. */
    int workers, busy;
    /** Calls that wait, and how many may. */
    int waiting, limit;
};

/** password_pool_look() - how the pool is just now. Any thread. */
void password_pool_look(struct password_pool *p, struct password_pool_state *ret);

/** password_pool_stop() - finish what was submitted and end the threads. May still be looked at. NULL is allowed. */
void password_pool_stop(struct password_pool *p);

/** password_pool_free() - free a pool that was stopped. NULL is allowed. */
void password_pool_free(struct password_pool *p);

#endif
