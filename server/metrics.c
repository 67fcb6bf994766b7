#include "server/metrics.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "server/method.h"
#include "server/process.h"
#include "server/prometheus.h"
#include "server/state.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/** The codes of status.def, from OK on. */
#define CODES (STATUS_UNAUTHENTICATED + 1)

/** Upper bounds of the latency's buckets, in seconds: Prometheus's usual ones, and three finer ones. */
static const double latency_bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                        0.1,    0.25,  0.5,    1,     2.5,  5,     10};
/** Upper bounds of the batches' buckets, in calls. */
static const double batch_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

/** Counts that many threads add to. The sum is in a unit of its own, so that it is an integer. */
struct histogram {
    atomic_uint_fast64_t counts[LENGTH(latency_bounds) + 1];
    atomic_uint_fast64_t sum;
};

/** One method's calls. A cache line at least is its own. */
struct tally {
    _Alignas(64) atomic_uint_fast64_t codes[CODES];
    struct histogram seconds;
};

/** One row for each method, and the last for calls of none. NULL while nothing is counted. */
static struct tally *tallies;
static const struct methods *counted_methods;

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
#include "server/metrics.def"
#undef REFUSED
};

static const char *const causes[] = {
#define REFUSED(id, cause, help) [METRICS_REFUSED_##id] = (cause),
#include "server/metrics.def"
#undef REFUSED
};

static uint64_t
get(atomic_uint_fast64_t *n)
{
    return atomic_load_explicit(n, memory_order_relaxed);
}

