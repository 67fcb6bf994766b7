/* UTF-8: what is valid, how long it is, where it may be cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"

static void
text_valid_knows_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        size_t n;
        bool valid;
    } cases[] = {
        {"", 0, true},
        {"deal", 4, true},
        {"办公楼", 9, true},
        {"zyrë", 5, true},
        {"\xf0\x9f\x98\x80", 4, true},
        {"a\0b", 3, false},
        {"\xff", 1, false},
        {"\xc0\xaf", 2, false},         /* overlong slash */
        {"\xe0\x80\xaf", 3, false},     /* overlong */
        {"\xf0\x80\x80\xaf", 4, false}, /* overlong */
        {"\xed\xa0\x80", 3, false},     /* surrogate */
        {"\xf4\x90\x80\x80", 4, false}, /* past U+10FFFF */
        {"\xf5\x80\x80\x80", 4, false},
        {"\xe5\x8a", 2, false}, /* cut */
        {"\xe5", 1, false},
        {"\x80", 1, false}, /* tail alone */
        {"\xc3(", 2, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (text_valid(cases[i].s, cases[i].n) != cases[i].valid)
            fail_msg("case %zu", i);
}

static void
text_length_counts_characters(void **state)
{
    (void)state;
    assert_int_equal(text_length(""), 0);
    assert_int_equal(text_length("deal"), 4);
    assert_int_equal(text_length("办公楼"), 3);
    assert_int_equal(text_length("zyrë"), 4);
}

static void
text_is_blank_sees_the_invisible(void **state)
{
    (void)state;
    static const char *const blank[] = {"", " ", "\n\t", "\u00a0", "\u200b\u3000 ", "\ufeff"};
    static const char *const shown[] = {"x", " 楼 ", "\u200b-", "ë", "\u2019"};
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
        assert_true(text_is_blank(blank[i]));
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        assert_false(text_is_blank(shown[i]));
}

static void
text_fit_cuts_between_characters(void **state)
{
    (void)state;
    const char *s = "a办公";
    static const size_t expected[] = {0, 1, 1, 1, 4, 4, 4, 7};
    for (size_t n = 0; n <= 7; n++)
        assert_int_equal(text_fit(s, n), expected[n]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_valid_knows_utf8),
        cmocka_unit_test(text_length_counts_characters),
        cmocka_unit_test(text_is_blank_sees_the_invisible),
        cmocka_unit_test(text_fit_cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
