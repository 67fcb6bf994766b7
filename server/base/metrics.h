/**
 * What the server counts of itself.
 *
 * One set for the process. Counting is a relaxed atomic addition or two: any thread, no lock, no
 * wait. A level that goes up and down is never kept here: it is the difference of two counters, or
 * asked of its module when somebody looks (server/monitor/state).
 */
#ifndef JIAYI_SERVER_BASE_METRICS_H
#define JIAYI_SERVER_BASE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

enum {
    /** The codes of status.def, from OK on. */
    METRICS_CODES = STATUS_UNAUTHENTICATED + 1,
    /** Room for the buckets of any histogram. */
    METRICS_BUCKETS = 15,
};

/** In a method's place for calls of none that the server has. */
#define METRICS_NO_METHOD SIZE_MAX

/** Counters; metrics.def says what each means. */
enum metrics_count {
#define COUNT(id, family, label, help) METRICS_##id,
#include "server/base/metrics.def"
#undef COUNT
    METRICS_COUNTS
};

/** Why a peer or a call is turned away; metrics.def says what each means. */
enum metrics_refused {
#define REFUSED(id, cause, help) METRICS_REFUSED_##id,
#include "server/base/metrics.def"
#undef REFUSED
    METRICS_REFUSED_CAUSES
};

/** metrics_start() - make room to count the calls of @n methods. Once, before any call. */
int metrics_start(size_t n, struct status *e) MUST_CHECK;

/** metrics_stop() - give the room back, when no call can end any more. */
void metrics_stop(void);

/** metrics_count() - add one to a counter. */
void metrics_count(enum metrics_count what);

/** metrics_counted() - a counter's value. */
uint64_t metrics_counted(enum metrics_count what);

/**
 * metrics_refused() - count that a peer or a call was turned away, and have it logged.
 *
 * @peer: the peer's address, or NULL
 *
 * The log gets one line per cause and second, with how many there were (metrics_log_refused()).
 */
void metrics_refused(enum metrics_refused cause, const char *peer);

/** metrics_refusals() - how many were turned away for that cause. */
uint64_t metrics_refusals(enum metrics_refused cause);

/** metrics_cause() - the cause's name, as in the log and the label: "queue_full". */
const char *metrics_cause(enum metrics_refused cause);

/**
 * metrics_log_refused() - write the lines about what was refused since the last time. Every second,
 * by one thread.
 */
void metrics_log_refused(void);

/** metrics_call() - count an answered call. @method: its index, or METRICS_NO_METHOD */
void metrics_call(size_t method, enum status_code code, int64_t us);

/**
 * metrics_batch() - note how many calls are in flight on a lane's connection as one more is sent.
 */
void metrics_batch(int n_calls);

/** metrics_self_check() - note that the server called itself, and whether it was answered. */
void metrics_self_check(bool ok);

/**
 * metrics_certificate() - note until when the certificate in use is valid, in seconds since 1970.
 */
void metrics_certificate(int64_t not_after_s);

/** What metrics_total() adds up. */
struct metrics_totals {
    /** Answered calls; those of them that the server did not do, for a reason of its own. */
    uint64_t calls, failures;
    uint64_t refused;
    /** 1 or 0; -1 when the server has not called itself yet. */
    int self_check;
    /** In seconds since 1970; 0 when not known. */
    int64_t self_check_at_s, certificate_not_after_s;
};

/** metrics_total() - the figures over all methods and causes. */
void metrics_total(struct metrics_totals *ret);

/**
 * metrics_is_failure() - true for the codes that are the server's fault or lack, not the caller's.
 */
bool metrics_is_failure(enum status_code code);

/** A histogram at one moment. */
struct metrics_histogram {
    /** Ascending upper bounds of the buckets but the last one, in the histogram's unit. */
    const double *bounds;
    size_t n_bounds;
    /**
     * Values of each bucket alone, n_bounds + 1, the last for those above every bound; and of all.
     */
    uint64_t counts[METRICS_BUCKETS], n;
    double sum;
};

/**
 * metrics_rows() - one for each method, by its index, and the last for calls of none; 0 before
 * metrics_start().
 */
size_t metrics_rows(void);

/** metrics_calls() - the answered calls of a row with that code. */
uint64_t metrics_calls(size_t row, enum status_code code);

/** metrics_read_seconds() - how long a row's calls took, in seconds. */
void metrics_read_seconds(size_t row, struct metrics_histogram *ret);

/** metrics_read_batches() - calls in flight on a lane's connection as one more is sent. */
void metrics_read_batches(struct metrics_histogram *ret);

#endif
