#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/wipe.h"

enum { FIRST_BYTES = 4096 };

/* --- Descriptors */

int
file_write_all(int fd, const void *data, size_t n)
{
    const char *from = data;
    while (n > 0) {
        ssize_t done = write(fd, from, n);
        if (done < 0 && errno != EINTR)
            return -1;
        from += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

ssize_t
file_read_all(int fd, void *to, size_t n)
{
    size_t have = 0;
    while (have < n) {
        ssize_t got = read(fd, (char *)to + have, n - have);
        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0)
            break;
        have += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)have;
}

/**
 * Twice the room for a text of @n bytes. Not realloc(): what it leaves behind might be a secret.
 */
static char *
double_room(char *text, size_t n, size_t *room)
{
    char *more = malloc(2 * *room);
    if (more) {
        memcpy(more, text, n);
        *room *= 2;
    }
    wipe_free(text);
    return more;
}

char *
file_load(int fd, size_t limit, size_t *ret_n)
{
    size_t room = FIRST_BYTES, n = 0;
    char *text = malloc(room);
    while (text) {
        ssize_t got = file_read_all(fd, text + n, room - n);
        if (got < 0)
            break;
        n += (size_t)got;
        if (n > limit) {
            errno = EFBIG;
            break;
        }
        if (n < room) {
            text[n] = 0;
            *ret_n = n;
            return text;
        }
        text = double_room(text, n, &room);
    }
    wipe_free(text);
    return NULL;
}

/* --- Paths */

/** Reads the open file of @path, whose size was said to be st->st_size. */
static char *
load_whole(int fd, const char *path, size_t limit, const struct stat *st, struct status *e)
{
    size_t n = 0;
    char *text = file_load(fd, limit, &n);
    if (!text && errno == ENOMEM)
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    else if (!text && errno != EFBIG)
        status_set(e, STATUS_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
    else if (!text || n != (size_t)st->st_size) {
        status_set(e, STATUS_UNAVAILABLE, "%s changed while it was read", path);
        wipe_free(text);
        text = NULL;
    }
    return text;
}

char *
file_load_regular(const char *path, size_t limit, struct stat *ret, struct status *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char *text = NULL;
    if (fd < 0 || fstat(fd, ret) < 0)
        status_set(e, STATUS_NOT_FOUND, "cannot read %s: %s", path, strerror(errno));
    else if (!S_ISREG(ret->st_mode) || (size_t)ret->st_size > limit)
        status_set(e, STATUS_INVALID_ARGUMENT, "%s must be a file of at most %zu bytes", path,
                   limit);
    else
        text = load_whole(fd, path, limit, ret, e);
    if (fd >= 0)
        close(fd);
    return text;
}

int
file_store(const char *path, int flags, mode_t mode, const void *data, size_t n, struct status *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    bool fine =
        fd >= 0 && file_write_all(fd, data, n) == 0 && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    return fine ? 0
                : status_set(e, STATUS_FAILED_PRECONDITION, "cannot write %s: %s", path,
                             strerror(why));
}

/** The bytes of @path that are its folder's, with the slash; 0: it stands in the working folder. */
static int
folder_bytes(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash + 1 - path) : 0;
}

static bool
fill_and_close(int fd, mode_t mode, const void *data, size_t n, bool durable)
{
    bool fine =
        file_write_all(fd, data, n) == 0 && fchmod(fd, mode) == 0 && (!durable || fsync(fd) == 0);
    int why = errno;
    if (close(fd) < 0)
        return false;
    errno = why;
    return fine;
}

int
file_replace(const char *path, mode_t mode, const void *data, size_t n, bool durable)
{
    char other[PATH_MAX];
    int folder = folder_bytes(path);
    if (snprintf(other, sizeof other, "%.*s.new-XXXXXX", folder, path) >= (int)sizeof other) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(other, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return -1;
    if (fill_and_close(fd, mode, data, n, durable) && rename(other, path) == 0)
        return durable ? file_sync_folder_of(path) : 0;
    int why = errno;
    unlink(other);
    errno = why;
    return -1;
}

int
file_sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    int n = folder_bytes(path);
    if (snprintf(folder, sizeof folder, "%.*s", n ? n : 1, n ? path : ".") >= (int)sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int rc = fsync(fd);
    int why = errno;
    close(fd);
    errno = why;
    return rc;
}
