#include "server/monitor/prometheus.h"

#include <math.h>
#include <stdbool.h>

enum { MAX_LABELS = 8 };

/** Up to here a double holds every integer. */
static const double EXACT = 9007199254740992.0;

/** Help may hold quotes as they are; a label's value may not. */
static void
put_escaped(FILE *out, const char *text, bool quotes)
{
    for (; *text; text++)
        switch (*text) {
        case '\\': fputs("\\\\", out); break;
        case '\n': fputs("\\n", out); break;
        case '"': fputs(quotes ? "\\\"" : "\"", out); break;
        default: fputc(*text, out);
        }
}

static void
put_value(FILE *out, double value)
{
    if (isnan(value))
        fputs("NaN", out);
    else if (isinf(value))
        fputs(value > 0 ? "+Inf" : "-Inf", out);
    else if (fabs(value) < EXACT && value == floor(value))
        fprintf(out, "%.0f", value);
    else
        fprintf(out, "%.12g", value);
}

void
prometheus_family(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s ", name);
    put_escaped(out, help, false);
    fprintf(out, "\n# TYPE %s %s\n", name, type);
}

static void
put_sample(FILE *out, const char *name, const char *suffix, const struct prometheus_label *labels,
           size_t n_labels, double value)
{
    fprintf(out, "%s%s", name, suffix);
    for (size_t i = 0; i < n_labels; i++) {
        fprintf(out, "%s%s=\"", i ? "," : "{", labels[i].name);
        put_escaped(out, labels[i].value, true);
        fputc('"', out);
    }
    fputs(n_labels ? "} " : " ", out);
    put_value(out, value);
    fputc('\n', out);
}

void
prometheus_sample(FILE *out, const char *name, const struct prometheus_label *labels,
                  size_t n_labels, double value)
{
    put_sample(out, name, "", labels, n_labels, value);
}

void
prometheus_histogram(FILE *out, const char *name, const struct prometheus_label *labels,
                     size_t n_labels, const struct prometheus_histogram *h)
{
    struct prometheus_label all[MAX_LABELS + 1];
    uint64_t n = 0;
    char bound[32];
    if (n_labels > MAX_LABELS)
        n_labels = MAX_LABELS;
    for (size_t i = 0; i < n_labels; i++)
        all[i] = labels[i];
    all[n_labels] = (struct prometheus_label){"le", bound};
    for (size_t i = 0; i <= h->n_bounds; i++) {
        n += h->counts[i];
        if (i < h->n_bounds)
            snprintf(bound, sizeof bound, "%.9g", h->bounds[i]);
        else
            snprintf(bound, sizeof bound, "+Inf");
        put_sample(out, name, "_bucket", all, n_labels + 1, (double)n);
    }
    put_sample(out, name, "_sum", all, n_labels, h->sum);
    put_sample(out, name, "_count", all, n_labels, (double)n);
}

void
prometheus_one(FILE *out, const char *name, const char *type, const char *help, double value)
{
    prometheus_family(out, name, type, help);
    put_sample(out, name, "", NULL, 0, value);
}
