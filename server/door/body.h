/**
 * A body that is gathered, or waits to be sent: bytes that may be a secret, so that no copy of them
 * stays behind.
 */
#ifndef JIAYI_SERVER_DOOR_BODY_H
#define JIAYI_SERVER_DOOR_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** All zero at first. */
struct body {
    uint8_t *bytes;
    size_t size, capacity;
};

/**
 * body_append() - add a copy of @data.
 *
 * @most: as many bytes as it is going to have; room is made for more than is needed, but not for
 *        more than that
 *
 * False without memory: nothing is added then.
 */
bool body_append(struct body *b, const void *data, size_t n, size_t most)
    __attribute__((warn_unused_result));

/** body_free() - wipe and free it: it is empty then. */
void body_free(struct body *b);

#endif
