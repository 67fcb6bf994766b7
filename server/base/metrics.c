#include "server/base/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/**
 * Upper bounds of the latency's buckets, in seconds: Prometheus's usual ones, and three finer ones.
 */
static const double latency_bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                        0.1,    0.25,  0.5,    1,     2.5,  5,     10};
/** Upper bounds of the batches' buckets, in calls. */
static const double batch_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

_Static_assert(LENGTH(latency_bounds) < METRICS_BUCKETS && LENGTH(batch_bounds) < METRICS_BUCKETS,
               "every bucket has its place");

/** Counts that many threads add to. The sum is in a unit of its own, so that it is an integer. */
struct histogram {
    atomic_uint_fast64_t counts[METRICS_BUCKETS];
    atomic_uint_fast64_t sum;
};

/** One method's calls. A cache line at least is its own. */
struct tally {
    _Alignas(64) atomic_uint_fast64_t codes[METRICS_CODES];
    struct histogram seconds;
};

/** One row for each method, and the last for calls of none. NULL while nothing is counted. */
static struct tally *tallies;
static size_t n_methods;

static atomic_uint_fast64_t counts[METRICS_COUNTS];
static struct histogram batches;
static atomic_int_fast64_t certificate_not_after_s, self_check_at_s;
static atomic_int self_check = -1;

/** What was refused for one cause. */
struct refusal {
    atomic_uint_fast64_t n;
    /** The count when the log was last told; of the one thread that tells it. */
    uint64_t logged;
    /** Of the last one, for the log. */
    pthread_mutex_t lock;
    char peer[48];
};

static struct refusal refusals[METRICS_REFUSED_CAUSES] = {
#define REFUSED(id, cause, help) [METRICS_REFUSED_##id] = {.lock = PTHREAD_MUTEX_INITIALIZER},
#include "server/base/metrics.def"
#undef REFUSED
};

static const char *const causes[] = {
#define REFUSED(id, cause, help) [METRICS_REFUSED_##id] = (cause),
#include "server/base/metrics.def"
#undef REFUSED
};

static uint64_t
get(atomic_uint_fast64_t *n)
{
    return atomic_load_explicit(n, memory_order_relaxed);
}

