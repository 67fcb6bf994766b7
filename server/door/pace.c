#include "server/door/pace.h"

#include "common/clock.h"

void
pace_begin(struct pace *p, int timeout_ms)
{
    *p = (struct pace){.until_us = clock_now_us() + (int64_t)timeout_ms * 1000};
}

void
pace_move(struct pace *p, size_t n, int timeout_ms)
{
    p->moved += n;
    if (p->moved >= PACE_BYTES)
        pace_begin(p, timeout_ms);
}
