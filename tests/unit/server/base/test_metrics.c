/** Tests of server/base/metrics: what is counted is what is told, also when many threads count. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/base/metrics.h"
#include "server/method/method.h"
#include "server/monitor/scrape.h"
#include "server/native/natives.h"

static struct methods *methods;

static int
start(void **state)
{
    struct status e;
    (void)state;
    methods = methods_load(natives, &e);
    return methods && metrics_start(methods->n, &e) == 0 ? 0 : -1;
}

static int
stop(void **state)
{
    (void)state;
    metrics_stop();
    methods_free(methods);
    return 0;
}

/** The page; the caller frees it. */
static char *
page(void)
{
    const struct state state = {.not_ready = "database: down\n", .schema_wanted = 7};
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    scrape_print(out, methods, &state);
    fclose(out);
    return text;
}

/** The page has this line, or lacks it. */
static void
assert_line(const char *text, const char *line, bool want)
{
    char needle[256];
    snprintf(needle, sizeof needle, "\n%s\n", line);
    if ((strstr(text, needle) != NULL) != want)
        fail_msg("the page %s: %s", want ? "lacks" : "has", line);
}

static void
calls_are_counted_by_method_and_status(void **state)
{
    (void)state;
    const struct method *whoami = methods_find(methods, "AuthService/WhoAmI");
    assert_non_null(whoami);
    char *text = page();
    assert_line(text, "jiayi_calls_total{method=\"AuthService/WhoAmI\",status=\"OK\"} 0", true);
    assert_null(strstr(text, "jiayi_call_seconds_count{method=\"AuthService/WhoAmI\"}"));
    free(text);

    metrics_call(whoami->index, STATUS_OK, 500);
    metrics_call(whoami->index, STATUS_OK, 501);
    metrics_call(whoami->index, STATUS_UNAUTHENTICATED, 11000000);
    metrics_call(METRICS_NO_METHOD, STATUS_UNIMPLEMENTED, 0);
    metrics_call(METRICS_NO_METHOD, (enum status_code)99, 0);
    text = page();
    static const char *const lines[] = {
        "jiayi_calls_total{method=\"AuthService/WhoAmI\",status=\"OK\"} 2",
        "jiayi_calls_total{method=\"AuthService/WhoAmI\",status=\"UNAUTHENTICATED\"} 1",
        "jiayi_calls_total{method=\"unknown\",status=\"UNIMPLEMENTED\"} 1",
        "jiayi_calls_total{method=\"unknown\",status=\"UNKNOWN\"} 1",
        "jiayi_call_seconds_bucket{method=\"AuthService/WhoAmI\",le=\"0.0005\"} 1",
        "jiayi_call_seconds_bucket{method=\"AuthService/WhoAmI\",le=\"0.001\"} 2",
        "jiayi_call_seconds_bucket{method=\"AuthService/WhoAmI\",le=\"10\"} 2",
        "jiayi_call_seconds_bucket{method=\"AuthService/WhoAmI\",le=\"+Inf\"} 3",
        "jiayi_call_seconds_count{method=\"AuthService/WhoAmI\"} 3",
        "jiayi_call_seconds_sum{method=\"AuthService/WhoAmI\"} 11.001001",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_line(text, lines[i], true);
    free(text);

    struct metrics_totals t;
    metrics_total(&t);
    assert_int_equal(t.calls, 5);
    assert_int_equal(t.failures, 1);
}

static void
failures_are_the_servers(void **state)
{
    (void)state;
    assert_true(metrics_is_failure(STATUS_INTERNAL));
    assert_true(metrics_is_failure(STATUS_UNAVAILABLE));
    assert_true(metrics_is_failure(STATUS_RESOURCE_EXHAUSTED));
    assert_true(metrics_is_failure(STATUS_DEADLINE_EXCEEDED));
    assert_false(metrics_is_failure(STATUS_OK));
    assert_false(metrics_is_failure(STATUS_NOT_FOUND));
    assert_false(metrics_is_failure(STATUS_PERMISSION_DENIED));
}

static void
refusals_have_their_cause(void **state)
{
    (void)state;
    assert_string_equal(metrics_cause(METRICS_REFUSED_QUEUE_FULL), "queue_full");
    metrics_refused(METRICS_REFUSED_BAD_FRAME, "192.0.2.1");
    metrics_refused(METRICS_REFUSED_BAD_FRAME, NULL);
    assert_int_equal(metrics_refusals(METRICS_REFUSED_BAD_FRAME), 2);
    char *text = page();
    assert_line(text, "jiayi_refused_total{cause=\"bad_frame\"} 2", true);
    assert_line(text, "jiayi_refused_total{cause=\"draining\"} 0", true);
    free(text);
}

static void
counters_of_one_family_have_one_head(void **state)
{
    (void)state;
    metrics_count(METRICS_HANDSHAKES_RESUMED);
    char *text = page();
    const char *type = "# TYPE jiayi_tls_handshakes_total counter\n", *first = strstr(text, type);
    assert_non_null(first);
    assert_null(strstr(first + 1, type));
    assert_line(text, "jiayi_tls_handshakes_total{result=\"full\"} 0", true);
    assert_line(text, "jiayi_tls_handshakes_total{result=\"resumed\"} 1", true);
    free(text);
}

static void
what_is_not_known_is_not_told(void **state)
{
    (void)state;
    char *text = page();
    assert_line(text, "jiayi_self_check_ok NaN", true);
    assert_null(strstr(text, "jiayi_tls_certificate"));
    assert_null(strstr(text, "jiayi_data_free_bytes"));
    assert_line(text, "jiayi_ready 0", true);
    free(text);
    metrics_self_check(false);
    metrics_certificate(1800000000);
    text = page();
    assert_line(text, "jiayi_self_check_ok 0", true);
    assert_line(text, "jiayi_tls_certificate_not_after_timestamp_seconds 1800000000", true);
    free(text);
}

enum { THREADS = 4, EACH = 20000 };

static void *
count(void *arg)
{
    const struct method *method = arg;
    for (int i = 0; i < EACH; i++) {
        metrics_call(method->index, STATUS_OK, 1);
        metrics_batch(3);
        metrics_refused(METRICS_REFUSED_CALLS_LIMIT, "192.0.2.2");
    }
    return NULL;
}

static void
nothing_is_lost_between_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    void *deal = (void *)methods_find(methods, "DealService/GetDeal");
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, deal), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    char *text = page();
    assert_line(text, "jiayi_calls_total{method=\"DealService/GetDeal\",status=\"OK\"} 80000",
                true);
    assert_line(text, "jiayi_call_seconds_sum{method=\"DealService/GetDeal\"} 0.08", true);
    assert_line(text, "jiayi_batch_calls_bucket{le=\"2\"} 0", true);
    assert_line(text, "jiayi_batch_calls_bucket{le=\"4\"} 80000", true);
    assert_line(text, "jiayi_batch_calls_sum 240000", true);
    assert_line(text, "jiayi_refused_total{cause=\"calls_limit\"} 80000", true);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_known_is_not_told),
        cmocka_unit_test(calls_are_counted_by_method_and_status),
        cmocka_unit_test(failures_are_the_servers),
        cmocka_unit_test(refusals_have_their_cause),
        cmocka_unit_test(counters_of_one_family_have_one_head),
        cmocka_unit_test(nothing_is_lost_between_threads),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
