/* The languages of the server: who reads which, and what is said in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/catalogue.h"
#include "common/status.h"
#include "common/template.h"
#include "server/base/language.h"

static const char *
name_of(const char *locale)
{
    const struct embed *c = language_of(locale);
    return c ? c->name : "en";
}

static void
language_of_knows_tags_and_locales(void **state)
{
    (void)state;
    static const char *const chinese[] = {"zh",    "zh-CN",   "zh_CN.UTF-8",
                                          "ZH-cn", "zh-Hans", "zh-Hans-CN"};
    static const char *const albanian[] = {"sq", "sq-AL", "sq_XK.UTF-8", "sq-MK@euro"};
    for (size_t i = 0; i < sizeof chinese / sizeof *chinese; i++)
        assert_string_equal(name_of(chinese[i]), "zh_CN/LC_MESSAGES/jiayi.mo");
    for (size_t i = 0; i < sizeof albanian / sizeof *albanian; i++)
        assert_string_equal(name_of(albanian[i]), "sq/LC_MESSAGES/jiayi.mo");
}

static void
language_of_anything_else_is_english(void **state)
{
    (void)state;
    static char longest[100000];
    memset(longest, 'z', sizeof longest - 1);
    static const char *const none[] = {"",
                                       "en",
                                       "en-GB",
                                       "C",
                                       "zh-TW",
                                       "zh-Hant",
                                       "zh/CN",
                                       "z",
                                       "zhx",
                                       "../../zh_CN",
                                       "/etc/passwd",
                                       "%s%n",
                                       "\xff\xfe",
                                       "zh-CN/../x",
                                       "zh_CN/LC_MESSAGES/jiayi.mo",
                                       longest};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(language_of(none[i]));
    assert_null(language_of(NULL));
}

static void
status_say_translates_templates_and_codes(void **state)
{
    (void)state;
    struct status e;
    char to[600];
    const struct embed *zh = language_of("zh-CN"), *sq = language_of("sq");
    status_set(&e, STATUS_UNIMPLEMENTED, "the server has no method \"%.80s\"", "a%sb");
    status_say(&e, zh, to, sizeof to);
    assert_string_equal(to, "服务器没有方法“a%sb”");
    assert_string_equal(e.message, "the server has no method \"a%sb\"");
    /* A code has a word; data has none, though it were the same. */
    const struct template_arg args[] = {{"won", NULL}, {"won", "stage"}};
    status_set_args(&e, STATUS_FAILED_PRECONDITION, "deal %s is in stage %s already", args, 2);
    assert_string_equal(e.message, "deal won is in stage won already");
    status_say(&e, zh, to, sizeof to);
    assert_string_equal(to, "商机 won 已经处于“赢单”阶段");
    /* Of several each has its word, and what is none stays. */
    const struct template_arg several[] = {{"x", NULL}, {"fair, 自定, legal", "review point"}};
    status_set_args(&e, STATUS_INVALID_ARGUMENT, "there is no point %s; the points are %s", several,
                    2);
    assert_string_equal(e.message, "there is no point x; the points are fair, 自定, legal");
    status_say(&e, zh, to, sizeof to);
    assert_string_equal(to, "没有要点 x；可用要点：条款公平、自定、法律意见");
    /* English is read without the underscores of codes; a stage's code is what a company calls it. */
    const struct template_arg codes[] = {{"not_fine, contract_version", "object"},
                                         {"site_visit", "stage"},
                                         {"a_b", NULL},
                                         {"not_reached", "outcome"}};
    status_set_args(&e, STATUS_INVALID_ARGUMENT, "%s %s %s %s", codes, 4);
    assert_string_equal(e.message, "not fine, contract version site_visit a_b not reached");
    /* The field stands before it in every language. */
    status_field(&e, "amount.currency", "has %zu characters, at most %d are allowed", (size_t)9, 3);
    status_say(&e, sq, to, sizeof to);
    assert_string_equal(to, "amount.currency: numri i karaktereve është 9, lejohen së shumti 3");
    /* What has no translation stays. */
    status_set(&e, STATUS_INTERNAL, "nobody translated %s", "this");
    status_say(&e, zh, to, sizeof to);
    assert_string_equal(to, "nobody translated this");
    status_say(&e, NULL, to, sizeof to);
    assert_string_equal(to, e.message);
    /* One that is OK says nothing. */
    status_say(&(struct status){0}, zh, to, sizeof to);
    assert_string_equal(to, "");
}

static void
catalogue_find_finds_only_what_is_there(void **state)
{
    (void)state;
    const struct embed *zh = language_of("zh");
    assert_string_equal(catalogue_find(zh, "stage", "won"), "赢单");
    assert_null(catalogue_find(zh, "nowhere", "won"));
    assert_null(catalogue_find(zh, NULL, "")); /* the head of the file */
    assert_null(catalogue_find(zh, NULL, "zzz"));
    assert_null(catalogue_find(NULL, NULL, "must not be empty"));
    static char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    assert_null(catalogue_find(zh, NULL, longest));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(language_of_knows_tags_and_locales),
        cmocka_unit_test(language_of_anything_else_is_english),
        cmocka_unit_test(status_say_translates_templates_and_codes),
        cmocka_unit_test(catalogue_find_finds_only_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
