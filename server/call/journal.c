#include "server/call/journal.h"

#include <stdatomic.h>
#include <stdio.h>

#include "common/log.h"
#include "server/base/metrics.h"

enum {
    /** Most lines about failed and slow calls in a second. */
    LINES_PER_S = 200,
};

/**
 * True for a line that may be written. Of calls that failed so many are, a second, that nobody
 * fills the disk with them.
 */
static bool
may_log(int64_t now_us)
{
    static atomic_int_fast64_t second;
    static atomic_int lines;
    int_fast64_t now_s = now_us / 1000000, last_s = atomic_load(&second);
    /* Only forward: a thread may come late with a call that ended in the second before. */
    if (last_s < now_s && atomic_compare_exchange_strong(&second, &last_s, now_s))
        atomic_store(&lines, 0);
    if (atomic_fetch_add(&lines, 1) < LINES_PER_S)
        return true;
    metrics_count(METRICS_LOG_LINES_HELD);
    return false;
}

/** Milliseconds with three decimals. */
struct ms {
    char text[24];
};

static struct ms
to_ms(int64_t us)
{
    struct ms ms;
    snprintf(ms.text, sizeof ms.text, "%lld.%03lld", (long long)us / 1000, (long long)us % 1000);
    return ms;
}

/** The line of a slow call has its phases too. */
static void
write_line(enum log_level level, const struct call *c, int64_t us, bool slow)
{
    static const char *const phases[] = {
        [CALL_GATE] = "gate_ms",   [CALL_POOL] = "pool_ms",         [CALL_WORK] = "work_ms",
        [CALL_QUEUE] = "queue_ms", [CALL_DATABASE] = "database_ms", [CALL_RESULTS] = "results_ms",
        [CALL_PACK] = "pack_ms",
    };
    const struct status *s = &c->status;
    struct ms total = to_ms(us), spent[CALL_PHASES];
    struct log_field fields[11 + CALL_PHASES] = {
        log_text("method", c->method ? c->method->schema->short_name : ""),
        log_text("status", status_name(s->code)),
        log_text("ms", total.text),
        log_hex("request_id", c->request_id, c->has_request_id ? REQUEST_ID_BYTES : 0),
        log_text("company", c->company),
        log_text("member", c->member),
        log_text("peer", c->address),
    };
    size_t n = 7;
    if (c->replayed)
        fields[n++] = log_number("replayed", 1);
    if (c->retries)
        fields[n++] = log_number("retries", c->retries);
    if (s->code != STATUS_OK) {
        fields[n++] = log_text("message", s->message);
        fields[n++] = log_text("detail", s->detail);
    }
    for (int i = 0; slow && i < CALL_PHASES; i++) {
        spent[i] = to_ms(c->spent_us[i]);
        fields[n++] = log_text(phases[i], spent[i].text);
    }
    log_fields(level, slow ? "slow_call" : "call", fields, n);
}

void
journal_write(const struct call *c, int slow_call_ms)
{
    int64_t us = c->lap_us - c->received_us;
    enum status_code code = c->status.code;
    bool slow = slow_call_ms > 0 && us / 1000 >= slow_call_ms;
    metrics_call(c->method ? c->method->index : METRICS_NO_METHOD, code, us);
    if (slow)
        metrics_count(METRICS_CALLS_SLOW);
    if (c->replayed)
        metrics_count(METRICS_CALLS_REPLAYED);
    enum log_level level = code == STATUS_INTERNAL     ? LOG_ERROR
                           : code != STATUS_OK || slow ? LOG_INFO
                                                       : LOG_DEBUG;
    if (log_enabled(level) && (level != LOG_INFO || may_log(c->lap_us)))
        write_line(level, c, us, slow);
}
