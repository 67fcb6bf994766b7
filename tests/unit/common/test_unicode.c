/* Unicode: equal texts in one form, and what nobody sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/unicode.h"
#include "common/wipe.h"

static void
unicode_compose_gives_equal_texts_equal_bytes(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},
        {"plain", "plain"},
        {"Ame\xcc\x81lie", "Am\xc3\xa9lie"},
        {"\xe1\x84\x80\xe1\x85\xa1", "\xea\xb0\x80"}, /* Hangul */
        {"\xef\xbd\x81", "\xef\xbd\x81"},             /* width is no matter of NFC */
        {"a\xc2\xa0z", "a\xc2\xa0z"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *made = unicode_compose(pairs[i][0]);
        assert_string_equal(made, pairs[i][1]);
        wipe_free(made);
    }
}

static void
unicode_password_has_plain_spaces(void **state)
{
    (void)state;
    char *made = unicode_password("pa\xcc\x88ss\xe3\x80\x80wort\xc2\xa0x");
    assert_string_equal(made, "p\xc3\xa4ss wort x");
    wipe_free(made);
}

static void
unicode_unseen_finds_what_nobody_sees(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t unseen;
    } cases[] = {
        {"", 0},
        {"Arben Hoxha, \xe9\x99\x88\xe9\x9d\x99", 0},
        {"\xf0\x9f\x98\x80", 0},
        {"e\xcc\x81", 0},
        {"a\xe2\x80\x8b", 0x200b},
        {"\xe2\x80\xae", 0x202e},
        {"so\xc2\xad"
         "ft",
         0xad},
        {"\xef\xbb\xbf", 0xfeff},
        {"\xe2\x80\xa8", 0x2028},
        {"tab\t", 9},
        {"\xc2\x85", 0x85},
        {"\xcd\xb8", 0x378},           /* unassigned */
        {"\xee\x80\x80", 0xe000},      /* private */
        {"\xf3\xa0\x81\x81", 0xe0041}, /* a tag */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(unicode_unseen(cases[i].text), cases[i].unseen);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unicode_compose_gives_equal_texts_equal_bytes),
        cmocka_unit_test(unicode_password_has_plain_spaces),
        cmocka_unit_test(unicode_unseen_finds_what_nobody_sees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
