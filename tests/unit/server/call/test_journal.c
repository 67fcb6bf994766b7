/** Tests of server/call/journal: what is logged, and how much of it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/log.h"
#include "server/base/metrics.h"
#include "server/call/journal.h"
#include "server/method/method.h"
#include "server/native/natives.h"

enum { SLOW_MS = 50 };

static struct methods *methods;
static char log_path[] = "/tmp/test_journal.XXXXXX";
static int log_fd;

static int
start(void **state)
{
    struct status e;
    (void)state;
    methods = methods_load(natives, &e);
    log_fd = mkostemp(log_path, O_APPEND);
    log_setup(LOG_DEBUG, log_fd);
    return methods && log_fd >= 0 && metrics_start(methods->n, &e) == 0 ? 0 : -1;
}

static int
stop(void **state)
{
    (void)state;
    close(log_fd);
    unlink(log_path);
    metrics_stop();
    methods_free(methods);
    return 0;
}

/** What was logged since the last time; of one thread. */
static const char *
logged(void)
{
    static char text[200000];
    ssize_t n = pread(log_fd, text, sizeof text - 1, 0);
    assert_true(n >= 0 && n < (ssize_t)sizeof text - 1);
    text[n] = 0;
    assert_int_equal(ftruncate(log_fd, 0), 0);
    return text;
}

static int
lines(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static struct call *
make_call(const char *method)
{
    struct arena *a = arena_new(1 << 20);
    struct call *c = arena_alloc(a, sizeof *c);
    c->arena = a;
    c->method = methods_find(methods, method);
    c->member = c->company = c->client = "";
    memset(c->request_id, 0xab, sizeof c->request_id);
    c->has_request_id = true;
    return c;
}

static void
fault_is_an_error_with_its_detail(void **state)
{
    (void)state;
    struct call *c = make_call("AuthService/WhoAmI");
    status_set(&c->status, STATUS_INTERNAL, "the server failed; its operator wants this:");
    status_detail(&c->status, "relation \"x\" is not there");
    logged();
    journal_write(c, SLOW_MS);
    const char *line = logged();
    assert_non_null(
        strstr(line, " level=error event=call method=AuthService/WhoAmI status=INTERNAL"));
    assert_non_null(strstr(line, " detail=\"relation \\\"x\\\" is not there\""));
    arena_free(c->arena);
}

static void
line_has_what_is_known(void **state)
{
    (void)state;
    struct call *c = make_call("DealService/GetDeal");
    c->member = "a@b.example";
    c->company = "acme";
    strcpy(c->address, "192.0.2.1");
    c->received_us = 5000000;
    c->lap_us = 5001234;
    logged();
    journal_write(c, SLOW_MS);
    const char *line = strstr(logged(), " level=");
    assert_string_equal(line,
                        " level=debug event=call method=DealService/GetDeal status=OK ms=1.234 "
                        "request_id=abababababababababababababababab company=acme "
                        "member=a@b.example peer=192.0.2.1\n");
    c->replayed = true;
    c->retries = 2;
    c->lap_us = 5050000;
    for (int i = 0; i < CALL_PHASES; i++)
        c->spent_us[i] = 1000 * i + 7;
    journal_write(c, SLOW_MS);
    line = strstr(logged(), " level=");
    assert_string_equal(
        line, " level=info event=slow_call method=DealService/GetDeal status=OK ms=50.000 "
              "request_id=abababababababababababababababab company=acme "
              "member=a@b.example peer=192.0.2.1 replayed=1 retries=2 gate_ms=0.007 "
              "pool_ms=1.007 work_ms=2.007 queue_ms=3.007 database_ms=4.007 "
              "results_ms=5.007 pack_ms=6.007\n");
    arena_free(c->arena);
}

static void
failures_cannot_fill_the_disk(void **state)
{
    (void)state;
    struct call *c = make_call("DealService/GetDeal");
    status_set(&c->status, STATUS_NOT_FOUND, "there is no deal 7");
    logged();
    for (int i = 0; i < 500; i++) {
        c->received_us = 7000000;
        c->lap_us = 7000001;
        journal_write(c, SLOW_MS);
    }
    assert_int_equal(lines(logged()), 200);
    metrics_log_refused();
    assert_non_null(strstr(logged(), " level=info event=calls_not_logged count=300\n"));
    metrics_log_refused();
    assert_string_equal(logged(), "");
    /* The next second has lines again; what succeeded, at debug, is not counted among them. */
    c->lap_us = 8000001;
    journal_write(c, SLOW_MS);
    assert_int_equal(lines(logged()), 1);
    c->status = (struct status){0};
    c->received_us = 7999999;
    for (int i = 0; i < 500; i++)
        journal_write(c, SLOW_MS);
    assert_int_equal(lines(logged()), 500);
    arena_free(c->arena);
}

/** Threads log as their calls end: about the turn of a second, now of the one, now of the other. */
static void
seconds_that_alternate_have_no_more_lines(void **state)
{
    (void)state;
    struct call *c = make_call("DealService/GetDeal");
    status_set(&c->status, STATUS_NOT_FOUND, "there is no deal 7");
    logged();
    c->received_us = 9000000;
    for (int i = 0; i < 500; i++) {
        c->lap_us = i % 2 ? 9999999 : 10000001;
        journal_write(c, SLOW_MS);
    }
    assert_int_equal(lines(logged()), 200);
    metrics_log_refused();
    logged();
    arena_free(c->arena);
}

static void
refusals_are_one_line_for_a_cause(void **state)
{
    (void)state;
    logged();
    for (int i = 0; i < 1000; i++)
        metrics_refused(METRICS_REFUSED_BAD_FRAME, "192.0.2.7");
    metrics_refused(METRICS_REFUSED_DRAINING, NULL);
    assert_string_equal(logged(), "");
    metrics_log_refused();
    const char *text = logged();
    assert_int_equal(lines(text), 2);
    assert_non_null(
        strstr(text, " level=info event=refused cause=bad_frame count=1000 last_peer=192.0.2.7\n"));
    assert_non_null(strstr(text, " cause=draining count=1 last_peer=\"\"\n"));
    metrics_refused(METRICS_REFUSED_BAD_FRAME, "192.0.2.8");
    metrics_log_refused();
    assert_non_null(strstr(logged(), " cause=bad_frame count=1 last_peer=192.0.2.8\n"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_is_an_error_with_its_detail),
        cmocka_unit_test(line_has_what_is_known),
        cmocka_unit_test(failures_cannot_fill_the_disk),
        cmocka_unit_test(seconds_that_alternate_have_no_more_lines),
        cmocka_unit_test(refusals_are_one_line_for_a_cause),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
