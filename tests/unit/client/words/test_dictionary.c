/**
 * The dictionary: words of three languages, codes, and whether the schema and it fit.
 */
#include <libintl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/base/i18n.h"
#include "client/output/cell.h"
#include "client/words/dictionary.h"
#include "common/schema.h"

static void
test_case_41_a_code_has_a_word_in_each_language(void **state)
{
    (void)state;
    assert_string_equal(i18n_word("zh_CN", "stage", "negotiating"), "商务谈判");
    assert_string_equal(i18n_word("sq", "stage", "negotiating"), "në negociim");
    assert_string_equal(dictionary_word("stage", "won"), "won");
    /* One code, two meanings. */
    assert_string_equal(i18n_word("zh_CN", "partnership", "active"), "生效");
    assert_string_equal(i18n_word("zh_CN", "member", "active"), "在职");
    /* A company's own stage, a field without a list. */
    assert_string_equal(dictionary_word("stage", "pilot"), "pilot");
    assert_string_equal(dictionary_word(NULL, "won"), "won");
}

static void
test_case_41_words_of_all_languages_are_taken(void **state)
{
    (void)state;
    static const char *const typed[] = {"won", "Won", "WON", "赢单", "ｗｏｎ", "fituar", "FITUAR"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
        assert_string_equal(dictionary_code("stage", typed[i]), "won");
    assert_string_equal(dictionary_code("stage", "ne-negociim"), "negotiating");
    assert_string_equal(dictionary_code("stage", "NË NEGOCIIM"), "negotiating");
    assert_string_equal(dictionary_code("report kind", "日报"), "daily");
    assert_string_equal(dictionary_code("server", "not ready"), "NOT_READY");
    assert_null(dictionary_code("stage", "pilot"));
    assert_null(dictionary_code("stage", ""));
    assert_null(dictionary_code("stage", "wonn"));
    assert_null(dictionary_code("stage", "日报"));
    assert_null(dictionary_code(NULL, "won"));
    assert_null(dictionary_code("stage", "\xff"));
}

/** Looking into another language leaves the reader's as it was. */
static void
test_looking_elsewhere_changes_nothing(void **state)
{
    (void)state;
    assert_non_null(dictionary_code("stage", "fituar"));
    assert_string_equal(dictionary_word("stage", "won"), "won");
    assert_null(getenv("LANGUAGE"));
}

static void
assert_own_words(const char *list)
{
    for (size_t i = 0; dictionary_at(list, i); i++) {
        const char *code = dictionary_at(list, i);
        for (const char *const *l = i18n_languages; *l; l++)
            assert_string_equal(dictionary_code(list, i18n_word(*l, list, code)), code);
    }
}

/** True for the names of fields that hold codes. */
static bool
is_code_name(const char *name)
{
    static const char *const names[] = {"state",     "stage",  "kind",   "decision",
                                        "direction", "action", "object", "side"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/** No word of a list means two codes, and each choice of a field with a list has a word. */
static void
test_schema_and_dictionary_fit(void **state)
{
    (void)state;
    const struct schema *s = schema_embedded();
    size_t lists = 0;
    for (size_t i = 0; i < s->n_messages; i++)
        for (unsigned k = 0; k < s->messages[i]->pb.n_fields; k++) {
            const Jiayi__V1__FieldOption *o = s->messages[i]->fields[k].option;
            const ProtobufCFieldDescriptor *f = s->messages[i]->fields[k].pb;
            bool is_code = f->type == PROTOBUF_C_TYPE_STRING && is_code_name(f->name);
            if ((o->n_choices || is_code) && !o->words && !o->words_by &&
                strncmp(s->messages[i]->pb.name, "jiayi.", 6) == 0)
                fail_msg("%s: %s has codes and no words", s->messages[i]->pb.name, f->name);
            if (!o->words)
                continue;
            lists++;
            assert_non_null(dictionary_at(o->words, 0));
            for (size_t c = 0; c < o->n_choices; c++)
                assert_string_equal(dictionary_code(o->words, o->choices[c]), o->choices[c]);
            assert_own_words(o->words);
        }
    assert_true(lists > 15);
}

/** What @f is called in @language; in the arena or gettext's. */
static const char *
title_in(struct arena *a, const char *language, const struct schema_field *f)
{
    setlocale(LC_MESSAGES, "C.UTF-8");
    setenv("LANGUAGE", language, 1);
    textdomain("jiayi"); /* gettext looks at the language again */
    const char *title = cell_title(a, f);
    unsetenv("LANGUAGE");
    textdomain("jiayi");
    return title;
}

static void
assert_own_titles(struct arena *a, const char *language, const struct schema_message *m)
{
    for (unsigned i = 0; i < m->pb.n_fields; i++)
        for (unsigned k = 0; k < i; k++) {
            const struct schema_field *f = &m->fields[i], *g = &m->fields[k];
            if (f->option->order <= 0 || g->option->order <= 0)
                continue;
            if (strcmp(title_in(a, language, f), title_in(a, language, g)) == 0)
                fail_msg("%s: %s and %s are both called %s in %s", m->pb.name, f->pb->name,
                         g->pb->name, title_in(a, language, f), language);
        }
}

/** Two words of one language may be one of another: no two columns of a list have one title. */
static void
test_columns_have_titles_of_their_own(void **state)
{
    (void)state;
    const struct schema *s = schema_embedded();
    struct arena *a = arena_new(16 << 20);
    assert_non_null(a);
    for (size_t i = 0; i < s->n_messages; i++)
        for (const char *const *l = i18n_languages; *l; l++)
            assert_own_titles(a, *l, s->messages[i]);
    arena_free(a);
}

/** The translations of the build that the test is of: it is in a folder beside them. */
static void
find_translations(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
    assert_true(n > 0);
    path[n] = 0;
    strcpy(strrchr(path, '/'), "/../locale");
    bindtextdomain("jiayi", path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_41_a_code_has_a_word_in_each_language),
        cmocka_unit_test(test_case_41_words_of_all_languages_are_taken),
        cmocka_unit_test(test_looking_elsewhere_changes_nothing),
        cmocka_unit_test(test_schema_and_dictionary_fit),
        cmocka_unit_test(test_columns_have_titles_of_their_own),
    };
    setenv("LC_ALL", "C", 1);
    unsetenv("LANGUAGE");
    i18n_start();
    find_translations();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
