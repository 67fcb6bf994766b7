/**
 * The monotonic clock: what deadlines and durations are reckoned by. It never steps; its zero means
 * nothing.
 */
#ifndef JIAYI_COMMON_CLOCK_H
#define JIAYI_COMMON_CLOCK_H

#include <stdint.h>

/** clock_now_us() - the time in microseconds. Any thread. */
int64_t clock_now_us(void);

/** clock_now_ms() - the same in milliseconds. */
static inline int64_t
clock_now_ms(void)
{
    return clock_now_us() / 1000;
}

#endif
