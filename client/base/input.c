#include "client/base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/wipe.h"

enum { LINE_BYTES = 4096 };

int
input_take(struct arena *a, int fd, const char *path, size_t limit, char **ret, size_t *size,
           struct status *e)
{
    char *data = file_load(fd, limit, size);
    if (!data && errno == EFBIG)
        return status_set(e, STATUS_FAILED_HERE, _("%s is too large: more than %zu bytes"), path,
                          limit);
    if (!data && errno != ENOMEM)
        return status_set(e, STATUS_FAILED_HERE, _("cannot read %s: %s"), path, strerror(errno));
    *ret = data ? arena_copy(a, data, *size) : NULL;
    wipe_free(data);
    return *ret ? 0 : failure_memory(e);
}

int
input_read(struct arena *a, const char *path, size_t limit, char **ret, size_t *size,
           struct status *e)
{
    if (strcmp(path, "-") == 0)
        return input_take(a, STDIN_FILENO, _("standard input"), limit, ret, size, e);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return status_set(e, STATUS_FAILED_HERE, _("cannot open %s: %s"), path, strerror(errno));
    int result = input_take(a, fd, path, limit, ret, size, e);
    close(fd);
    return result;
}

int
input_line(struct arena *a, char **ret, size_t *size, struct status *e)
{
    char line[LINE_BYTES];
    size_t n = 0;
    ssize_t got = 0;
    /* A byte at a time: what stands behind the line belongs to the next reader. */
    while (n < sizeof line && (got = read(STDIN_FILENO, line + n, 1)) == 1 && line[n] != '\n')
        n++;
    int result = 0;
    if (got < 0)
        result = status_set(e, STATUS_FAILED_HERE, _("cannot read %s: %s"), _("standard input"),
                            strerror(errno));
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
