#include "server/folder/data_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/file.h"

/** What DIR/VERSION says. A later layout counts up. */
#define LAYOUT "1\n"

/**
 * How long to wait for the lock, and where the caller can do without it; how often to try.
 */
#define LOCK_WAIT_MS 2000
#define LOCK_ASK_MS  200
#define LOCK_STEP_MS 20

/** What init makes, in the order of removal. */
static const char *const contents[] = {"VERSION", "pg", "run", "log", "tls", "keys", "jiayid.conf"};
/** What stands until the rest is gone. */
static const char *const marks[] = {"lock", "UNFINISHED"};

void
data_dir_file(const struct data_dir *d, const char *name, char path[DATA_DIR_FILE_BYTES])
{
    snprintf(path, DATA_DIR_FILE_BYTES, "%s/%s", d->path, name);
}

static int
resolve_path(struct data_dir *d, const char *path, struct status *e)
{
    char real[PATH_MAX];
    d->lock_fd = -1;
    if (!realpath(path, real))
        return status_set(e, STATUS_NOT_FOUND, "cannot open the data folder %s: %s", path,
                          strerror(errno));
    if (strlen(real) >= sizeof d->path)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the data folder's path is too long; at most %d bytes",
                          DATA_DIR_BYTES - 1);
    memcpy(d->path, real, strlen(real) + 1);
    return 0;
}

static bool
is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
data_dir_find(struct data_dir *d, const char *path, struct status *e)
{
    if (resolve_path(d, path, e) < 0)
        return -1;
    if (!is_folder(d->path))
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s is not a folder", path);
    return 0;
}

static bool
has_entry(const struct data_dir *d, const char *name)
{
    char path[DATA_DIR_FILE_BYTES];
    struct stat st;
    data_dir_file(d, name, path);
    return lstat(path, &st) == 0;
}

/** True for what a fresh file system has, and for the lock: an empty folder may hold these. */
static bool
is_nothing(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "lost+found") == 0 ||
           strcmp(name, "lock") == 0;
}

static bool
is_empty(const struct data_dir *d)
{
    bool empty = true;
    DIR *folder = opendir(d->path);
    if (!folder)
        return false;
    for (const struct dirent *entry; (entry = readdir(folder));)
        if (!is_nothing(entry->d_name))
            empty = false;
    closedir(folder);
    return empty;
}

enum data_dir_state
data_dir_state(const struct data_dir *d)
{
    if (has_entry(d, "VERSION"))
        return DATA_DIR_INITIALISED;
    if (has_entry(d, "UNFINISHED"))
        return DATA_DIR_UNFINISHED;
    return is_empty(d) ? DATA_DIR_EMPTY : DATA_DIR_FOREIGN;
}

/** Gives the open folder to its owner, and notes whose it was. */
static int
hand_over(int fd, const struct privilege_user *owner, struct data_dir_before *ret)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -1;
    ret->uid = st.st_uid;
    ret->gid = st.st_gid;
    ret->mode = st.st_mode & 07777;
    if (owner->drop && fchown(fd, owner->uid, owner->gid) < 0)
        return -1;
    ret->changed = true;
    return fchmod(fd, 0700);
}

static int
check_usable(const struct data_dir *d, struct status *e)
{
    switch (data_dir_state(d)) {
    case DATA_DIR_INITIALISED:
        return status_set(e, STATUS_ALREADY_EXISTS,
                          "%s is initialised already; nothing was changed", d->path);
    case DATA_DIR_FOREIGN:
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "%s is not empty or cannot be read; name a new folder with --data",
                          d->path);
    default: return 0;
    }
}

int
data_dir_check_new(const char *path, struct status *e)
{
    struct data_dir d;
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return 0;
    return data_dir_find(&d, path, e) < 0 ? -1 : check_usable(&d, e);
}

