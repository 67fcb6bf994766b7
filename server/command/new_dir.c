#include "server/command/new_dir.h"

#include <poll.h>
#include <unistd.h>

#include "server/base/child.h"
#include "server/cluster/local_pg.h"

bool
new_dir_is_stopped(const struct new_dir *n)
{
    struct pollfd fd = {.fd = n->stop_fd, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

/** Takes the folder, and removes what a work that was killed left in it. */
static int
take_folder(struct new_dir *n, struct status *e)
{
    if (data_dir_enter(&n->dir, &n->user, e) < 0 || data_dir_lock(&n->dir, n->doing, NULL, e) < 0)
        return -1;
    enum data_dir_state state = data_dir_state(&n->dir);
    if (state != DATA_DIR_EMPTY && state != DATA_DIR_UNFINISHED)
        return status_set(e, STATUS_ALREADY_EXISTS, "%s is not empty any more", n->dir.path);
    if (data_dir_begin(&n->dir, e) < 0 || local_pg_clear_family(&n->dir, e) < 0)
        return -1;
    data_dir_clear(&n->dir, false);
    return 0;
}

static int
fill_as_server_user(void *self, void *ret, struct status *e)
{
    struct new_dir *n = self;
    if (privilege_drop(&n->user, e) < 0)
        return -1;
    child_follow();
    if (take_folder(n, e) < 0 || n->fill(n, n->arg, ret, e) < 0)
        return -1;
    return n->scratch ? 0 : data_dir_finish(&n->dir, e);
}

/** The folder is empty again, unless another process has it by now. */
static int
undo_as_server_user(void *self, void *ret, struct status *e)
{
    struct new_dir *n = self;
    (void)ret;
    if (privilege_drop(&n->user, e) < 0 || data_dir_enter(&n->dir, &n->user, e) < 0 ||
        data_dir_lock(&n->dir, n->doing, NULL, e) < 0)
        return -1;
    enum data_dir_state state = data_dir_state(&n->dir);
    if (state != DATA_DIR_UNFINISHED && state != DATA_DIR_EMPTY)
        return 0;
    if (local_pg_clear_family(&n->dir, e) < 0)
        return -1;
    data_dir_clear(&n->dir, true);
    return 0;
}

int
new_dir_make(struct new_dir *n, const char *path, struct status *e)
{
    struct data_dir_before before;
    struct status ignored;
    char nothing;
    n->dir.lock_fd = -1;
    n->stop_fd = child_hold_signals(e);
    if (n->stop_fd < 0 || data_dir_create(&n->dir, path, &n->user, &before, e) < 0)
        return -1;
    int rc = child_run(fill_as_server_user, n, n->ret, n->n_ret, e);
    if (rc < 0 || n->scratch) {
        /* It fails where the user cannot even enter; then there is nothing to undo. */
        (void)!child_run(undo_as_server_user, n, &nothing, 0, &ignored);
        data_dir_restore(&n->dir, &before);
    }
    return rc;
}
