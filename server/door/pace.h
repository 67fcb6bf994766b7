/**
 * A pace: in each period so many bytes must move.
 */
#ifndef JIAYI_SERVER_DOOR_PACE_H
#define JIAYI_SERVER_DOOR_PACE_H

#include <stddef.h>
#include <stdint.h>

enum {
    /** Who is slow, and moves this many bytes in each period, is none that must be cut off. */
    PACE_BYTES = 32768,
};

struct pace {
    /** On the monotonic clock, in microseconds. */
    int64_t until_us;
    size_t moved;
};

/** pace_begin() - a period of @timeout_ms begins now. */
void pace_begin(struct pace *p, int timeout_ms);

/** pace_move() - @n bytes have moved: where that is enough, the next period begins. */
void pace_move(struct pace *p, size_t n, int timeout_ms);

#endif
