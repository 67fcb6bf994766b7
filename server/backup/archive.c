#include "server/backup/archive.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/sha256.h"
#include "common/tar.h"
#include "common/wipe.h"

/* --- Numbers */

static off_t
parse_size(const char field[12])
{
    off_t size = 0;
    if ((unsigned char)field[0] != 0x80) {
        char text[13] = "";
        memcpy(text, field, 12);
        return (off_t)strtoull(text, NULL, 8);
    }
    for (int i = 4; i < 12; i++)
        size = size << 8 | (unsigned char)field[i];
    return size;
}

/* --- Writing */

static int
write_at(const struct archive *a, off_t at, const void *data, size_t n, struct status *e)
{
    const char *from = data;
    while (n > 0) {
        ssize_t done = pwrite(a->fd, from, n, at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return status_set(e, STATUS_RESOURCE_EXHAUSTED, "cannot write %s: %s", a->path,
                              done < 0 ? strerror(errno) : "nothing is taken");
        from += done;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

void
archive_begin(struct archive *a, int fd, const char *path)
{
    *a = (struct archive){.fd = fd, .path = path};
}

int
archive_open_member(struct archive *a, const char *name, mode_t mode, struct status *e)
{
    if (a->n == ARCHIVE_MEMBERS || strlen(name) >= ARCHIVE_NAME_BYTES)
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s does not fit into a backup", name);
    struct archive_member *member = &a->members[a->n];
    snprintf(member->name, sizeof member->name, "%s", name);
    member->mode = mode;
    member->mtime_s = time(NULL);
    member->offset = a->end + TAR_BLOCK;
    member->size = 0;
    a->end += TAR_BLOCK;
    a->digest = sha256_begin();
    return a->digest ? 0 : status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

int
archive_write(struct archive *a, const void *data, size_t n, struct status *e)
{
    if (write_at(a, a->end, data, n, e) < 0)
        return -1;
    sha256_add(a->digest, data, n);
    a->end += (off_t)n;
    return 0;
}

int
archive_close_member(struct archive *a, struct status *e)
{
    static const char zeros[TAR_BLOCK];
    struct tar_header h;
    struct archive_member *member = &a->members[a->n];
    sha256_end(a->digest, member->sha256);
    a->digest = NULL;
    member->size = a->end - member->offset;
    tar_make(&h, member->name, member->mode, member->mtime_s, member->size);
    size_t rest = tar_padding(member->size);
    if (write_at(a, a->end, zeros, rest, e) < 0 ||
        write_at(a, member->offset - TAR_BLOCK, &h, sizeof h, e) < 0)
        return -1;
    a->end += (off_t)rest;
    a->n++;
    return 0;
}

int
archive_finish(struct archive *a, struct status *e)
{
    static const char zeros[2 * TAR_BLOCK];
    if (write_at(a, a->end, zeros, sizeof zeros, e) < 0)
        return -1;
    a->end += (off_t)sizeof zeros;
    if (fsync(a->fd) < 0)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "cannot write %s: %s", a->path,
                          strerror(errno));
    return 0;
}

/* --- Reading */

/** Reads @n bytes at @at; fewer only at the end of the file. -1 with @e set. */
static ssize_t
read_at(const struct archive *a, off_t at, void *to, size_t n, struct status *e)
{
    size_t have = 0;
    while (have < n) {
        ssize_t got = pread(a->fd, (char *)to + have, n - have, at + (off_t)have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return status_set(e, STATUS_UNAVAILABLE, "cannot read %s: %s", a->path,
                              strerror(errno));
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static bool
is_zero(const struct tar_header *h)
{
    static const struct tar_header zero;
    return memcmp(h, &zero, sizeof zero) == 0;
}

static bool
is_header(const struct tar_header *h)
{
    return memcmp(h->magic, tar_magic, 6) == 0 &&
           strtoul(h->checksum, NULL, 8) == tar_checksum(h) && memchr(h->name, 0, sizeof h->name) &&
           (h->type == '0' || h->type == 0);
}

static int
fail_truncated(const struct archive *a, struct status *e)
{
    return status_set(e, STATUS_INVALID_ARGUMENT,
                      "%s is cut off: it ends before the backup in it does", a->path);
}

/** Takes the header at a->end. Returns 1 for a member, 0 at the end, -1 with @e set. */
static int
read_member(struct archive *a, struct status *e)
{
    struct tar_header h;
    ssize_t got = read_at(a, a->end, &h, sizeof h, e);
    if (got < 0)
        return -1;
    if (got < TAR_BLOCK)
        return a->n == 0
                   ? status_set(e, STATUS_INVALID_ARGUMENT, "%s is no backup of jiayid", a->path)
                   : fail_truncated(a, e);
    if (a->n > 0 && is_zero(&h))
        return 0;
    if (!is_header(&h) || a->n == ARCHIVE_MEMBERS)
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s is %s", a->path,
                          a->n == 0 ? "no backup of jiayid" : "damaged");
    struct archive_member *member = &a->members[a->n++];
    memcpy(member->name, h.name, sizeof member->name);
    member->mode = (mode_t)strtoul(h.mode, NULL, 8) & 07777;
    member->offset = a->end + TAR_BLOCK;
    member->size = parse_size(h.size);
    if (member->size < 0 || member->size > INT64_MAX / 4)
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s is damaged", a->path);
    a->end = member->offset + member->size + (off_t)tar_padding(member->size);
    return 1;
}

int
archive_read(struct archive *a, int fd, const char *path, struct status *e)
{
    int rc;
    *a = (struct archive){.fd = fd, .path = path};
    while ((rc = read_member(a, e)) > 0)
        continue;
    return rc;
}

int
archive_sha256(int fd, const char *path, char ret[SHA256_TEXT], struct status *e)
{
    static char piece[65536];
    const struct archive a = {.fd = fd, .path = path};
    off_t at = 0;
    ssize_t got;
    struct sha256 *digest = sha256_begin();
    if (!digest)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    while ((got = read_at(&a, at, piece, sizeof piece, e)) > 0) {
        sha256_add(digest, piece, (size_t)got);
        at += got;
    }
    sha256_end(digest, ret);
    return got < 0 ? -1 : 0;
}

const struct archive_member *
archive_find(const struct archive *a, const char *name)
{
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->members[i].name, name) == 0)
            return &a->members[i];
    return NULL;
}

ssize_t
archive_piece(const struct archive *a, const struct archive_member *member, off_t offset, void *to,
              size_t n, struct status *e)
{
    off_t rest = member->size - offset;
    if ((off_t)n > rest)
        n = (size_t)rest;
    ssize_t got = read_at(a, member->offset + offset, to, n, e);
    return got >= 0 && (size_t)got < n ? fail_truncated(a, e) : got;
}

char *
archive_text(const struct archive *a, const struct archive_member *member, size_t limit,
             struct status *e)
{
    char *text = NULL;
    if ((size_t)member->size > limit)
        status_set(e, STATUS_INVALID_ARGUMENT, "%s in %s is longer than %zu bytes", member->name,
                   a->path, limit);
    else if (!(text = calloc(1, (size_t)member->size + 1)))
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    else if (archive_piece(a, member, 0, text, (size_t)member->size, e) < 0) {
        wipe_free(text);
        text = NULL;
    }
    return text;
}
