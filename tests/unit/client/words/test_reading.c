/**
 * Columns of spreadsheets: what their headings mean, and what a cell means by its column.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/base/encoding.h"
#include "client/run/csv.h"
#include "client/words/reading.h"

static struct arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return arena ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/**
 * What becomes of the cells of a column, all in one text with bars: what is not understood stays,
 * what contradicts is "!", what may be two things "?".
 */
static const char *
read_column(Jiayi__V1__Format format, const char *unit, size_t n, const char *const *cells)
{
    Jiayi__V1__FieldOption option = JIAYI__V1__FIELD_OPTION__INIT;
    ProtobufCFieldDescriptor pb = {.type = PROTOBUF_C_TYPE_STRING};
    const struct schema_field f = {.pb = &pb, .option = &option};
    const struct typed_here here = {.today = {.tm_year = 2026 - 1900, .tm_mon = 10, .tm_mday = 28}};
    struct reading r = {0};
    const char *all = "";
    option.format = format;
    for (size_t i = 0; i < n; i++)
        if (reading_look(&r, &f, cells[i]) < 0)
            return "!";
    for (size_t i = 0; i < n; i++) {
        struct reading_beside beside = {0};
        const char *value = reading_is_open(&r, &f, cells[i])
                                ? "?"
                                : reading_value(arena, &r, &f, cells[i], unit, &here, &beside);
        all = arena_print(arena, "%s%s%s%s", all, i ? "|" : "", value,
                          beside.currency ? beside.currency : "");
    }
    return all;
}

#define COLUMN(format, unit, ...)                                                \
    read_column(JIAYI__V1__FORMAT__##format, unit,                               \
                sizeof(const char *const[]){__VA_ARGS__} / sizeof(const char *), \
                (const char *const[]){__VA_ARGS__})

static void
reading_knows_days(void **state)
{
    (void)state;
    assert_string_equal(COLUMN(DATE, NULL, "2026-11-29", "2026/11/9", "2026年11月29日",
                               "29.11.2026"),
                        "2026-11-29|2026-11-09|2026-11-29|2026-11-29");
    assert_string_equal(COLUMN(DATE, NULL, "11/29/2026", "03/04/2026"), "2026-11-29|2026-03-04");
    assert_string_equal(COLUMN(DATE, NULL, "03/04/2026", "29/11/2026"), "2026-04-03|2026-11-29");
    assert_string_equal(COLUMN(DATE, NULL, "29/11/2026", "11/29/2026"), "!");
    assert_string_equal(COLUMN(DATE, NULL, "03/04/2026", "05/05/2026"), "?|2026-05-05");
    assert_string_equal(COLUMN(DATE, NULL, "2026-11-29 00:00:00", "2026-11-29 10:00", "11/29/26"),
                        "2026-11-29|2026-11-29 10:00|11/29/26");
    assert_string_equal(COLUMN(TIME, NULL, "2026/11/29 9:05", "2026-11-29T09:05:07.25+08:00",
                               "11/29/2026 09:05 PM", "2026年11月29日 下午3:05",
                               "12/31/2026 12:00 AM"),
                        "2026-11-29T09:05|2026-11-29T09:05:07.25+08:00|2026-11-29T21:05|"
                        "2026-11-29T15:05|2026-12-31T00:00");
}

static void
reading_knows_numbers(void **state)
{
    (void)state;
    assert_string_equal(COLUMN(DECIMAL, NULL, "1,234.50", "1,234", "7"), "1234.50|1234|7");
    assert_string_equal(COLUMN(DECIMAL, NULL, "1.234,50", "1.234", "7"), "1234.50|1234|7");
    assert_string_equal(COLUMN(DECIMAL, NULL, "1,234.50", "1.234,50"), "!");
    assert_string_equal(COLUMN(DECIMAL, NULL, "1,234", "7"), "?|7");
    assert_string_equal(COLUMN(DECIMAL, NULL, "1.234", "1234.5"), "1.234|1234.5");
    assert_string_equal(COLUMN(DECIMAL, NULL, "3,500,000", "1,234"), "3500000|1234");
    assert_string_equal(COLUMN(DECIMAL, NULL, "0,125", "12,5"), "0.125|12.5");
    assert_string_equal(COLUMN(DECIMAL, NULL, "1 234,50", "1'234,50"), "1234.50|1234.50");
    assert_string_equal(COLUMN(DECIMAL, NULL, "¥1,200.00", "USD 12.5", "$7", "8 EUR", "9元"),
                        "1200.00CNY|12.5USD|7USD|8EUR|9CNY");
    assert_string_equal(COLUMN(DECIMAL, NULL, "350万", "1.5亿"), "3500000|150000000");
    assert_string_equal(COLUMN(DECIMAL, "万元", "350", "1,200.5"), "3500000|12005000");
    assert_string_equal(COLUMN(DECIMAL, "元", "350"), "350CNY");
    assert_string_equal(COLUMN(DECIMAL, NULL, "-5", "abc", "1,23,4.5", "12 apples"),
                        "-5|abc|1,23,4.5|12 apples");
    assert_string_equal(COLUMN(RATE, NULL, "7,1234", "8,25"), "7.1234|8.25");
}

static void
csv_separator_counts_outside_of_quotes(void **state)
{
    (void)state;
    assert_int_equal(csv_separator("a,b;c,d\nx;y;z;w"), ',');
    assert_int_equal(csv_separator("\"a,b,c\";d;e"), ';');
    assert_int_equal(csv_separator("a\tb\tc,d"), '\t');
    assert_int_equal(csv_separator("alone"), ',');
}

static const char *
read_bytes(const char *bytes, size_t size, const char *wanted)
{
    char copy[64];
    const char *taken;
    char *text;
    struct status e = {0};
    memcpy(copy, bytes, size);
    copy[size] = 0;
    if (encoding_read(arena, copy, &size, wanted, &text, &taken, &e) < 0)
        return "no";
    return arena_print(arena, "%s %.*s", taken, (int)size, text);
}

static void
encoding_read_guesses_nothing(void **state)
{
    (void)state;
    assert_string_equal(read_bytes("\xef\xbb\xbf"
                                   "abc",
                                   6, NULL),
                        "UTF-8 abc");
    assert_string_equal(read_bytes("ab\xc3\xab", 4, NULL), "UTF-8 abë");
    assert_string_equal(read_bytes("\xff\xfe"
                                   "a\0b\0",
                                   6, NULL),
                        "UTF-16LE ab");
    assert_string_equal(read_bytes("\xbf\xcd\xbb\xa7\xc3\xfb\xb3\xc6", 8, NULL),
                        "GB18030 客户名称");
    /* "Shitësi në Tiranë" in one-byte letters is GB18030 too, if rare characters are none. */
    assert_string_equal(read_bytes("Shit\xebsi n\xeb Tiran\xeb", 17, NULL), "no");
    assert_string_equal(read_bytes("Shit\xebsi", 7, "WINDOWS-1252"), "WINDOWS-1252 Shitësi");
    assert_string_equal(read_bytes("\xbf\xcd\xff", 3, NULL), "no");
    assert_string_equal(read_bytes("abc", 3, "nothing"), "no");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reading_knows_days, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_knows_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(csv_separator_counts_outside_of_quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(encoding_read_guesses_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
