/**
 * A step of a command in a child process, which gives up root while the parent keeps it.
 *
 * The child touches with the server user's rights what is the server user's; the parent, with its
 * own rights, sees to what is the caller's: it passes on signals that ask for an end, and can clean
 * up however the child ended.
 */
#ifndef JIAYI_SERVER_BASE_CHILD_H
#define JIAYI_SERVER_BASE_CHILD_H

#include <stddef.h>

#include "common/status.h"

/**
 * child_hold_signals() - have SIGTERM, SIGINT and SIGHUP wait from now on, here and in children.
 *
 * Returns a descriptor that is readable in a child when it is to give up, or -1 with @e set.
 */
int child_hold_signals(struct status *e) MUST_CHECK;

/**
 * child_run() - run @step(@arg, @ret, e) in a child process and wait for it.
 *
 * @ret: @n_ret bytes, zeroed first; what the child writes there comes back
 *
 * After child_hold_signals(). Returns what @step returned, or -1 with @e set.
 */
int child_run(int (*step)(void *arg, void *ret, struct status *e), void *arg, void *ret,
              size_t n_ret, struct status *e) MUST_CHECK;

/** child_follow() - in the child, after it changed its user: end with the parent. */
void child_follow(void);

#endif
