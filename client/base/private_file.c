#include "client/base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/base/input.h"
#include "common/file.h"

static int
check_private(int fd, const char *path, struct status *e)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return status_set(e, STATUS_FAILED_HERE, _("cannot read %s: %s"), path, strerror(errno));
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

enum private_file_found
private_file_read(struct arena *a, const char *path, size_t limit, char **ret, size_t *size,
                  struct status *e)
{
    /* O_NONBLOCK: a pipe in its place must not hold us up. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return PRIVATE_FILE_ABSENT;
    if (fd < 0 && errno == ELOOP)
        status_set(e, STATUS_FAILED_HERE, _("%s is a symbolic link, so it is not trusted"), path);
    else if (fd < 0)
        status_set(e, STATUS_FAILED_HERE, _("cannot open %s: %s"), path, strerror(errno));
    if (fd < 0)
        return PRIVATE_FILE_FAILED;
    int result = check_private(fd, path, e);
    if (result == 0)
        result = input_take(a, fd, path, limit, ret, size, e);
    close(fd);
    return result < 0 ? PRIVATE_FILE_FAILED : PRIVATE_FILE_READ;
}

int
private_file_write(const char *path, const void *data, size_t size, bool durable, struct status *e)
{
    if (file_replace(path, 0600, data, size, durable) == 0)
        return 0;
    return status_set(e, STATUS_FAILED_HERE, _("cannot write %s: %s"), path, strerror(errno));
}

int
private_file_make_folders(const char *path, struct status *e)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return status_set(e, STATUS_FAILED_HERE, _("the path is too long: %s"), path);
    for (char *slash = part + 1; slash; *slash = '/') {
        slash = strchr(slash + (*slash == '/'), '/');
        if (slash)
            *slash = 0;
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return status_set(e, STATUS_FAILED_HERE, _("cannot make the folder %s: %s"), part,
                              strerror(errno));
        if (!slash)
            return 0;
    }
    return 0;
}
