#include "server/base/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void
take_entry(struct privilege_user *user, const struct passwd *entry)
{
    user->uid = entry->pw_uid;
    user->gid = entry->pw_gid;
    snprintf(user->name, sizeof user->name, "%s", entry->pw_name);
    snprintf(user->home, sizeof user->home, "%s", entry->pw_dir);
}

static int
resolve_self(struct privilege_user *ret)
{
    const struct passwd *entry = getpwuid(geteuid());
    ret->uid = geteuid();
    ret->gid = getegid();
    snprintf(ret->name, sizeof ret->name, "%u", (unsigned)ret->uid);
    if (entry)
        take_entry(ret, entry);
    return 0;
}

int
privilege_resolve(const char *name, struct privilege_user *ret, struct status *e)
{
    memset(ret, 0, sizeof *ret);
    if (geteuid() != 0) {
        if (name)
            return status_set(e, STATUS_FAILED_PRECONDITION,
                              "only root can start the server for another user; leave --user out");
        return resolve_self(ret);
    }
    if (!name)
        name = PRIVILEGE_DEFAULT_USER;
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (!entry || strlen(entry->pw_name) >= sizeof ret->name)
        return status_set(e, STATUS_NOT_FOUND, "there is no user %s; name another with --user",
                          name);
    if (entry->pw_uid == 0)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the server does not run as root; name another user with --user");
    take_entry(ret, entry);
    ret->drop = true;
    return 0;
}

void
privilege_harden(void)
{
    const struct rlimit none = {0, 0};
    umask(077);
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef __SANITIZE_ADDRESS__ /* The leak check is a debugger. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/** True when root is gone from every id, and does not come back. */
static bool
is_gone(const struct privilege_user *user)
{
    uid_t uids[3];
    gid_t gids[3];
    if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 || getresgid(&gids[0], &gids[1], &gids[2]) < 0)
        return false;
    for (int i = 0; i < 3; i++)
        if (uids[i] != user->uid || gids[i] != user->gid)
            return false;
    return setuid(0) < 0 && seteuid(0) < 0 && setgid(0) < 0;
}

int
privilege_drop(const struct privilege_user *user, struct status *e)
{
    if (user->drop) {
        if (initgroups(user->name, user->gid) < 0 ||
            setresgid(user->gid, user->gid, user->gid) < 0 ||
            setresuid(user->uid, user->uid, user->uid) < 0)
            return status_set(e, STATUS_INTERNAL, "cannot become the user %s: %s", user->name,
                              strerror(errno));
        if (!is_gone(user))
            return status_set(e, STATUS_INTERNAL, "cannot give up root for the user %s",
                              user->name);
        setenv("HOME", user->home, 1);
        setenv("USER", user->name, 1);
        setenv("LOGNAME", user->name, 1);
    }
    privilege_harden();
    return 0;
}
