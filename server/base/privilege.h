/**
 * Who the server runs as. Started as root, it becomes an ordinary user for good.
 */
#ifndef JIAYI_SERVER_BASE_PRIVILEGE_H
#define JIAYI_SERVER_BASE_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/status.h"

/** The user that root becomes where --user names none. */
#define PRIVILEGE_DEFAULT_USER "postgres"

/** The user that the server is to run as. */
struct privilege_user {
    uid_t uid;
    gid_t gid;
    char name[64];
    char home[256];
    /** True when the process is root and is to become this user. */
    bool drop;
};

/**
 * privilege_resolve() - find the user to run as.
 *
 * @name: of --user; NULL for the default: root becomes PRIVILEGE_DEFAULT_USER, others stay who they
 *          are.
 *
 * Returns 0, or -1 with @e set when there is no such user, it is root, or the process is not root
 * and a name was given.
 */
int privilege_resolve(const char *name, struct privilege_user *ret, struct status *e) MUST_CHECK;

/**
 * privilege_drop() - become @user for good, and check that there is no way back.
 *
 * Supplementary groups become those of @user, and so do HOME, USER and LOGNAME. Hardens the process
 * as privilege_harden() does. Does nothing else when user->drop is false. Before other threads are
 * there.
 */
int privilege_drop(const struct privilege_user *user, struct status *e) MUST_CHECK;

/**
 * privilege_harden() - files for the owner alone, no core dumps (they would hold secrets), no
 * debugger of the same user, no new privileges by set-uid programs.
 */
void privilege_harden(void);

#endif
