/**
 * Files of the client's own: read only when nobody else can, written whole or not at all.
 */
#ifndef JIAYI_CLIENT_BASE_FILE_H
#define JIAYI_CLIENT_BASE_FILE_H

#include <stddef.h>

#include "client/base/failure.h"
#include "common/arena.h"

/** What file_read_private() found. */
enum file_found { FILE_FAILED = -1, FILE_ABSENT, FILE_READ };

/**
 * file_read_private() - read a file with secrets into the arena; wiped with it.
 *
 * It must be a regular file (no link), mine, and closed to everybody else.
 *
 * Returns FILE_READ with *@ret (a NUL follows) and *@size; FILE_ABSENT; FILE_FAILED with @e set:
 * STATUS_FAILED_HERE, naming the remedy.
 */
enum file_found file_read_private(struct arena *a, const char *path, size_t limit, char **ret,
                                  size_t *size, struct status *e) MUST_CHECK;

/** Whether a file is to survive a power failure the moment after. */
enum file_durability { FILE_QUICK, FILE_DURABLE };

/**
 * file_write_private() - replace a file by one with mode 0600, at once. Returns 0, or -1 with @e
 * set.
 */
int file_write_private(const char *path, const void *data, size_t size, enum file_durability how,
                       struct status *e) MUST_CHECK;

/** file_make_folders() - make the folder @path and those above it that are missing, mode 0700. */
int file_make_folders(const char *path, struct status *e) MUST_CHECK;

/**
 * file_read() - read any file, or standard input for "-", into the arena; wiped with it.
 *
 * @limit: more bytes are an error
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE.
 */
int file_read(struct arena *a, const char *path, size_t limit, char **ret, size_t *size,
              struct status *e) MUST_CHECK;

/**
 * file_read_line() - read one line of standard input, without its end, into the arena; wiped with
 * it.
 */
int file_read_line(struct arena *a, char **ret, size_t *size, struct status *e) MUST_CHECK;

#endif
