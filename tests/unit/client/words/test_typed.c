/**
 * What people type for dates, periods, amounts and codes, and what is made of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "client/words/typed.h"

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

struct example {
    const char *typed, *value;
};

/** On Saturday, 2026-11-28, by me@acme.example. */
static void
assert_understood(Jiayi__V1__Format format, const struct example *all, size_t n)
{
    Jiayi__V1__FieldOption option = JIAYI__V1__FIELD_OPTION__INIT;
    ProtobufCFieldDescriptor pb = {.type = PROTOBUF_C_TYPE_STRING};
    const struct schema_field f = {.pb = &pb, .option = &option};
    const struct typed_here here = {
        .today = {.tm_year = 2026 - 1900, .tm_mon = 10, .tm_mday = 28, .tm_hour = 23},
        .me = "me@acme.example",
    };
    option.format = format;
    for (size_t i = 0; i < n; i++) {
        const char *value = typed_value(arena, &f, all[i].typed, &here);
        if (!value || strcmp(value, all[i].value) != 0)
            fail_msg("\"%s\" is understood as \"%s\", not \"%s\"", all[i].typed, value,
                     all[i].value);
    }
}

#define ASSERT_UNDERSTOOD(format, ...)                                                    \
    assert_understood(JIAYI__V1__FORMAT__##format, (const struct example[]){__VA_ARGS__}, \
                      sizeof(const struct example[]){__VA_ARGS__} / sizeof(struct example))

/** Where the clock is eight hours ahead, as in Shenzhen. */
static void
typed_value_understands_times(void **state)
{
    (void)state;
    setenv("TZ", "UTC-8", 1);
    tzset();
    ASSERT_UNDERSTOOD(TIME, {"14:30", "2026-11-28T14:30+08:00"}, {"9:05", "2026-11-28T09:05+08:00"},
                      {"yesterday 14:30", "2026-11-27T14:30+08:00"},
                      {"昨天14:30", "2026-11-27T14:30+08:00"},
                      {"dje 09:00", "2026-11-27T09:00+08:00"},
                      {"昨天下午3点", "2026-11-27T15:00+08:00"},
                      {"下午3点半", "2026-11-28T15:30+08:00"},
                      {"今天 上午 9点15分", "2026-11-28T09:15+08:00"},
                      {"11月27日 16：00", "2026-11-27T16:00+08:00"},
                      {"27.11.2026 8:00", "2026-11-27T08:00+08:00"},
                      {"2026-11-27T14:30", "2026-11-27T14:30+08:00"},
                      {"2026-11-27 14:30:59", "2026-11-27T14:30+08:00"},
                      {"2026-11-27T14:30+01:00", "2026-11-27T14:30+01:00"},
                      {"2026-11-27T14:30Z", "2026-11-27T14:30Z"}, {"yesterday", "2026-11-27"},
                      {"2026-11-27", "2026-11-27"}, {"25:00", "25:00"}, {"14:60", "14:60"},
                      {"someday 14:30", "someday 14:30"}, {"T14:30", "T14:30"}, {"14", "14"},
                      {"", ""}, {"last week 14:30", "last week 14:30"});
    unsetenv("TZ");
    tzset();
}

static void
typed_value_understands_dates(void **state)
{
    (void)state;
    ASSERT_UNDERSTOOD(DATE, {"2026-11-29", "2026-11-29"}, {"today", "2026-11-28"},
                      {"Tomorrow", "2026-11-29"}, {"明天", "2026-11-29"}, {"后天", "2026-11-30"},
                      {"昨天", "2026-11-27"}, {"sot", "2026-11-28"}, {"nesër", "2026-11-29"},
                      {"NESËR", "2026-11-29"}, {"neser", "2026-11-29"}, {"pasnesër", "2026-11-30"},
                      {"saturday", "2026-11-28"}, {"friday", "2026-12-04"}, {"周一", "2026-11-30"},
                      {"下周五", "2026-12-04"}, {"next-monday", "2026-11-30"},
                      {"e hënë", "2026-11-30"}, {"11-29", "2026-11-29"}, {"2-3", "2027-02-03"},
                      {"9-30", "2026-09-30"}, {"11/29", "2026-11-29"}, {"2026/11/29", "2026-11-29"},
                      {"2026-1-5", "2026-01-05"}, {"2026年11月29日", "2026-11-29"},
                      {"11月29号", "2026-11-29"}, {"２０２６-１１-２９", "2026-11-29"},
                      {"29.11.2026", "2026-11-29"}, {"29.11.", "2026-11-29"},
                      {"29/11/2026", "29/11/2026"}, {"2026-02-30", "2026-02-30"}, {"13-1", "13-1"},
                      {"2026-11", "2026-11"}, {"this-week", "this-week"}, {"soon", "soon"},
                      {"", ""}, {"26", "26"});
}

