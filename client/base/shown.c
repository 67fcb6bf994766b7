#include "client/base/shown.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/base/private_file.h"

enum {
    /** A file that grew beyond is written anew, with the last SHOWN_MOST only. */
    KEPT_BYTES = 64 << 10,
    /** The most that is read: what was kept and a list of a thousand rows. */
    READ_BYTES = 1 << 20,
    /** Of a line, beside what it is about. */
    NUMBER_BYTES = 24,
};

static const char *
shown_path(struct arena *a, const struct profile *p)
{
    /* Without a sign-in nothing is anybody's. */
    return p->path && p->token ? arena_print(a, "%s.shown", p->path) : NULL;
}

/** The first line: whose versions these are. */
static const char *
whose_line(struct arena *a, const struct profile *p)
{
    return arena_print(a, "%s %s %s\n", p->server ? p->server : "-", p->user ? p->user : "-",
                       p->company ? p->company : "-");
}

/** The lines that are kept for this sign-in; "" where there are none, or the file is not fit. */
static const char *
read_lines(struct arena *a, const struct profile *p, const char *path)
{
    char *text;
    size_t size;
    struct status ignored;
    const char *whose = whose_line(a, p);
    if (!whose ||
        private_file_read(a, path, READ_BYTES, &text, &size, &ignored) != PRIVATE_FILE_READ)
        return "";
    size_t n = strlen(whose);
    return strncmp(text, whose, n) == 0 ? text + n : "";
}

/** The length of what a line is about: all before its last space. */
static size_t
what_length(const char *line, size_t length)
{
    while (length > 0 && line[length - 1] != ' ')
        length--;
    return length > 0 ? length - 1 : 0;
}

int64_t
shown_version(struct arena *a, const struct profile *p, const char *what)
{
    const char *path = shown_path(a, p);
    size_t n = strlen(what), length;
    int64_t found = -1;
    for (const char *at = path ? read_lines(a, p, path) : ""; *at; at += length) {
        length = strcspn(at, "\n");
        if (what_length(at, length) == n && strncmp(at, what, n) == 0)
            found = strtoll(at + n, NULL, 10);
        length += at[length] == '\n';
    }
    return found;
}

/** True when a line behind @line, whose what has @n bytes, is about the same. */
static bool
is_said_again(const char *line, size_t n)
{
    const char *at = line;
    while ((at = strchr(at, '\n')) && *++at)
        if (what_length(at, strcspn(at, "\n")) == n && strncmp(at, line, n) == 0)
            return true;
    return false;
}

/** Where the last SHOWN_MOST lines begin. */
static const char *
last_lines(const char *lines)
{
    size_t n = 0;
    for (const char *at = lines; (at = strchr(at, '\n')); at++)
        n++;
    for (; n > SHOWN_MOST; n--)
        lines = strchr(lines, '\n') + 1;
    return lines;
}

/** Writes the file anew: the last lines, each object once. */
static void
write_anew(struct arena *a, const struct profile *p, const char *path, const char *lines)
{
    struct status ignored;
    const char *whose = whose_line(a, p);
    char *text = whose ? arena_alloc(a, strlen(whose) + strlen(lines) + 1) : NULL, *end = text;
    if (!text)
        return;
    end = stpcpy(end, whose);
    for (const char *at = last_lines(lines); *at;) {
        size_t length = strcspn(at, "\n"), whole = length + (at[length] == '\n');
        if (!is_said_again(at, what_length(at, length)))
            end = mempcpy(end, at, whole);
        at += whole;
    }
    if (private_file_write(path, text, (size_t)(end - text), false, &ignored) < 0)
        return; /* next time, perhaps */
}

/** Appends whole lines at once, so that two programs do not write into one another. */
static bool
append_lines(const char *path, const char *lines)
{
    size_t n = strlen(lines);
    int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool done = fd >= 0 && write(fd, lines, n) == (ssize_t)n;
    if (fd >= 0)
        close(fd);
    return done;
}

/** The new lines; NULL without memory. */
static const char *
print_lines(struct arena *a, const struct shown *all, size_t n)
{
    size_t room = 1, used = 0;
    for (size_t i = 0; i < n; i++)
        room += strlen(all[i].what) + NUMBER_BYTES;
    char *lines = arena_alloc(a, room);
    for (size_t i = 0; lines && i < n; i++)
        used += (size_t)snprintf(lines + used, room - used, "%s %lld\n", all[i].what,
                                 (long long)all[i].version);
    return lines;
}

void
shown_remember(struct arena *a, const struct profile *p, const struct shown *all, size_t n)
{
    const char *path = n ? shown_path(a, p) : NULL, *before = path ? read_lines(a, p, path) : "";
    const char *lines = path ? print_lines(a, all, n) : NULL;
    if (!lines)
        return;
    bool fits = *before && strlen(before) + strlen(lines) < KEPT_BYTES;
    if (fits && append_lines(path, lines))
        return;
    const char *both = arena_print(a, "%s%s", before, lines);
    if (both)
        write_anew(a, p, path, both);
}
