/**
 * What the user hands in: files by their path, and standard input.
 *
 * What is read is in the arena, a NUL after it, and is wiped with it. Failures are
 * STATUS_FAILED_HERE.
 */
#ifndef JIAYI_CLIENT_BASE_INPUT_H
#define JIAYI_CLIENT_BASE_INPUT_H

#include <stddef.h>

#include "client/base/failure.h"
#include "common/arena.h"

/**
 * input_read() - read any file, or standard input for "-".
 *
 * @limit: more bytes are an error
 *
 * Returns 0 with *@ret and *@size, or -1 with @e set.
 */
int input_read(struct arena *a, const char *path, size_t limit, char **ret, size_t *size,
               struct status *e) MUST_CHECK;

/** input_line() - read one line of standard input, without its end; as input_read(). */
int input_line(struct arena *a, char **ret, size_t *size, struct status *e) MUST_CHECK;

/** input_take() - read what is open as @fd, and is called @path, to its end; as input_read(). */
int input_take(struct arena *a, int fd, const char *path, size_t limit, char **ret, size_t *size,
               struct status *e) MUST_CHECK;

#endif
