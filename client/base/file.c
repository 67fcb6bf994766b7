#include "client/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/base/i18n.h"

enum { LINE_BYTES = 4096 };

static int
failed(struct status *e, const char *format, const char *path)
{
    return status_set(e, STATUS_FAILED_HERE, format, path, strerror(errno));
}

/** Reads @fd to its end. */
static int
read_all(struct arena *a, int fd, const char *path, size_t limit, char **ret, size_t *size,
         struct status *e)
{
    size_t room = 4096, n = 0;
    char *data = malloc(room);
    ssize_t got = -1;
    while (data && n <= limit && (got = read(fd, data + n, room - n)) > 0) {
        n += (size_t)got;
        if (n < room)
            continue;
        /* Not realloc(): what it leaves behind might be a secret. */
        char *more = malloc(2 * room);
        if (more)
            memcpy(more, data, n);
        explicit_bzero(data, n);
        free(data);
        data = more;
        room *= 2;
    }
    int result = 0;
    if (data && got < 0)
        result = failed(e, _("cannot read %s: %s"), path);
    else if (n > limit)
        result = status_set(e, STATUS_FAILED_HERE, _("%s is too large: more than %zu bytes"), path,
                            limit);
    else if (!data || !(*ret = arena_copy(a, data, n)))
        result = failure_memory(e);
    *size = n;
    if (data)
        explicit_bzero(data, n);
    free(data);
    return result;
}

static int
check_private(int fd, const char *path, struct status *e)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return failed(e, _("cannot read %s: %s"), path);
    if (!S_ISREG(st.st_mode))
        return status_set(e, STATUS_FAILED_HERE,
                          _("%s is not a regular file, so it is not trusted"), path);
    if (st.st_uid != geteuid())
        return status_set(e, STATUS_FAILED_HERE,
                          _("%s belongs to another user, so it is not trusted"), path);
    if (st.st_mode & 077)
        return status_set(e, STATUS_FAILED_HERE,
                          _("others can read or change %s; close it with: chmod 600 %s"), path,
                          path);
    return 0;
}

enum file_found
file_read_private(struct arena *a, const char *path, size_t limit, char **ret, size_t *size,
                  struct status *e)
{
    /* O_NONBLOCK: a pipe in its place must not hold us up. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return FILE_ABSENT;
    if (fd < 0 && errno == ELOOP)
        status_set(e, STATUS_FAILED_HERE, _("%s is a symbolic link, so it is not trusted"), path);
    else if (fd < 0)
        failed(e, _("cannot open %s: %s"), path);
    if (fd < 0)
        return FILE_FAILED;
    int result = check_private(fd, path, e);
    if (result == 0)
        result = read_all(a, fd, path, limit, ret, size, e);
    close(fd);
    return result < 0 ? FILE_FAILED : FILE_READ;
}

static int
write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return -1;
        data += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int
file_write_private(const char *path, const void *data, size_t size, enum file_durability how,
                   struct status *e)
{
    char other[PATH_MAX];
    if (snprintf(other, sizeof other, "%s.XXXXXX", path) >= (int)sizeof other)
        return status_set(e, STATUS_FAILED_HERE, _("the path is too long: %s"), path);
    int fd = mkostemp(other, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return failed(e, _("cannot write %s: %s"), path);
    bool written = write_all(fd, data, size) == 0 && (how == FILE_QUICK || fsync(fd) == 0);
    written = close(fd) == 0 && written;
    if (written && rename(other, path) == 0)
        return 0;
    failed(e, _("cannot write %s: %s"), path);
    unlink(other);
    return -1;
}

int
file_make_folders(const char *path, struct status *e)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return status_set(e, STATUS_FAILED_HERE, _("the path is too long: %s"), path);
    for (char *slash = part + 1; slash; *slash = '/') {
        slash = strchr(slash + (*slash == '/'), '/');
        if (slash)
            *slash = 0;
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return failed(e, _("cannot make the folder %s: %s"), part);
        if (!slash)
            return 0;
    }
    return 0;
}

int
file_read(struct arena *a, const char *path, size_t limit, char **ret, size_t *size,
          struct status *e)
{
    if (strcmp(path, "-") == 0)
        return read_all(a, STDIN_FILENO, _("standard input"), limit, ret, size, e);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return failed(e, _("cannot open %s: %s"), path);
    int result = read_all(a, fd, path, limit, ret, size, e);
    close(fd);
    return result;
}

int
file_read_line(struct arena *a, char **ret, size_t *size, struct status *e)
{
    char line[LINE_BYTES];
    size_t n = 0;
    ssize_t got = 0;
    /* A byte at a time: what stands behind the line belongs to the next reader. */
    while (n < sizeof line && (got = read(STDIN_FILENO, line + n, 1)) == 1 && line[n] != '\n')
        n++;
    int result = 0;
    if (got < 0)
        result = failed(e, _("cannot read %s: %s"), _("standard input"));
    else if (got == 0 && n == 0)
        result = status_set(e, STATUS_FAILED_HERE, "%s",
                            _("standard input has ended where a line with a secret was expected"));
    else if (n == sizeof line)
        result = status_set(e, STATUS_FAILED_HERE,
                            _("the line on standard input is longer than %d bytes"), LINE_BYTES);
    if (n > 0 && n < sizeof line && line[n - 1] == '\r')
        n--;
    if (result == 0 && !(*ret = arena_copy(a, line, n)))
        result = failure_memory(e);
    *size = n;
    explicit_bzero(line, sizeof line);
    return result;
}
