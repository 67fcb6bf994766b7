/**
 * Prometheus's text format 0.0.4: families of samples, one line each. Knows nothing of the server.
 *
 * What is written stays within the format whatever the values hold; names are the caller's and
 * fixed.
 */
#ifndef JIAYI_SERVER_MONITOR_PROMETHEUS_H
#define JIAYI_SERVER_MONITOR_PROMETHEUS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** A label and its value, in UTF-8. */
struct prometheus_label {
    const char *name, *value;
};

/** Of a histogram: how many values were at most each bound, and above the last. */
struct prometheus_histogram {
    /** Ascending; in the family's unit. */
    const double *bounds;
    size_t n_bounds;
    /**
     * Values of each bucket alone, not added up: n_bounds + 1, the last for those above every
     * bound.
     */
    const uint64_t *counts;
    double sum;
};

/**
 * prometheus_family() - begin a family: its HELP and TYPE. @type: "counter", "gauge" or "histogram"
 */
void prometheus_family(FILE *out, const char *name, const char *type, const char *help);

/** prometheus_sample() - one sample of the family begun. */
void prometheus_sample(FILE *out, const char *name, const struct prometheus_label *labels,
                       size_t n_labels, double value);

/**
 * prometheus_histogram() - the buckets, added up, the sum and the count of one histogram of the
 * family begun.
 */
void prometheus_histogram(FILE *out, const char *name, const struct prometheus_label *labels,
                          size_t n_labels, const struct prometheus_histogram *h);

/** prometheus_one() - a family of one sample without labels. */
void prometheus_one(FILE *out, const char *name, const char *type, const char *help, double value);

#endif
