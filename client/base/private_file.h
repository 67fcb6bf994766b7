/**
 * Files that the client keeps: read only when nobody else can, written whole or not at all.
 */
#ifndef JIAYI_CLIENT_BASE_PRIVATE_FILE_H
#define JIAYI_CLIENT_BASE_PRIVATE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "client/base/failure.h"
#include "common/arena.h"

/** What private_file_read() found. */
enum private_file_found { PRIVATE_FILE_FAILED = -1, PRIVATE_FILE_ABSENT, PRIVATE_FILE_READ };

/**
 * private_file_read() - read a file with secrets into the arena; wiped with it.
 *
 * It must be a regular file (no link), mine, and closed to everybody else.
 *
 * Returns PRIVATE_FILE_READ with *@ret (a NUL follows) and *@size; PRIVATE_FILE_ABSENT;
 * PRIVATE_FILE_FAILED with @e set: STATUS_FAILED_HERE, naming the remedy.
 */
enum private_file_found private_file_read(struct arena *a, const char *path, size_t limit,
                                          char **ret, size_t *size, struct status *e) MUST_CHECK;

/**
 * private_file_write() - replace a file by one with mode 0600, at once.
 *
 * @durable: it is to survive a power failure the moment after
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE.
 */
int private_file_write(const char *path, const void *data, size_t size, bool durable,
                       struct status *e) MUST_CHECK;

/** private_file_make_folders() - make the folder @path and those missing above it, mode 0700. */
int private_file_make_folders(const char *path, struct status *e) MUST_CHECK;

#endif
