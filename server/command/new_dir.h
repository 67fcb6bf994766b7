/**
 * Makes a data folder whole or not at all: what `jiayid init` and `jiayid restore` share.
 *
 * As root, a child process that has become the server's user does the work, so that nothing in the
 * folder is ever touched with root's rights; the parent makes the folder before and, when the child
 * fails, sees to it that everything is as it was.
 */
#ifndef JIAYI_SERVER_COMMAND_NEW_DIR_H
#define JIAYI_SERVER_COMMAND_NEW_DIR_H

#include "server/base/privilege.h"
#include "server/folder/data_dir.h"

/** A folder in the making. */
struct new_dir {
    struct privilege_user user;
    struct data_dir dir;
    /** Readable when the work is to be given up. */
    int stop_fd;
    /** Fills the folder: in the child, as the server's user, with the folder locked and empty. */
    int (*fill)(struct new_dir *n, void *arg, void *ret, struct status *e);
    /** Passed to fill(); what it writes to ret, n_ret bytes, comes back to the parent. */
    void *arg;
    void *ret;
    size_t n_ret;
    /** For messages: "initialised", "restored". */
    const char *doing;
    /** The folder is only to try something in: afterwards it is as it was, in any case. */
    bool scratch;
};

/**
 * new_dir_make() - make the folder @path, or take an empty one, and have n->fill() fill it.
 *
 * What an earlier work that was killed left in it is removed. n->user, fill and what is for it are
 * set by the caller. Returns 0, or -1 with @e set and the folder as it was before.
 */
int new_dir_make(struct new_dir *n, const char *path, struct status *e) MUST_CHECK;

/** new_dir_is_stopped() - was the work told to give up? */
bool new_dir_is_stopped(const struct new_dir *n);

#endif
