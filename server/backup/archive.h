/**
 * An archive of a few files, in the format of tar (ustar), which any tar can unpack.
 *
 * A member may be written without its size being known before. Every member's SHA-256 is taken
 * while it is written.
 */
#ifndef JIAYI_SERVER_BACKUP_ARCHIVE_H
#define JIAYI_SERVER_BACKUP_ARCHIVE_H

#include <stdint.h>
#include <sys/types.h>

#include "common/sha256.h"
#include "common/status.h"

/** Most members, and longest name in bytes with the NUL. */
#define ARCHIVE_MEMBERS    48
#define ARCHIVE_NAME_BYTES 100

/** A member. */
struct archive_member {
    char name[ARCHIVE_NAME_BYTES];
    mode_t mode;
    int64_t mtime_s;
    /** Where its bytes begin in the file, and how many there are. */
    off_t offset;
    off_t size;
    /** Set when it was written. */
    char sha256[SHA256_TEXT];
};

struct archive {
    /** The file; stays the caller's. */
    int fd;
    /** For messages. */
    const char *path;
    size_t n;
    struct archive_member members[ARCHIVE_MEMBERS];
    /** Where the next byte goes, and the digest of the member that is being written. */
    off_t end;
    struct sha256 *digest;
};

/** archive_begin() - write an archive to the empty file @fd. */
void archive_begin(struct archive *a, int fd, const char *path);

/** archive_open_member() - begin the next member. */
int archive_open_member(struct archive *a, const char *name, mode_t mode,
                        struct status *e) MUST_CHECK;

/** archive_write() - add to the member that was begun. */
int archive_write(struct archive *a, const void *data, size_t n, struct status *e) MUST_CHECK;

/** archive_close_member() - end the member. */
int archive_close_member(struct archive *a, struct status *e) MUST_CHECK;

/** archive_finish() - mark the end, and have all of it on the disk. */
int archive_finish(struct archive *a, struct status *e) MUST_CHECK;

/**
 * archive_read() - find the members of the archive in @fd.
 *
 * Refuses what is no archive of archive_begin()'s kind, and one whose end is missing.
 */
int archive_read(struct archive *a, int fd, const char *path, struct status *e) MUST_CHECK;

/** archive_sha256() - the SHA-256 of all of the file @fd, as sha256sum prints it. */
int archive_sha256(int fd, const char *path, char ret[SHA256_TEXT], struct status *e) MUST_CHECK;

/** archive_find() - the member of this name, or NULL. */
const struct archive_member *archive_find(const struct archive *a, const char *name);

/** archive_text() - a member of at most @limit bytes, malloced, with a NUL. NULL with @e set. */
char *archive_text(const struct archive *a, const struct archive_member *member, size_t limit,
                   struct status *e) MUST_CHECK;

/**
 * archive_piece() - read up to @n bytes from @offset in the member on. Returns how many; 0 at its
 * end; -1 with @e set.
 */
ssize_t archive_piece(const struct archive *a, const struct archive_member *member, off_t offset,
                      void *to, size_t n, struct status *e) MUST_CHECK;

#endif
