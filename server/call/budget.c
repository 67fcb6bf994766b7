#include "server/call/budget.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "server/call/whose.h"

struct budget {
    /** What one change costs, and what may be owed, in microseconds. */
    int64_t cost_us, limit_us;
    /** When each will have paid for what it did, on the monotonic clock. */
    _Atomic int64_t paid_us[WHOSE_NUMBERS];
};

struct budget *
budget_new(int rate, int burst)
{
    struct budget *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->cost_us = 1000000 / rate;
    b->limit_us = b->cost_us * burst;
    return b;
}

void
budget_free(struct budget *b)
{
    free(b);
}

uint32_t
budget_charge(struct budget *b, unsigned whose, size_t bytes, int64_t now_us)
{
    _Atomic int64_t *paid = &b->paid_us[whose];
    int64_t cost_us = b->cost_us * (int64_t)(1 + bytes / BUDGET_STEP_BYTES);
    if (cost_us > b->limit_us)
        cost_us = b->limit_us;
    int64_t before_us = atomic_load_explicit(paid, memory_order_relaxed), after_us;
    do {
        after_us = (before_us > now_us ? before_us : now_us) + cost_us;
        if (after_us - now_us > b->limit_us)
            return (uint32_t)((after_us - now_us - b->limit_us + 999) / 1000);
    } while (!atomic_compare_exchange_weak_explicit(paid, &before_us, after_us,
                                                    memory_order_relaxed, memory_order_relaxed));
    return 0;
}
