/**
 * Text that is printed into memory.
 *
 * In place of open_memstream(): glibc's does not tell, neither by ferror() nor by fclose(), that
 * there was no memory for a part of the text, and leaves copies behind as it grows.
 */
#ifndef JIAYI_COMMON_PRINTED_H
#define JIAYI_COMMON_PRINTED_H

#include <stddef.h>
#include <stdio.h>

#include "common/status.h"

/** What was printed. All zero at first. */
struct printed {
    /**
     * The text, with a NUL after it; the caller frees it. NULL until printed_end(), and when that
     * failed.
     */
    char *text;
    /** Its bytes, without the NUL. */
    size_t n;
    size_t room;
};

/** printed_begin() - a stream to print on, which printed_end() closes. NULL without memory. */
FILE *printed_begin(struct printed *p);

/**
 * printed_end() - the text is whole.
 *
 * @out: from printed_begin(), NULL is allowed
 *
 * Returns 0, or -1 with @e set when there was no memory for all of it. Memory that the text
 * outgrew, and what there is of it when it fails, is wiped: it may hold secrets.
 */
int printed_end(struct printed *p, FILE *out, struct status *e) MUST_CHECK;

#endif
