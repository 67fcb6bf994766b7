/* Templates: what is put in, and that nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/template.h"

/** What template_args() takes of a format, filled into @template. */
static const char *
said(char to[200], const char *template, const char *format, ...)
{
    struct template_arg args[TEMPLATE_ARGS];
    const char *texts[TEMPLATE_ARGS];
    char room[200];
    va_list va;
    va_start(va, format);
    int n = template_args(format, va, args, room, sizeof room);
    va_end(va);
    if (n < 0)
        return NULL;
    for (int i = 0; i < n; i++)
        texts[i] = args[i].text;
    template_fill(to, 200, template, texts, (size_t)n);
    return to;
}

static void
template_args_are_printed_as_printf_does(void **state)
{
    (void)state;
    char to[200], want[200];
#define SAME(...)                             \
    snprintf(want, sizeof want, __VA_ARGS__); \
    assert_string_equal(said(to, SAME_FIRST(__VA_ARGS__), __VA_ARGS__), want)
#define SAME_FIRST(first, ...) first
    SAME("%s is %d of %u, 100%%", "a", -5, 7u);
    SAME("%zu %lld %ld U+%04X %c", (size_t)-1, -9223372036854775807LL, -3L, 0x200bu, 'x');
    SAME("%.3s|%.*s|%5s|%04d", "abcdef", 2, "xyz", "r", 7);
#undef SAME
}

/** A translation has another order; nothing of it is a format for printf(). */
static void
template_fill_orders_and_ignores_kinds(void **state)
{
    (void)state;
    char to[200];
    assert_string_equal(said(to, "%2$s of %1$zu: 50%%", "%zu of %s", (size_t)3, "%n%s"),
                        "%n%s of 3: 50%");
    assert_string_equal(said(to, "%s %s %9$s %n %0$s.", "%s", "only"), "only    .");
    assert_string_equal(said(to, "of %s 50%", "%s", "x"), "of x 50%");
    assert_null(said(to, "", "%1$s", "x"));
}

static void
template_fill_cuts_between_characters(void **state)
{
    (void)state;
    const char *args[] = {"楼楼楼"};
    char to[8];
    for (size_t size = 1; size <= sizeof to; size++) {
        template_fill(to, size, "%s!", args, 1);
        assert_true(strlen(to) < size && strlen(to) % 3 <= 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(template_args_are_printed_as_printf_does),
        cmocka_unit_test(template_fill_orders_and_ignores_kinds),
        cmocka_unit_test(template_fill_cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
