/* SQL as text: tokens, lines, and putting it together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/method/sql_text.h"

/**
 * Tokens as w(ord), q(uoted), c(omment), n(ame), and other characters but white space as they are.
 */
static void
write_kinds(const char *sql, char *to)
{
    for (struct sql_text_token t = {.at = sql}; sql_text_next(&t);)
        switch (t.kind) {
        case SQL_TEXT_WORD: *to++ = 'w'; break;
        case SQL_TEXT_QUOTED: *to++ = 'q'; break;
        case SQL_TEXT_COMMENT: *to++ = 'c'; break;
        case SQL_TEXT_NAME: *to++ = 'n'; break;
        case SQL_TEXT_OTHER:
            if (!strchr(" \n", *t.at))
                *to++ = *t.at;
        }
    *to = 0;
}

static void
sql_text_next_tells_what_is_what(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *kinds;
    } cases[] = {
        {"", ""},
        {"SELECT a_1, 2", "ww,w"},
        {"= :stage AND :_x", "=nwn"},
        {":amount.amount, :me.", "n,n."},
        {"x::text, ::y", "w::w,::w"},
        {"a[1:2] a[x: y] :1", "w[w:w]w[w:w]:w"},
        {"'it''s :x' y", "qw"},
        {"\"a:b\"\"\" y", "qw"},
        {"$$ :x $$ y", "qw"},
        {"$t$ $$ :x $ $t$ y", "qw"},
        {"$1 $ 2", "$w$w"},
        {"-- it's :x\ny", "cw"},
        {"/* :x\n '*/ y", "cw"},
        {"a - b / c", "w-w/w"},
        {"'open :x", "q"},
        {"$t$ open :x $$", "q"},
        {"/* open :x", "c"},
        {"'-- no' /* ' */ x", "qcw"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char kinds[64];
        write_kinds(cases[i].sql, kinds);
        assert_string_equal(kinds, cases[i].kinds);
    }
}

static void
sql_text_is_word_compares_whole_words(void **state)
{
    (void)state;
    struct sql_text_token t = {.at = "select selected 'select'"};
    assert_true(sql_text_next(&t) && sql_text_is_word(&t, "SELECT"));
    assert_false(sql_text_is_word(&t, "SELECTED"));
    assert_true(sql_text_next(&t) && sql_text_next(&t));
    assert_false(sql_text_is_word(&t, "SELECT"));
    assert_true(sql_text_next(&t) && sql_text_next(&t));
    assert_false(sql_text_is_word(&t, "'select'"));
    assert_false(sql_text_next(&t));
}

static void
sql_text_next_line_takes_the_condition_off(void **state)
{
    (void)state;
    static const struct {
        const char *line, *condition;
    } expected[] = {
        {"-- head", NULL},   {"a = 1 ", "stage"}, {"", NULL},
        {"none ", "!owner"}, {"a --? b ", "c"},   {"  ", ""},
    };
    struct sql_text_line l = {.next = "-- head\na = 1 --? stage \n\n"
                                      "none --? !owner\na --? b --?c\n  --?"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(sql_text_next_line(&l));
        assert_int_equal(l.n, strlen(expected[i].line));
        assert_memory_equal(l.at, expected[i].line, l.n);
        assert_int_equal(l.condition != NULL, expected[i].condition != NULL);
        if (!l.condition)
            continue;
        assert_int_equal(l.condition_n, strlen(expected[i].condition));
        assert_memory_equal(l.condition, expected[i].condition, l.condition_n);
    }
    assert_false(sql_text_next_line(&l));
}

static void
sql_text_next_term_takes_the_condition_apart(void **state)
{
    (void)state;
    struct sql_text_line l = {.next = "a --? stage  !owner\nb --?\nc"};
    struct sql_text_term t = {0};
    assert_true(sql_text_next_line(&l));
    assert_true(sql_text_next_term(&l, &t));
    assert_int_equal(t.n, strlen("stage"));
    assert_memory_equal(t.field, "stage", t.n);
    assert_false(t.is_negated);
    assert_true(sql_text_next_term(&l, &t));
    assert_int_equal(t.n, strlen("owner"));
    assert_memory_equal(t.field, "owner", t.n);
    assert_true(t.is_negated);
    assert_false(sql_text_next_term(&l, &t));

    t = (struct sql_text_term){0};
    assert_true(sql_text_next_line(&l));
    assert_true(sql_text_next_term(&l, &t));
    assert_int_equal(t.n, 0);
    assert_false(sql_text_next_term(&l, &t));

    t = (struct sql_text_term){0};
    assert_true(sql_text_next_line(&l));
    assert_false(sql_text_next_term(&l, &t));
}

static void
sql_text_after_wants_the_line_to_begin_so(void **state)
{
    (void)state;
    size_t n;
    struct sql_text_line l = {.next = "-- rows:  deals \n -- rows: deals\n-- rows"};
    assert_true(sql_text_next_line(&l));
    const char *name = sql_text_after(&l, "-- rows:", &n);
    assert_non_null(name);
    assert_int_equal(n, 5);
    assert_memory_equal(name, "deals", n);
    while (sql_text_next_line(&l))
        assert_null(sql_text_after(&l, "-- rows:", &n));
}

static void
sql_text_add_grows(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct sql_text t = {.arena = arena};
    for (int i = 0; i < 1000; i++)
        sql_text_add_string(&t, "ab ");
    sql_text_add(&t, ";;  ", 3);
    assert_int_equal(t.n, 3003);
    assert_int_equal(strlen(t.at), t.n);
    assert_memory_equal(t.at + 2997, "ab ;; ", 6);
    sql_text_cut(&t, ";");
    assert_int_equal(t.n, 2999);
    assert_string_equal(t.at + 2997, "ab");
    assert_false(t.is_short);
    arena_free(arena);
}

static void
sql_text_add_says_when_memory_was_short(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64);
    struct sql_text t = {.arena = arena};
    for (int i = 0; i < 100; i++)
        sql_text_add_string(&t, "ab");
    assert_true(t.is_short);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql_text_next_tells_what_is_what),
        cmocka_unit_test(sql_text_is_word_compares_whole_words),
        cmocka_unit_test(sql_text_next_line_takes_the_condition_off),
        cmocka_unit_test(sql_text_next_term_takes_the_condition_apart),
        cmocka_unit_test(sql_text_after_wants_the_line_to_begin_so),
        cmocka_unit_test(sql_text_add_grows),
        cmocka_unit_test(sql_text_add_says_when_memory_was_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
