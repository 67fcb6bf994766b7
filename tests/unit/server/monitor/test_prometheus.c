/** Tests of server/monitor/prometheus: the text format, whatever the values hold. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/monitor/prometheus.h"

/** What is written between begin() and written(). */
static char *text;
static size_t n_text;
static FILE *out;

static void
begin(void)
{
    out = open_memstream(&text, &n_text);
    assert_non_null(out);
}

static void
assert_written(const char *want)
{
    fclose(out);
    assert_string_equal(text, want);
    free(text);
}

static void
family_has_help_and_type(void **state)
{
    (void)state;
    begin();
    prometheus_family(out, "a_total", "counter", "Says \"x\",\na \\ too.");
    assert_written("# HELP a_total Says \"x\",\\na \\\\ too.\n# TYPE a_total counter\n");
}

static void
label_values_are_escaped(void **state)
{
    (void)state;
    const struct prometheus_label labels[] = {{"a", "\"\\\n}"}, {"b", "甲方"}};
    begin();
    prometheus_sample(out, "x", labels, 2, 1);
    assert_written("x{a=\"\\\"\\\\\\n}\",b=\"甲方\"} 1\n");
}

static void
numbers_are_exact_or_short(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        {0, "x 0\n"},
        {-1, "x -1\n"},
        {9007199254740991.0, "x 9007199254740991\n"},
        {1795303576.25, "x 1795303576.25\n"},
        {0.0005, "x 0.0005\n"},
        {1e300, "x 1e+300\n"},
        {INFINITY, "x +Inf\n"},
        {-INFINITY, "x -Inf\n"},
        {NAN, "x NaN\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        prometheus_sample(out, "x", NULL, 0, cases[i].value);
        assert_written(cases[i].want);
    }
}

static void
histogram_adds_its_buckets_up(void **state)
{
    (void)state;
    static const double bounds[] = {0.5, 10};
    const uint64_t counts[] = {3, 0, 2};
    const struct prometheus_label method = {"method", "A/B"};
    begin();
    prometheus_histogram(out, "h", &method, 1,
                         &(struct prometheus_histogram){bounds, 2, counts, 40.5});
    assert_written("h_bucket{method=\"A/B\",le=\"0.5\"} 3\n"
                   "h_bucket{method=\"A/B\",le=\"10\"} 3\n"
                   "h_bucket{method=\"A/B\",le=\"+Inf\"} 5\n"
                   "h_sum{method=\"A/B\"} 40.5\n"
                   "h_count{method=\"A/B\"} 5\n");
}

static void
histogram_without_labels(void **state)
{
    (void)state;
    static const double bounds[] = {1};
    const uint64_t counts[] = {0, 0};
    begin();
    prometheus_histogram(out, "h", NULL, 0, &(struct prometheus_histogram){bounds, 1, counts, 0});
    assert_written("h_bucket{le=\"1\"} 0\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n");
}

static void
one_is_a_whole_family(void **state)
{
    (void)state;
    begin();
    prometheus_one(out, "a", "gauge", "It.", 2);
    assert_written("# HELP a It.\n# TYPE a gauge\na 2\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(family_has_help_and_type),
        cmocka_unit_test(label_values_are_escaped),
        cmocka_unit_test(numbers_are_exact_or_short),
        cmocka_unit_test(histogram_adds_its_buckets_up),
        cmocka_unit_test(histogram_without_labels),
        cmocka_unit_test(one_is_a_whole_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
