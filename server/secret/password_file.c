#include "server/secret/password_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "common/text.h"
#include "common/unicode.h"
#include "common/wipe.h"

static int
check_password(const char *file, const char *password, size_t n, struct status *e)
{
    if (!text_valid(password, n))
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the password in %s must be UTF-8 text without NUL", file);
    size_t length = text_length(password);
    if (length < PASSWORD_FILE_MIN || length > PASSWORD_FILE_MAX)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the password in %s must have %d to %d characters, has %zu%s", file,
                          PASSWORD_FILE_MIN, PASSWORD_FILE_MAX, length,
                          n == PASSWORD_FILE_BYTES - 1 ? " or more" : "");
    return 0;
}

/** Reads up to the first line end; the rest of the file does not matter. Returns the bytes read. */
static ssize_t
read_line(int fd, char *to, size_t size)
{
    size_t n = 0;
    while (n < size && !memchr(to, '\n', n)) {
        ssize_t got = read(fd, to + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    return (ssize_t)n;
}

/** Some editors put a byte order mark before a text; nobody types it. Returns the length left. */
static size_t
leave_mark_out(char *password, size_t n)
{
    if (n < 3 || memcmp(password, "\xef\xbb\xbf", 3) != 0)
        return n;
    memmove(password, password + 3, n - 3);
    return n - 3;
}

/** In the form in which signing in compares it. */
static int
normalize(const char *file, char password[PASSWORD_FILE_BYTES], struct status *e)
{
    char *made = unicode_password(password);
    int rc = 0;
    if (!made)
        rc = status_set(e, STATUS_RESOURCE_EXHAUSTED, "no memory for the password in %s", file);
    else if (strlen(made) >= PASSWORD_FILE_BYTES)
        rc = status_set(e, STATUS_INVALID_ARGUMENT, "the password in %s is too long", file);
    else
        memcpy(password, made, strlen(made) + 1);
    wipe_free(made);
    return rc;
}

int
password_file_read(const char *file, char password[PASSWORD_FILE_BYTES], struct status *e)
{
    bool is_stdin = strcmp(file, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    memset(password, 0, PASSWORD_FILE_BYTES);
    ssize_t n = fd < 0 ? -1 : read_line(fd, password, PASSWORD_FILE_BYTES - 1);
    int why = errno;
    if (!is_stdin && fd >= 0)
        close(fd);
    if (is_stdin)
        file = "standard input";
    if (n < 0)
        return status_set(e, STATUS_NOT_FOUND, "cannot read the password file %s: %s", file,
                          strerror(why));
    char *end = memchr(password, '\n', (size_t)n);
    size_t length = end ? (size_t)(end - password) : (size_t)n;
    if (end && length > 0 && password[length - 1] == '\r')
        length--;
    length = leave_mark_out(password, length);
    explicit_bzero(password + length, PASSWORD_FILE_BYTES - length);
    return check_password(file, password, length, e) < 0 ? -1 : normalize(file, password, e);
}