int
data_dir_create(struct data_dir *d, const char *path, const struct privilege_user *owner,
                struct data_dir_before *ret, struct status *e)
{
    memset(ret, 0, sizeof *ret);
    ret->made = mkdir(path, 0700) == 0;
    if (!ret->made && errno != EEXIST)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot make the data folder %s: %s", path,
                          strerror(errno));
    if (data_dir_find(d, path, e) < 0)
        return -1;
    if (check_usable(d, e) < 0)
        return -1;
    int fd = open(d->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rc = fd < 0 ? -1 : hand_over(fd, owner, ret);
    if (rc < 0) {
        status_set(e, STATUS_FAILED_PRECONDITION, "cannot give %s to the user %s: %s", d->path,
                   owner->name, strerror(errno));
        data_dir_restore(d, ret);
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

void
data_dir_restore(const struct data_dir *d, const struct data_dir_before *before)
{
    if (before->made) {
        rmdir(d->path);
        return;
    }
    if (!before->changed || !is_empty(d) || has_entry(d, "lock"))
        return;
    int fd = open(d->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fchown(fd, before->uid, before->gid) == 0)
        fchmod(fd, before->mode);
    close(fd);
}

/** Names the first folder on the way to DIR that this user may not enter. */
static int
fail_on_the_way(const struct data_dir *d, const struct privilege_user *user, struct status *e)
{
    char part[DATA_DIR_BYTES];
    int why = errno;
    for (const char *p = d->path; (p = strchr(p + 1, '/'));) {
        snprintf(part, sizeof part, "%.*s", (int)(p - d->path), d->path);
        if (faccessat(AT_FDCWD, part, X_OK, AT_EACCESS) < 0)
            return status_set(e, STATUS_PERMISSION_DENIED,
                              "the user %s may not enter %s on the way to the data folder; "
                              "choose another folder, or chmod o+x %s",
                              user->name, part, part);
    }
    return status_set(e, STATUS_PERMISSION_DENIED, "the user %s cannot use %s: %s", user->name,
                      d->path, strerror(why));
}

int
data_dir_enter(const struct data_dir *d, const struct privilege_user *user, struct status *e)
{
    struct stat st;
    if (stat(d->path, &st) < 0)
        return fail_on_the_way(d, user, e);
    if (st.st_uid != user->uid) {
        const struct passwd *owner = getpwuid(st.st_uid);
        return status_set(e, STATUS_PERMISSION_DENIED,
                          "%s belongs to the user %s, not to %s; start the server as that user, or "
                          "as root with --user",
                          d->path, owner ? owner->pw_name : "of another system", user->name);
    }
    if (access(d->path, R_OK | W_OK | X_OK) < 0)
        return fail_on_the_way(d, user, e);
    return 0;
}

/** Says who holds the lock: the file has "PID WORD". */
static int
fail_locked(int fd, const struct data_dir *d, struct status *e)
{
    char text[64] = "";
    char doing[32] = "used";
    char pid[12];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    if (n > 0 && sscanf(text, "%11[0-9] %31[a-z]", pid, doing) == 2)
        return status_set(e, STATUS_FAILED_PRECONDITION, "%s is being %s by process %s", d->path,
                          doing, pid);
    return status_set(e, STATUS_FAILED_PRECONDITION, "%s is being used by another process",
                      d->path);
}

/** Takes the lock, or waits a little for a holder that was killed and is not gone yet. */
static int
take_lock(int fd, int wait_ms)
{
    const struct timespec step = {0, LOCK_STEP_MS * 1000000L};
    int rc;
    while ((rc = flock(fd, LOCK_EX | LOCK_NB)) < 0 && errno == EWOULDBLOCK && wait_ms > 0) {
        nanosleep(&step, NULL);
        wait_ms -= LOCK_STEP_MS;
    }
    return rc;
}

int
data_dir_lock(struct data_dir *d, const char *doing, bool *ret_busy, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    char text[64];
    if (ret_busy)
        *ret_busy = false;
    data_dir_file(d, "lock", path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot open %s: %s", path,
                          strerror(errno));
    if (take_lock(fd, ret_busy ? LOCK_ASK_MS : LOCK_WAIT_MS) < 0) {
        if (ret_busy)
            *ret_busy = errno == EWOULDBLOCK;
        fail_locked(fd, d, e);
        close(fd);
        return -1;
    }
    int n = snprintf(text, sizeof text, "%d %s\n", (int)getpid(), doing);
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n) {
        status_set(e, STATUS_FAILED_PRECONDITION, "cannot write %s: %s", path, strerror(errno));
        close(fd);
        return -1;
    }
    d->lock_fd = fd;
    return 0;
}

void
data_dir_unlock(struct data_dir *d)
{
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    d->lock_fd = -1;
}

static int
write_mark(const struct data_dir *d, const char *name, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    data_dir_file(d, name, path);
    return file_store(path, O_TRUNC, 0600, LAYOUT, strlen(LAYOUT), e);
}

int
data_dir_begin(const struct data_dir *d, struct status *e)
{
    return write_mark(d, "UNFINISHED", e);
}

int
data_dir_finish(const struct data_dir *d, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    if (write_mark(d, "VERSION", e) < 0)
        return -1;
    data_dir_file(d, "UNFINISHED", path);
    if (unlink(path) < 0 || file_sync_folder_of(path) < 0)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot finish %s: %s", d->path,
                          strerror(errno));
    return 0;
}

static int
remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    remove(path);
    return 0;
}

static void
remove_all(const struct data_dir *d, const char *const *names, size_t n)
{
    char path[DATA_DIR_FILE_BYTES];
    for (size_t i = 0; i < n; i++) {
        data_dir_file(d, names[i], path);
        nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
    }
}

void
data_dir_clear(const struct data_dir *d, bool marks_too)
{
    remove_all(d, contents, sizeof contents / sizeof *contents);
    if (marks_too)
        remove_all(d, marks, sizeof marks / sizeof *marks);
}
