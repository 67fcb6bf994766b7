/**
 * Files read and written to the end: what a system call may do in part is done whole or fails.
 *
 * Where a function has no struct status it returns -1, or NULL, with errno set, and its caller says
 * what failed. Any thread may call.
 */
#ifndef JIAYI_COMMON_FILE_H
#define JIAYI_COMMON_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "common/status.h"

/** file_write_all() - write all of @n bytes to @fd. Returns 0, or -1 with errno set. */
int file_write_all(int fd, const void *data, size_t n) MUST_CHECK;

/**
 * file_read_all() - read @n bytes from @fd, fewer only where it ends.
 *
 * Returns how many, or -1 with errno set.
 */
ssize_t file_read_all(int fd, void *to, size_t n) MUST_CHECK;

/**
 * file_load() - read @fd, of whatever kind it is, to its end.
 *
 * @limit: the most bytes
 *
 * Returns malloced text with a NUL after it, and its bytes in *@ret_n; free it with wipe_free(), as
 * memory that it outgrew is. NULL with errno set: EFBIG for more than @limit bytes.
 */
char *file_load(int fd, size_t limit, size_t *ret_n) MUST_CHECK;

/**
 * file_load_regular() - read a regular file of at most @limit bytes.
 *
 * @ret: what fstat() tells of it; st_size is the number of bytes read
 *
 * Does not wait, whatever stands at @path. Returns the text as file_load() does, or NULL with @e
 * set: STATUS_NOT_FOUND, STATUS_INVALID_ARGUMENT for another kind of file or a longer one,
 * STATUS_RESOURCE_EXHAUSTED, STATUS_UNAVAILABLE when it changed meanwhile.
 */
char *file_load_regular(const char *path, size_t limit, struct stat *ret,
                        struct status *e) MUST_CHECK;

/**
 * file_store() - write @n bytes to the file @path, and have them on the disk.
 *
 * @flags: for open(): O_EXCL for a file that must not be there, O_TRUNC, O_APPEND
 * @mode:  what the file's mode becomes; until it is whole, no more than 0600
 *
 * Does not follow a symbolic link. Returns 0, or -1 with @e set: STATUS_FAILED_PRECONDITION. Part
 * of a file may be left then.
 */
int file_store(const char *path, int flags, mode_t mode, const void *data, size_t n,
               struct status *e) MUST_CHECK;

/**
 * file_replace() - put a file of @n bytes at @path, whole or not at all, in place of what is there.
 *
 * @durable: it survives a power failure the moment after
 *
 * Until it is whole its name begins with ".new-", in the same folder. Returns 0, or -1 with errno
 * set.
 */
int file_replace(const char *path, mode_t mode, const void *data, size_t n,
                 bool durable) MUST_CHECK;

/**
 * file_sync_folder_of() - have the folder that @path is in on the disk. Returns 0, or -1 with errno
 * set.
 */
int file_sync_folder_of(const char *path) MUST_CHECK;

#endif
