#include "server/monitor/scrape.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "server/base/metrics.h"
#include "server/base/process.h"
#include "server/monitor/prometheus.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/** The method's name; calls of none are "unknown". */
static const char *
name_of(const struct methods *methods, size_t row)
{
    return row < methods->n ? methods->all[row].schema->short_name : "unknown";
}

static void
print_calls(FILE *out, const struct methods *methods)
{
    static const char name[] = "jiayi_calls_total";
    prometheus_family(out, name, "counter", "Answered calls by method and status.");
    for (size_t i = 0; i < metrics_rows(); i++)
        for (int code = 0; code < METRICS_CODES; code++) {
            uint64_t n = metrics_calls(i, (enum status_code)code);
            const struct prometheus_label labels[] = {{"method", name_of(methods, i)},
                                                      {"status",
                                                       status_name((enum status_code)code)}};
            /* These two are there from the start, so that the first call is an increase. */
            if (n > 0 || code == STATUS_OK || code == STATUS_INTERNAL)
                prometheus_sample(out, name, labels, LENGTH(labels), (double)n);
        }
}

static void
print_histogram(FILE *out, const char *name, const struct prometheus_label *labels, size_t n_labels,
                const struct metrics_histogram *h)
{
    prometheus_histogram(out, name, labels, n_labels,
                         &(struct prometheus_histogram){h->bounds, h->n_bounds, h->counts, h->sum});
}

static void
print_latencies(FILE *out, const struct methods *methods)
{
    static const char name[] = "jiayi_call_seconds";
    prometheus_family(out, name, "histogram",
                      "Time from a call's last byte to its packed answer, by method.");
    for (size_t i = 0; i < metrics_rows(); i++) {
        const struct prometheus_label labels[] = {{"method", name_of(methods, i)}};
        struct metrics_histogram seconds;
        metrics_read_seconds(i, &seconds);
        if (seconds.n > 0)
            print_histogram(out, name, labels, LENGTH(labels), &seconds);
    }
}

static void
print_counts(FILE *out)
{
    static const struct {
        const char *family, *label, *help;
    } rows[] = {
#define COUNT(id, family, label, help) {family, label, help},
#include "server/base/metrics.def"
#undef COUNT
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        if (i == 0 || strcmp(rows[i].family, rows[i - 1].family) != 0)
            prometheus_family(out, rows[i].family, "counter", rows[i].help);
        fprintf(out, *rows[i].label ? "%s{%s} %llu\n" : "%s%s %llu\n", rows[i].family,
                rows[i].label, (unsigned long long)metrics_counted((enum metrics_count)i));
    }
}

static void
print_refusals(FILE *out)
{
    static const char name[] = "jiayi_refused_total";
    prometheus_family(out, name, "counter", "Peers and calls that were turned away, by cause.");
    for (int i = 0; i < METRICS_REFUSED_CAUSES; i++)
        prometheus_sample(out, name,
                          &(struct prometheus_label){"cause",
                                                     metrics_cause((enum metrics_refused)i)},
                          1, (double)metrics_refusals((enum metrics_refused)i));
}

static void
print_lanes(FILE *out, const struct state *s)
{
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
        for (size_t kind = 0; kind < CALL_LANES; kind++) {
            const struct prometheus_label labels[] = {{"kind", state_lanes[kind]},
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
    static const char length[] = "jiayi_password_queue_length";
    prometheus_family(out, length, "gauge", "Calls that wait for a thread for passwords.");
    for (int kind = 0; kind < POOL_KINDS; kind++)
        prometheus_sample(out, length, &(struct prometheus_label){"kind", pool_kinds[kind]}, 1,
                          p->waiting[kind]);
    static const char limit[] = "jiayi_password_queue_limit";
    prometheus_family(out, limit, "gauge", "Most calls that may wait for a thread for passwords.");
    for (int kind = 0; kind < POOL_KINDS; kind++)
        prometheus_sample(out, limit, &(struct prometheus_label){"kind", pool_kinds[kind]}, 1,
                          p->limit);
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
    if (s->dispatch_late_ms >= 0)
        prometheus_one(
            out, "jiayi_dispatch_late_seconds", "gauge",
            "How long the first event to be told had waited when this server last looked.",
            (double)s->dispatch_late_ms / 1000);
    if (s->search_late_ms >= 0)
        prometheus_one(out, "jiayi_search_late_seconds", "gauge",
                       "How long the first change to be put where searches look had waited when "
                       "this server last looked.",
                       (double)s->search_late_ms / 1000);
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
    prometheus_one(out, "jiayi_held_calls", "gauge", "Calls that wait for news.", s->held.held);
    prometheus_one(out, "jiayi_held_calls_limit", "gauge", "Most calls that may wait for news.",
                   s->held.limit);
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
scrape_print(FILE *out, const struct methods *methods, const struct state *state)
{
    struct metrics_totals totals;
    struct metrics_histogram batches;
    metrics_total(&totals);
    print_health(out, state, &totals);
    print_calls(out, methods);
    print_latencies(out, methods);
    print_counts(out);
    print_refusals(out);
    print_lanes(out, state);
    prometheus_family(out, "jiayi_batch_calls", "histogram",
                      "Calls in flight on a lane's connection as one more is sent.");
    metrics_read_batches(&batches);
    print_histogram(out, "jiayi_batch_calls", NULL, 0, &batches);
    print_passwords(out, &state->pool);
    print_database(out, state);
    print_process(out);
}