static void
add(atomic_uint_fast64_t *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

/* Counting. */

int
metrics_start(const struct methods *methods, struct status *e)
{
    size_t size = (methods->n + 1) * sizeof *tallies;
    tallies = aligned_alloc(_Alignof(struct tally), size);
    if (!tallies)
        return status_set(e, STATUS_INTERNAL, "no memory for the metrics");
    memset(tallies, 0, size);
    counted_methods = methods;
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
    add(&counts[what], 1);
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
metrics_call(const struct method *method, enum status_code code, int64_t us)
{
    if (!tallies)
        return;
    struct tally *t =
        &tallies[method ? (size_t)(method - counted_methods->all) : counted_methods->n];
    add(&t->codes[(size_t)code < CODES ? code : STATUS_UNKNOWN], 1);
    add(&t->seconds.counts[bucket(latency_bounds, LENGTH(latency_bounds), (double)us / 1e6)], 1);
    add(&t->seconds.sum, us > 0 ? (uint64_t)us : 0);
}

void
metrics_batch(int n_calls)
{
    add(&batches.counts[bucket(batch_bounds, LENGTH(batch_bounds), n_calls)], 1);
    add(&batches.sum, (uint64_t)n_calls);
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
    add(&r->n, 1);
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

/* Adding up. */

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
    for (size_t i = 0; tallies && i <= counted_methods->n; i++)
        for (int code = 0; code < CODES; code++) {
            uint64_t n = get(&tallies[i].codes[code]);
            ret->calls += n;
            ret->failures += metrics_is_failure((enum status_code)code) ? n : 0;
        }
    for (int i = 0; i < METRICS_REFUSED_CAUSES; i++)
        ret->refused += get(&refusals[i].n);
}

/* Printing. */

/** The method's name; calls of none are "unknown". */
static const char *
name_of(size_t i)
{
    return i < counted_methods->n ? counted_methods->all[i].schema->short_name : "unknown";
}

static void
print_calls(FILE *out)
{
    static const char name[] = "jiayi_calls_total";
    prometheus_family(out, name, "counter", "Answered calls by method and status.");
    for (size_t i = 0; tallies && i <= counted_methods->n; i++)
        for (int code = 0; code < CODES; code++) {
            uint64_t n = get(&tallies[i].codes[code]);
            const struct prometheus_label labels[] = {{"method", name_of(i)},
                                                      {"status",
                                                       status_name((enum status_code)code)}};
            /* These two are there from the start, so that the first call is an increase. */
            if (n > 0 || code == STATUS_OK || code == STATUS_INTERNAL)
                prometheus_sample(out, name, labels, LENGTH(labels), (double)n);
        }
}

static void
print_histogram(FILE *out, const char *name, const struct prometheus_label *labels, size_t n_labels,
                const double *bounds, size_t n_bounds, struct histogram *h, double unit)
{
    uint64_t n[LENGTH(latency_bounds) + 1];
    for (size_t i = 0; i <= n_bounds; i++)
        n[i] = get(&h->counts[i]);
    prometheus_histogram(out, name, labels, n_labels,
                         &(struct prometheus_histogram){bounds, n_bounds, n,
                                                        (double)get(&h->sum) * unit});
}

static bool
was_called(struct tally *t)
{
    for (size_t i = 0; i <= LENGTH(latency_bounds); i++)
        if (get(&t->seconds.counts[i]) > 0)
            return true;
    return false;
}

static void
print_latencies(FILE *out)
{
    static const char name[] = "jiayi_call_seconds";
    prometheus_family(out, name, "histogram",
                      "Time from a call's last byte to its packed answer, by method.");
    for (size_t i = 0; tallies && i <= counted_methods->n; i++) {
        const struct prometheus_label labels[] = {{"method", name_of(i)}};
        if (was_called(&tallies[i]))
            print_histogram(out, name, labels, LENGTH(labels), latency_bounds,
                            LENGTH(latency_bounds), &tallies[i].seconds, 1e-6);
    }
}

static void
print_counts(FILE *out)
{
    static const struct {
        const char *family, *label, *help;
    } rows[] = {
#define COUNT(id, family, label, help) {family, label, help},
#include "server/metrics.def"
#undef COUNT
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        if (i == 0 || strcmp(rows[i].family, rows[i - 1].family) != 0)
            prometheus_family(out, rows[i].family, "counter", rows[i].help);
        fprintf(out, *rows[i].label ? "%s{%s} %llu\n" : "%s%s %llu\n", rows[i].family,
                rows[i].label, (unsigned long long)get(&counts[i]));
    }
}

static void
print_refusals(FILE *out)
{
    static const char name[] = "jiayi_refused_total";
    prometheus_family(out, name, "counter", "Peers and calls that were turned away, by cause.");
    for (int i = 0; i < METRICS_REFUSED_CAUSES; i++)
        prometheus_sample(out, name, &(struct prometheus_label){"cause", causes[i]}, 1,
                          (double)get(&refusals[i].n));
}

static void
print_lanes(FILE *out, const struct state *s)
{
    static const char *const kinds[] = {"normal", "heavy"};
    static const struct {
        const char *name, *help, *state;
        size_t offset;
    } levels[] = {
        {"jiayi_queue_length", "Calls that wait for a lane.", NULL,
         offsetof(struct lanes_state, waiting)},
        {"jiayi_queue_limit", "Most calls that may wait for a lane.", NULL,
         offsetof(struct lanes_state, limit)},
        {"jiayi_lanes", "Lanes by whether they have something to do.", "busy",
         offsetof(struct lanes_state, busy)},
        {"jiayi_lanes", NULL, "idle", offsetof(struct lanes_state, idle)},
        {"jiayi_lanes_connected", "Lanes that have a connection to the database.", NULL,
         offsetof(struct lanes_state, connected)},
    };
    for (size_t i = 0; i < LENGTH(levels); i++) {
        if (levels[i].help)
            prometheus_family(out, levels[i].name, "gauge", levels[i].help);
        for (size_t kind = 0; kind < LENGTH(kinds); kind++) {
            const struct prometheus_label labels[] = {{"kind", kinds[kind]},
                                                      {"state", levels[i].state}};
            const int *value =
                (const int *)(const void *)((const char *)&s->lanes[kind] + levels[i].offset);
            prometheus_sample(out, levels[i].name, labels, levels[i].state ? 2 : 1, *value);
        }
    }
}

static void
print_passwords(FILE *out, const struct pool_state *p)
{
    static const char name[] = "jiayi_password_workers";
    prometheus_family(out, name, "gauge", "Threads for passwords by whether they have work.");
    prometheus_sample(out, name, &(struct prometheus_label){"state", "busy"}, 1, p->busy);
    prometheus_sample(out, name, &(struct prometheus_label){"state", "idle"}, 1,
                      p->workers - p->busy);
    prometheus_one(out, "jiayi_password_queue_length", "gauge",
                   "Calls that wait for a thread for passwords.", p->waiting);
    prometheus_one(out, "jiayi_password_queue_limit", "gauge",
                   "Most calls that may wait for a thread for passwords.", p->limit);
}

static void
print_database(FILE *out, const struct state *s)
{
    prometheus_one(out, "jiayi_database_up", "gauge",
                   "1 when the database answered the last time it was asked, within its time.",
                   s->database.is_up);
    prometheus_one(out, "jiayi_database_answer_seconds", "gauge",
                   "How long the database took to answer the last time it was asked.",
                   s->database.answer_s);
    prometheus_one(out, "jiayi_schema_version", "gauge",
                   "The schema version that the database has; 0 when it could not be asked yet.",
                   s->database.schema_version);
    prometheus_one(out, "jiayi_schema_version_wanted", "gauge",
                   "The schema version that this program knows.", s->schema_wanted);
    if (s->data_size_bytes > 0) {
        prometheus_one(out, "jiayi_data_size_bytes", "gauge",
                       "Size of the file system that holds the data folder.",
                       (double)s->data_size_bytes);
        prometheus_one(out, "jiayi_data_free_bytes", "gauge",
                       "What is free of it for the server's user.", (double)s->data_free_bytes);
    }
}

static void
print_health(FILE *out, const struct state *s, const struct metrics_totals *t)
{
    static const char build[] = "jiayi_build_info";
    prometheus_family(out, build, "gauge", "1, with the program's version as a label.");
    prometheus_sample(out, build, &(struct prometheus_label){"version", JIAYI_VERSION}, 1, 1);
    prometheus_one(out, "jiayi_ready", "gauge", "1 when /readyz says so.", !*s->not_ready);
    prometheus_one(out, "jiayi_draining", "gauge",
                   "1 while the server finishes what runs and takes nothing new.", s->draining);
    prometheus_one(out, "jiayi_calls_in_flight", "gauge", "Calls taken and not answered yet.",
                   (double)s->calls_in_flight);
    prometheus_one(out, "jiayi_calls_limit", "gauge", "Most calls that may be in flight.",
                   s->calls_limit);
    prometheus_one(out, "jiayi_connections_limit", "gauge", "Most connections of peers.",
                   s->connections_limit);
    prometheus_one(out, "jiayi_connections_open", "gauge", "Connections of peers.",
                   (double)s->connections_open);
    prometheus_one(
        out, "jiayi_self_check_ok", "gauge",
        "1 when the server could call itself the last time it tried; NaN before it tried.",
        t->self_check < 0 ? NAN : t->self_check);
    prometheus_one(out, "jiayi_self_check_timestamp_seconds", "gauge",
                   "When the server last tried to call itself; NaN before it tried.",
                   t->self_check < 0 ? NAN : (double)t->self_check_at_s);
    if (t->certificate_not_after_s > 0)
        prometheus_one(out, "jiayi_tls_certificate_not_after_timestamp_seconds", "gauge",
                       "Until when the certificate in use is valid.",
                       (double)t->certificate_not_after_s);
}

static void
print_process(FILE *out)
{
    struct process_state p;
    process_look(&p);
    prometheus_one(out, "process_cpu_seconds_total", "counter",
                   "Total user and system CPU time spent in seconds.", p.cpu_s);
    prometheus_one(out, "process_start_time_seconds", "gauge",
                   "Start time of the process since unix epoch in seconds.", p.start_time_s);
    prometheus_one(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
                   (double)p.resident_bytes);
    prometheus_one(out, "process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.",
                   (double)p.virtual_bytes);
    prometheus_one(out, "process_open_fds", "gauge", "Number of open file descriptors.",
                   (double)p.open_fds);
    prometheus_one(out, "process_max_fds", "gauge", "Maximum number of open file descriptors.",
                   (double)p.max_fds);
    prometheus_one(out, "process_threads", "gauge", "Number of OS threads in the process.",
                   (double)p.threads);
}

void
metrics_print(FILE *out, const struct state *state)
{
    struct metrics_totals totals;
    metrics_total(&totals);
    print_health(out, state, &totals);
    print_calls(out);
    print_latencies(out);
    print_counts(out);
    print_refusals(out);
    print_lanes(out, state);
    prometheus_family(out, "jiayi_batch_calls", "histogram",
                      "Calls in flight on a lane's connection as one more is sent.");
    print_histogram(out, "jiayi_batch_calls", NULL, 0, batch_bounds, LENGTH(batch_bounds), &batches,
                    1);
    print_passwords(out, &state->pool);
    print_database(out, state);
    print_process(out);
}
