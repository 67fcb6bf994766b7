/** Tests of common/printed: texts that grow, and texts for which there is no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/printed.h"

/** The linker has printed.c call this in malloc()'s place. */
void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);

static size_t most = SIZE_MAX;

void *
__wrap_malloc(size_t n)
{
    return n > most ? NULL : __real_malloc(n);
}

static void
nothing_is_an_empty_text(void **state)
{
    (void)state;
    struct printed p = {0};
    struct status e;
    FILE *out = printed_begin(&p);
    assert_int_equal(printed_end(&p, out, &e), 0);
    assert_int_equal(p.n, 0);
    assert_string_equal(p.text, "");
    free(p.text);
}

static void
long_text_is_whole(void **state)
{
    (void)state;
    struct printed p = {0};
    struct status e;
    FILE *out = printed_begin(&p);
    for (int i = 0; i < 20000; i++)
        fprintf(out, "%06d", i);
    fputc('\n', out);
    assert_int_equal(printed_end(&p, out, &e), 0);
    assert_int_equal(p.n, 120001);
    assert_int_equal(strlen(p.text), p.n);
    assert_memory_equal(p.text, "000000000001", 12);
    assert_string_equal(p.text + p.n - 7, "019999\n");
    free(p.text);
}

/** A text that is cut off must not pass for the whole one. */
static void
lack_of_memory_is_told(void **state)
{
    (void)state;
    struct printed p = {0};
    struct status e;
    FILE *out = printed_begin(&p);
    most = 10000;
    for (int i = 0; i < 2000; i++)
        fprintf(out, "%06d", i);
    most = SIZE_MAX;
    fprintf(out, "and on");
    assert_int_equal(printed_end(&p, out, &e), -1);
    assert_int_equal(e.code, STATUS_RESOURCE_EXHAUSTED);
    assert_null(p.text);
    assert_int_equal(printed_end(&p, NULL, &e), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_an_empty_text),
        cmocka_unit_test(long_text_is_whole),
        cmocka_unit_test(lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