static void
typed_value_understands_periods(void **state)
{
    (void)state;
    ASSERT_UNDERSTOOD(PERIOD, {"2026-11-29", "2026-11-29"}, {"2026-W47", "2026-W47"},
                      {"2026-11", "2026-11"}, {"2026-Q4", "2026-Q4"}, {"2026", "2026"},
                      {"today", "2026-11-28"}, {"昨天", "2026-11-27"}, {"this-week", "2026-W48"},
                      {"this week", "2026-W48"}, {"本周", "2026-W48"}, {"Këtë javë", "2026-W48"},
                      {"last-week", "2026-W47"}, {"上周", "2026-W47"}, {"next_week", "2026-W49"},
                      {"this-month", "2026-11"}, {"上个月", "2026-10"},
                      {"muajin tjetër", "2026-12"}, {"this-quarter", "2026-Q4"},
                      {"next-quarter", "2027-Q1"}, {"去年", "2025"}, {"W48", "2026-W48"},
                      {"w5", "2026-W05"}, {"第48周", "2026-W48"}, {"2026w7", "2026-W07"},
                      {"q3", "2026-Q3"}, {"2026/11", "2026-11"}, {"2026年11月", "2026-11"},
                      {"11月", "2026-11"}, {"11-29", "2026-11-29"}, {"2026-W54", "2026-W54"},
                      {"2026-13", "2026-13"}, {"2026-1", "2026-1"}, {"someday", "someday"});
}

/** Weeks at the turn of the year, and months that have no such day. */
static void
typed_value_counts_by_the_calendar(void **state)
{
    (void)state;
    Jiayi__V1__FieldOption option = JIAYI__V1__FIELD_OPTION__INIT;
    ProtobufCFieldDescriptor pb = {.type = PROTOBUF_C_TYPE_STRING};
    const struct schema_field f = {.pb = &pb, .option = &option};
    struct typed_here here = {.today = {.tm_year = 2027 - 1900, .tm_mon = 0, .tm_mday = 1}};
    option.format = JIAYI__V1__FORMAT__PERIOD;
    assert_string_equal(typed_value(arena, &f, "this-week", &here), "2026-W53");
    assert_string_equal(typed_value(arena, &f, "last-month", &here), "2026-12");
    assert_string_equal(typed_value(arena, &f, "last-quarter", &here), "2026-Q4");
    assert_string_equal(typed_value(arena, &f, "yesterday", &here), "2026-12-31");
    assert_string_equal(typed_value(arena, &f, "12-30", &here), "2026-12-30");
    here.today.tm_mon = 2, here.today.tm_mday = 31;
    assert_string_equal(typed_value(arena, &f, "last-month", &here), "2027-02");
}

static void
typed_value_understands_amounts(void **state)
{
    (void)state;
    ASSERT_UNDERSTOOD(DECIMAL, {"1200000.50", "1200000.50"}, {"3,500,000", "3500000"},
                      {"350万", "3500000"}, {"350 万元", "3500000"}, {"3.5亿", "350000000"},
                      {"0.35万", "3500"}, {"1.23456万", "12345.6"}, {"1.2M", "1200000"},
                      {"350k", "350000"}, {"3 500 000", "3500000"}, {"3.500.000,50", "3500000.50"},
                      {"3.500.000", "3500000"}, {"1,234.56", "1234.56"}, {"3,500", "3500"},
                      {"3.500", "3.500"}, {"3,5", "3.5"}, {"3'500'000", "3500000"},
                      {"３５０万", "3500000"}, {"2 milionë", "2000000"}, {"5 mijë", "5000"},
                      {"0.05", "0.05"}, {"3,50,000", "3,50,000"}, {"1,2,3", "1,2,3"},
                      {"1.2.3", "1.2.3"}, {"-5", "-5"}, {"12x", "12x"}, {"万", "万"},
                      {"1e5", "1e5"}, {".5", ".5"}, {"5.", "5."}, {"1,234,56", "1,234,56"});
}

static void
typed_value_understands_codes_and_addresses(void **state)
{
    (void)state;
    ASSERT_UNDERSTOOD(CURRENCY, {"CNY", "CNY"}, {"cny", "CNY"}, {"Eur", "EUR"}, {"￥", "CNY"},
                      {"¥", "CNY"}, {"人民币", "CNY"}, {"€", "EUR"}, {"lekë", "ALL"},
                      {"euros", "euros"});
    ASSERT_UNDERSTOOD(CODE, {"Revenue", "revenue"}, {"demos", "demos"}, {"a b", "a b"});
    ASSERT_UNDERSTOOD(SLUG, {"Beta", "beta"}, {"贝塔", "贝塔"});
    ASSERT_UNDERSTOOD(EMAIL, {"me", "me@acme.example"}, {"我", "me@acme.example"},
                      {"unë", "me@acme.example"}, {"me@x.example", "me@x.example"});
    ASSERT_UNDERSTOOD(TEXT, {"Tomorrow", "Tomorrow"}, {"3,500", "3,500"}, {"me", "me"});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(typed_value_understands_times, setup, teardown),
        cmocka_unit_test_setup_teardown(typed_value_understands_dates, setup, teardown),
        cmocka_unit_test_setup_teardown(typed_value_understands_periods, setup, teardown),
        cmocka_unit_test_setup_teardown(typed_value_counts_by_the_calendar, setup, teardown),
        cmocka_unit_test_setup_teardown(typed_value_understands_amounts, setup, teardown),
        cmocka_unit_test_setup_teardown(typed_value_understands_codes_and_addresses, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
