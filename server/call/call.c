#include "server/call/call.h"

#include "common/clock.h"

struct call *
call_begin(size_t limit_bytes)
{
    struct arena *a = arena_new(limit_bytes);
    struct call *c = a ? arena_alloc(a, sizeof *c) : NULL;
    if (!c) {
        arena_free(a);
        return NULL;
    }
    c->arena = a;
    c->received_us = clock_now_us();
    c->member = c->company = c->client = "";
    return c;
}

int64_t
call_left_ms(const struct call *c)
{
    int64_t left = (c->deadline_us - clock_now_us()) / 1000;
    return left > 0 ? left : 0;
}

bool
call_is_abandoned(const struct call *c)
{
    return c->is_abandoned && atomic_load(c->is_abandoned);
}

bool
call_drop_abandoned(struct call *c)
{
    if (!call_is_abandoned(c))
        return false;
    status_set(&c->status, STATUS_CANCELLED, "the caller has gone away");
    return true;
}

bool
call_has_to_wait(const struct call *c)
{
    /* A native method has a thread that waits; it is to have it back soon. */
    return c->reader && atomic_load(&c->reader->is_late) && !c->work.wake;
}

void
call_lap(struct call *c, enum call_phase phase)
{
    int64_t now_us = clock_now_us();
    c->spent_us[phase] += now_us - (c->lap_us ? c->lap_us : c->received_us);
    c->lap_us = now_us;
}
