/** Tests of common/log: what a line looks like, and that no input can break it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <pthread.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/log.h"

static int ends[2];

static int
open_pipe(void **state)
{
    (void)state;
    assert_int_equal(pipe(ends), 0);
    log_setup(LOG_INFO, ends[1]);
    return 0;
}

static int
close_pipe(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/** The line that was logged, from "event=" on; NULL when there is none. */
static const char *
logged(void)
{
    static char text[65536];
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; (got = read(ends[0], text + n, sizeof text - 1 - n)) > 0;)
        n += (size_t)got;
    text[n] = 0;
    ends[1] = dup(ends[0]);
    return n ? text : NULL;
}

static void
assert_event(const char *expected)
{
    const char *line = logged();
    assert_non_null(line);
    assert_string_equal(strstr(line, "event="), expected);
}

static void
log_line_has_time_and_level(void **state)
{
    (void)state;
    log_event(LOG_WARN, "start");
    const char *line = logged();
    int year, month, day, hour, minute, second, ms, n = 0;
    assert_int_equal(sscanf(line, "time=%4d-%2d-%2dT%2d:%2d:%2d.%3dZ level=warn event=start\n%n",
                            &year, &month, &day, &hour, &minute, &second, &ms, &n),
                     7);
    assert_int_equal(n, strlen(line));
}

static void
log_plain_values_have_no_quotes(void **state)
{
    (void)state;
    log_event(LOG_INFO, "call", log_text("method", "DealService/MoveDeal"),
              log_number("took_us", -840), log_hex("request_id", "\x01\xab\x00\xff", 4));
    assert_event("event=call method=DealService/MoveDeal took_us=-840 request_id=01ab00ff\n");
}

static void
log_forged_line_is_escaped(void **state)
{
    (void)state;
    log_event(LOG_INFO, "call", log_text("v", "a\nlevel=error event=\"x\" \\ \t\r\x1b[2J\x7f"));
    assert_event("event=call v=\"a\\nlevel=error event=\\\"x\\\" \\\\ \\t\\r\\u001b[2J\\u007f\"\n");
}

static void
log_invalid_utf8_is_escaped(void **state)
{
    (void)state;
    log_event(LOG_INFO, "call", log_text("v", "\xe7\x94\xb2\xff\xc0\x80\xed\xa0\x80\xe7\x94"));
    assert_event("event=call v=\"\xe7\x94\xb2\\xff\\xc0\\x80\\xed\\xa0\\x80\\xe7\\x94\"\n");
}

static void
log_bidi_marks_are_escaped(void **state)
{
    (void)state;
    log_event(LOG_INFO, "call",
              log_text("v", "a\u202eb\u2028c\xc2\x85"
                            "d"));
    assert_event("event=call v=\"a\\u202eb\\u2028c\\u0085d\"\n");
}

static void
log_empty_and_missing_text(void **state)
{
    (void)state;
    log_event(LOG_INFO, "call", log_text("a", ""), log_text("b", NULL));
    assert_event("event=call a=\"\" b=\"\"\n");
}

static void
log_long_text_is_cut(void **state)
{
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    log_event(LOG_INFO, "call", log_text("v", text), log_number("n", 1));
    const char *line = logged();
    assert_non_null(strstr(line, "xxx...\" n=1\n"));
    assert_true(strlen(line) < LOG_TEXT_BYTES + 100);
}

static void
log_long_line_is_cut_at_a_field(void **state)
{
    (void)state;
    char text[LOG_TEXT_BYTES + 1];
    struct log_field fields[20];
    memset(text, '\n', sizeof text - 1);
    text[sizeof text - 1] = 0;
    for (int i = 0; i < 20; i++)
        fields[i] = log_text("v", text);
    log_fields(LOG_INFO, "call", fields, 20);
    const char *line = logged();
    assert_true(strlen(line) <= LOG_LINE_BYTES);
    assert_string_equal(line + strlen(line) - strlen("\\n\" cut=true\n"), "\\n\" cut=true\n");
}

static void
log_level_below_threshold_is_silent(void **state)
{
    (void)state;
    assert_false(log_enabled(LOG_DEBUG));
    log_event(LOG_DEBUG, "call");
    assert_null(logged());
    assert_int_equal(log_level_by_name("debug"), LOG_DEBUG);
    assert_int_equal(log_level_by_name("loud"), -1);
}

static void *
log_many(void *name)
{
    for (int i = 0; i < 100; i++)
        log_event(LOG_INFO, "thread", log_text("name", name), log_number("i", i));
    return NULL;
}

static void
log_lines_of_threads_do_not_mix(void **state)
{
    (void)state;
    pthread_t threads[4];
    char names[4][8] = {"one", "two", "three", "four"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_many, names[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    int lines = 0;
    char name[8];
    int number, n;
    for (const char *p = logged(); p && *p; p = strchr(p, '\n') + 1, lines++) {
        p = strstr(p, "event=");
        n = 0;
        sscanf(p, "event=thread name=%7[a-z] i=%d\n%n", name, &number, &n);
        assert_true(n > 0);
    }
    assert_int_equal(lines, 400);
}

#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, open_pipe, close_pipe)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(log_line_has_time_and_level),
        LOG_TEST(log_plain_values_have_no_quotes),
        LOG_TEST(log_forged_line_is_escaped),
        LOG_TEST(log_invalid_utf8_is_escaped),
        LOG_TEST(log_bidi_marks_are_escaped),
        LOG_TEST(log_empty_and_missing_text),
        LOG_TEST(log_long_text_is_cut),
        LOG_TEST(log_long_line_is_cut_at_a_field),
        LOG_TEST(log_level_below_threshold_is_silent),
        LOG_TEST(log_lines_of_threads_do_not_mix),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
