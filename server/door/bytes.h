/**
 * Bytes that grow at one end.
 */
#ifndef JIAYI_SERVER_DOOR_BYTES_H
#define JIAYI_SERVER_DOOR_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /** A buffer of no more than this is kept when it is emptied. */
    BYTES_KEPT = 2048,
};

/** All zero at first. Who owns it frees data. */
struct bytes {
    uint8_t *data;
    size_t size, capacity;
};

/** bytes_extend() - make room for so many more. Returns where they go; NULL without memory. */
uint8_t *bytes_extend(struct bytes *b, size_t n);

/** bytes_append() - add a copy of @data. False without memory: nothing is added then. */
bool bytes_append(struct bytes *b, const void *data, size_t n) __attribute__((warn_unused_result));

/** bytes_free() - let go of all of it; what it was is empty then. */
void bytes_free(struct bytes *b);

/** bytes_empty() - forget what is in it, and let go of a buffer that is large. */
void bytes_empty(struct bytes *b);

#endif
