/**
 * What a company may change: so much at a time, and so much a second on average. Without a limit
 * one connection fills a disk in a night.
 *
 * Counted by the generic cell rate algorithm (ITU-T I.371): of each company only the time is kept
 * at which it will have paid for all that it did. So a change costs one atomic step, and nothing
 * has to be topped up. Each server counts for itself.
 */
#ifndef JIAYI_SERVER_CALL_BUDGET_H
#define JIAYI_SERVER_CALL_BUDGET_H

#include <stddef.h>
#include <stdint.h>

enum {
    /** A change counts once, and once more for so many bytes of its request. */
    BUDGET_STEP_BYTES = 4096,
};

struct budget;

/**
 * budget_new() - a budget for each company.
 *
 * @rate:  changes a second
 * @burst: changes at once, after a pause that was long enough
 *
 * Returns NULL without memory.
 */
struct budget *budget_new(int rate, int burst);

/** budget_free() - NULL is allowed. */
void budget_free(struct budget *b);

/**
 * budget_charge() - one more change.
 *
 * @whose:  who makes it: whose_number()
 * @bytes:  of its request
 * @now_us: on the monotonic clock
 *
 * What costs more than the burst costs all of it.
 * Returns 0; or how many milliseconds are to pass until there is room for it: nothing was charged
 * then. Any thread.
 */
uint32_t budget_charge(struct budget *b, unsigned whose, size_t bytes, int64_t now_us);

#endif