static void
count_up(atomic_uint_fast64_t *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

/* Counting. */

int
metrics_start(size_t n, struct status *e)
{
    size_t size = (n + 1) * sizeof *tallies;
    tallies = aligned_alloc(_Alignof(struct tally), size);
    if (!tallies)
        return status_set(e, STATUS_INTERNAL, "no memory for the metrics");
    memset(tallies, 0, size);
    n_methods = n;
    return 0;
}

void
metrics_stop(void)
{
    free(tallies);
    tallies = NULL;
}

void
metrics_count(enum metrics_count what)
{
    count_up(&counts[what], 1);
}

uint64_t
metrics_counted(enum metrics_count what)
{
    return get(&counts[what]);
}

static size_t
bucket(const double *bounds, size_t n_bounds, double value)
{
    size_t i = 0;
    while (i < n_bounds && value > bounds[i])
        i++;
    return i;
}

void
metrics_call(size_t method, enum status_code code, int64_t us)
{
    if (!tallies)
        return;
    struct tally *t = &tallies[method < n_methods ? method : n_methods];
    count_up(&t->codes[(size_t)code < METRICS_CODES ? code : STATUS_UNKNOWN], 1);
    count_up(&t->seconds.counts[bucket(latency_bounds, LENGTH(latency_bounds), (double)us / 1e6)],
             1);
    count_up(&t->seconds.sum, us > 0 ? (uint64_t)us : 0);
}

void
metrics_batch(int n_calls)
{
    count_up(&batches.counts[bucket(batch_bounds, LENGTH(batch_bounds), n_calls)], 1);
    count_up(&batches.sum, (uint64_t)n_calls);
}

void
metrics_self_check(bool ok)
{
    atomic_store(&self_check, ok);
    atomic_store(&self_check_at_s, time(NULL));
}

void
metrics_certificate(int64_t not_after_s)
{
    atomic_store(&certificate_not_after_s, not_after_s);
}

/* What is refused. */

void
metrics_refused(enum metrics_refused cause, const char *peer)
{
    struct refusal *r = &refusals[cause];
    count_up(&r->n, 1);
    /* Whose turn it is not goes without: another one's address is as good. */
    if (peer && pthread_mutex_trylock(&r->lock) == 0) {
        snprintf(r->peer, sizeof r->peer, "%s", peer);
        pthread_mutex_unlock(&r->lock);
    }
}

uint64_t
metrics_refusals(enum metrics_refused cause)
{
    return get(&refusals[cause].n);
}

const char *
metrics_cause(enum metrics_refused cause)
{
    return causes[cause];
}

void
metrics_log_refused(void)
{
    static uint64_t held_logged;
    uint64_t held = metrics_counted(METRICS_LOG_LINES_HELD);
    if (held != held_logged)
        log_event(LOG_INFO, "calls_not_logged", log_number("count", (int64_t)(held - held_logged)));
    held_logged = held;
    for (int i = 0; i < METRICS_REFUSED_CAUSES; i++) {
        struct refusal *r = &refusals[i];
        uint64_t n = get(&r->n);
        if (n == r->logged)
            continue;
        pthread_mutex_lock(&r->lock);
        log_event(LOG_INFO, "refused", log_text("cause", causes[i]),
                  log_number("count", (int64_t)(n - r->logged)), log_text("last_peer", r->peer));
        pthread_mutex_unlock(&r->lock);
        r->logged = n;
    }
}

/* Reading. */

size_t
metrics_rows(void)
{
    return tallies ? n_methods + 1 : 0;
}

uint64_t
metrics_calls(size_t row, enum status_code code)
{
    return get(&tallies[row].codes[code]);
}

static void
read_histogram(struct metrics_histogram *ret, const double *bounds, size_t n_bounds, double unit,
               struct histogram *h)
{
    *ret = (struct metrics_histogram){.bounds = bounds, .n_bounds = n_bounds};
    for (size_t i = 0; i <= n_bounds; i++)
        ret->n += ret->counts[i] = get(&h->counts[i]);
    ret->sum = (double)get(&h->sum) * unit;
}

void
metrics_read_seconds(size_t row, struct metrics_histogram *ret)
{
    read_histogram(ret, latency_bounds, LENGTH(latency_bounds), 1e-6, &tallies[row].seconds);
}

void
metrics_read_batches(struct metrics_histogram *ret)
{
    read_histogram(ret, batch_bounds, LENGTH(batch_bounds), 1, &batches);
}

bool
metrics_is_failure(enum status_code code)
{
    switch (code) {
    case STATUS_UNKNOWN:
    case STATUS_DEADLINE_EXCEEDED:
    case STATUS_RESOURCE_EXHAUSTED:
    case STATUS_INTERNAL:
    case STATUS_UNAVAILABLE:
    case STATUS_DATA_LOSS: return true;
    default: return false;
    }
}

void
metrics_total(struct metrics_totals *ret)
{
    *ret = (struct metrics_totals){
        .self_check = atomic_load(&self_check),
        .self_check_at_s = atomic_load(&self_check_at_s),
        .certificate_not_after_s = atomic_load(&certificate_not_after_s),
    };
    for (size_t i = 0; i < metrics_rows(); i++)
        for (int code = 0; code < METRICS_CODES; code++) {
            uint64_t n = metrics_calls(i, (enum status_code)code);
            ret->calls += n;
            ret->failures += metrics_is_failure((enum status_code)code) ? n : 0;
        }
    for (int i = 0; i < METRICS_REFUSED_CAUSES; i++)
        ret->refused += get(&refusals[i].n);
}
