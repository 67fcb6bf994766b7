#include "client/words/typed.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/words/dictionary.h"
#include "common/text.h"

enum {
    /** Longer is no word and no number. */
    MOST_BYTES = 60,
    DAYS_OF_WEEK = 7,
    /** Digits of an amount with its 亿 written out. */
    MOST_DIGITS = 40,
};

/* Text as it is compared. */

/** A character without case, width and the dots and tails of ë and ç; blanks are one blank. */
static uint32_t
plain_form(uint32_t c)
{
    if (c >= 0xff01 && c <= 0xff5e) /* full width */
        c -= 0xff01 - '!';
    c = (uint32_t)i18n_lower((wchar_t)c);
    switch (c) {
    case 0xeb: return 'e';
    case 0xe7: return 'c';
    case '_':
    case 0xa0:
    case 0x2009:
    case 0x202f:
    case 0x3000: return ' ';
    default: return c;
    }
}

static size_t
encode(uint32_t c, char *to)
{
    if (c < 0x80)
        return to[0] = (char)c, 1;
    if (c < 0x800)
        return to[0] = (char)(0xc0 | c >> 6), to[1] = (char)(0x80 | (c & 0x3f)), 2;
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3f));
        return to[2] = (char)(0x80 | (c & 0x3f)), 3;
    }
    to[0] = (char)(0xf0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3f));
    to[2] = (char)(0x80 | (c >> 6 & 0x3f));
    return to[3] = (char)(0x80 | (c & 0x3f)), 4;
}

/** The plain form of a short text, in @to of 4 * MOST_BYTES; "" of one that is too long. */
static void
make_plain(const char *text, char *to)
{
    size_t n = strlen(text), length, at = 0;
    if (n <= MOST_BYTES)
        for (; *text; text += length)
            at += encode(plain_form(text_decode(text, strlen(text), &length)), to + at);
    to[at] = 0;
}

/* Days and periods. */

enum unit { DAY, WEEK, MONTH, QUARTER, YEAR, WEEKDAY, NEXT_WEEKDAY };

/** Words in their plain form; hyphens count as blanks. */
static const struct {
    const char *words;
    enum unit unit;
    /** So many units from now; of weekdays the day, Monday being 1. */
    int n;
} when[] = {
    {"today|今天|今日|sot", DAY, 0},
    {"tomorrow|明天|明日|neser", DAY, 1},
    {"day after tomorrow|后天|後天|pasneser", DAY, 2},
    {"yesterday|昨天|昨日|dje", DAY, -1},
    {"day before yesterday|前天|pardje", DAY, -2},
    {"this week|本周|这周|这个星期|本週|kete jave|kjo jave", WEEK, 0},
    {"last week|上周|上个星期|上週|javen e kaluar|java e kaluar", WEEK, -1},
    {"next week|下周|下个星期|下週|javen tjeter|java tjeter", WEEK, 1},
    {"this month|本月|这个月|kete muaj|ky muaj", MONTH, 0},
    {"last month|上月|上个月|muajin e kaluar|muaji i kaluar", MONTH, -1},
    {"next month|下月|下个月|muajin tjeter|muaji tjeter", MONTH, 1},
    {"this quarter|本季度|本季|kete tremujor|ky tremujor", QUARTER, 0},
    {"last quarter|上季度|上季|tremujorin e kaluar|tremujori i kaluar", QUARTER, -1},
    {"next quarter|下季度|下季|tremujorin tjeter|tremujori tjeter", QUARTER, 1},
    {"this year|今年|本年|kete vit|ky vit|sivjet", YEAR, 0},
    {"last year|去年|vitin e kaluar|viti i kaluar|vjet", YEAR, -1},
    {"next year|明年|vitin tjeter|viti tjeter", YEAR, 1},
    {"monday|mon|周一|星期一|e hene|te henen", WEEKDAY, 1},
    {"tuesday|tue|周二|星期二|e marte|te marten", WEEKDAY, 2},
    {"wednesday|wed|周三|星期三|e merkure|te merkuren", WEEKDAY, 3},
    {"thursday|thu|周四|星期四|e enjte|te enjten", WEEKDAY, 4},
    {"friday|fri|周五|星期五|e premte|te premten", WEEKDAY, 5},
    {"saturday|sat|周六|星期六|e shtune|te shtunen", WEEKDAY, 6},
    {"sunday|sun|周日|周天|星期日|星期天|e diel|te dielen", WEEKDAY, 7},
    {"next monday|下周一", NEXT_WEEKDAY, 1},
    {"next tuesday|下周二", NEXT_WEEKDAY, 2},
    {"next wednesday|下周三", NEXT_WEEKDAY, 3},
    {"next thursday|下周四", NEXT_WEEKDAY, 4},
    {"next friday|下周五", NEXT_WEEKDAY, 5},
    {"next saturday|下周六", NEXT_WEEKDAY, 6},
    {"next sunday|下周日|下周天", NEXT_WEEKDAY, 7},
};
enum { N_WHEN = sizeof when / sizeof *when };

/** True when @plain is one of the words, which bars separate. */
static bool
is_word_among(const char *words, const char *plain)
{
    size_t n = strlen(plain);
    for (const char *w = words; n > 0; w++) {
        size_t length = strcspn(w, "|");
        bool same = length == n;
        for (size_t i = 0; same && i < n; i++)
            same = w[i] == plain[i] || (w[i] == ' ' && plain[i] == '-') ||
                   (w[i] == '_' && plain[i] == ' ');
        if (same)
            return true;
        if (!*(w += length))
            return false;
    }
    return false;
}

/** @days after the day @t, at noon, where no change of the clock makes it another day. */
static struct tm
day_after(struct tm t, int days)
{
    struct tm day = {.tm_year = t.tm_year,
                     .tm_mon = t.tm_mon,
                     .tm_mday = t.tm_mday + days,
                     .tm_hour = 12};
    timegm(&day);
    return day;
}

/** Days from @today to the next such day of the week, 0 to 6. */
static int
days_to_weekday(const struct tm *today, int weekday)
{
    return (weekday % DAYS_OF_WEEK - today->tm_wday + DAYS_OF_WEEK) % DAYS_OF_WEEK;
}

/** The day that a unit of days means. */
static struct tm
day_of(enum unit unit, int n, struct tm today)
{
    struct tm t = day_after(today, 0);
    int since_monday = (t.tm_wday + DAYS_OF_WEEK - 1) % DAYS_OF_WEEK;
    if (unit == WEEKDAY)
        return day_after(t, days_to_weekday(&t, n));
    if (unit == NEXT_WEEKDAY)
        return day_after(t, DAYS_OF_WEEK - since_monday + n - 1);
    return day_after(t, n);
}

static const char *
print_day(struct arena *a, struct tm t)
{
    return arena_print(a, "%04d-%02d-%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
}

/** The period @n units from the one of today; NULL when the arena is full. */
static const char *
print_period(struct arena *a, enum unit unit, int n, struct tm today)
{
    char week[20];
    int months = (today.tm_year + 1900) * 12 + today.tm_mon;
    struct tm t;
    switch (unit) {
    case WEEK:
        t = day_after(today, n * DAYS_OF_WEEK);
        strftime(week, sizeof week, "%G-W%V", &t);
        return arena_print(a, "%s", week);
    case MONTH: return arena_print(a, "%04d-%02d", (months + n) / 12, (months + n) % 12 + 1);
    case QUARTER: {
        int quarters = months / 3 + n;
        return arena_print(a, "%04d-Q%d", quarters / 4, quarters % 4 + 1);
    }
    case YEAR: return arena_print(a, "%04d", today.tm_year + 1900 + n);
    default: return print_day(a, day_of(unit, n, today));
    }
}

static bool
is_of_calendar(struct tm t)
{
    struct tm real = day_after(t, 0);
    return t.tm_mday > 0 && real.tm_mon == t.tm_mon && real.tm_mday == t.tm_mday;
}

/** The year in which that month and day are nearest to today. */
static int
nearest_year(struct tm day, struct tm today)
{
    enum { HALF_A_YEAR = 182, DAY_S = 86400 };
    day.tm_year = today.tm_year;
    struct tm there = day_after(day, 0), here = day_after(today, 0);
    long days = (long)((timegm(&there) - timegm(&here)) / DAY_S);
    return today.tm_year + (days < -HALF_A_YEAR) - (days > HALF_A_YEAR);
}

/** Forms of a day in numbers, where %n is behind all of it. */
static const struct {
    const char *scan;
    /** Which number is which, from 0; year -1 for the nearest. */
    int year, month, day;
} day_forms[] = {
    {"%d-%d-%d%n", 0, 1, 2},     {"%d/%d/%d%n", 0, 1, 2}, {"%d年%d月%d日%n", 0, 1, 2},
    {"%d年%d月%d号%n", 0, 1, 2}, {"%d.%d.%d%n", 2, 1, 0}, {"%d.%d.%n", -1, 1, 0},
    {"%d-%d%n", -1, 0, 1},       {"%d/%d%n", -1, 0, 1},   {"%d月%d日%n", -1, 0, 1},
    {"%d月%d号%n", -1, 0, 1},
};
enum { N_DAY_FORMS = sizeof day_forms / sizeof *day_forms };

/** True, and the day, where @plain is one in numbers. */
static bool
read_day(const char *plain, struct tm today, struct tm *ret)
{
    enum { LEAST_YEAR = 1000, LATEST_YEAR = 9999 };
    for (size_t i = 0; i < N_DAY_FORMS && isdigit((unsigned char)plain[0]); i++) {
        int at[3] = {0}, end = -1;
        if (day_forms[i].year >= 0)
            (void)sscanf(plain, day_forms[i].scan, &at[0], &at[1], &at[2], &end);
        else
            (void)sscanf(plain, day_forms[i].scan, &at[0], &at[1], &end);
        if (end < 0 || plain[end])
            continue;
        *ret = (struct tm){.tm_mon = at[day_forms[i].month] - 1, .tm_mday = at[day_forms[i].day]};
        if (day_forms[i].year < 0)
            ret->tm_year = nearest_year(*ret, today);
        else if (at[day_forms[i].year] >= LEAST_YEAR && at[day_forms[i].year] <= LATEST_YEAR)
            ret->tm_year = at[day_forms[i].year] - 1900;
        else
            continue;
        return is_of_calendar(*ret);
    }
    return false;
}

/** True, and the day, where @plain means one, by a word or in numbers. */
static bool
find_day(const char *plain, struct tm today, struct tm *ret)
{
    for (size_t i = 0; i < N_WHEN; i++)
        if (is_word_among(when[i].words, plain)) {
            *ret = day_of(when[i].unit, when[i].n, today);
            return when[i].unit == DAY || when[i].unit >= WEEKDAY;
        }
    return read_day(plain, today, ret);
}

static const char *
typed_date(struct arena *a, const char *text, const char *plain, const struct typed_here *here)
{
    struct tm t;
    return find_day(plain, here->today, &t) ? print_day(a, t) : text;
}

/** Forms of a time of day, where %n is behind all of it. */
static const struct {
    const char *scan;
    /** -1 where the form has it. */
    int minute;
} clock_forms[] = {
    {"%2d:%2d:%*2d%n", -1}, {"%2d:%2d%n", -1}, {"%2d点%2d分%n", -1}, {"%2d点%2d%n", -1},
    {"%2d点半%n", 30},      {"%2d点%n", 0},    {"%2d時%n", 0},       {"%2d时%n", 0},
};
enum { N_CLOCK_FORMS = sizeof clock_forms / sizeof *clock_forms };

/** True, and the time, where all of @plain is one. */
static bool
read_clock(const char *plain, struct tm *ret)
{
    for (size_t i = 0; i < N_CLOCK_FORMS && isdigit((unsigned char)plain[0]); i++) {
        int hour = -1, minute = clock_forms[i].minute, end = -1;
        if (minute < 0)
            (void)sscanf(plain, clock_forms[i].scan, &hour, &minute, &end);
        else
            (void)sscanf(plain, clock_forms[i].scan, &hour, &end);
        if (end >= 0 && !plain[end] && hour < 24 && minute < 60) {
            ret->tm_hour = hour;
            ret->tm_min = minute;
            return true;
        }
    }
    return false;
}

/** Takes @tail and the blanks before it off the end of @s. False where it does not end so. */
static bool
cut_tail(char *s, const char *tail)
{
    size_t n = strlen(s), length = strlen(tail);
    if (length > n || strcmp(s + n - length, tail) != 0)
        return false;
    for (n -= length; n > 0 && s[n - 1] == ' ';)
        n--;
    s[n] = 0;
    return true;
}

/** What says of a time before noon on the clock's face in which half of the day it is. */
static const struct {
    const char *word;
    int hours;
} day_halves[] = {
    {"上午", 0}, {"早上", 0}, {"下午", 12}, {"晚上", 12}, {"paradite", 0}, {"pasdite", 12},
};
enum { N_DAY_HALVES = sizeof day_halves / sizeof *day_halves, NOON = 12 };

/**
 * A time of a day, or of today, with the offset of this machine's zone then: who types it means the
 * clock on their wall, wherever the company is.
 */
static const char *
typed_time(struct arena *a, const char *text, const char *plain, const struct typed_here *here)
{
    struct tm t = {0}, clock = {0};
    size_t at = 0;
    while (plain[at] &&
           ((at > 0 && isdigit((unsigned char)plain[at - 1])) || !read_clock(plain + at, &clock)))
        at++;
    if (!plain[at])
        return typed_date(a, text, plain, here);
    char *day = arena_copy(a, plain, at);
    if (!day)
        return NULL;
    (void)cut_tail(day, "");
    bool iso = at > 1 && isdigit((unsigned char)day[at - 2]) && cut_tail(day, "t");
    for (size_t i = 0; i < N_DAY_HALVES && !iso; i++)
        if (cut_tail(day, day_halves[i].word) && clock.tm_hour < NOON)
            clock.tm_hour += day_halves[i].hours;
    if (!find_day(*day ? day : "today", here->today, &t))
        return text;
    t.tm_hour = clock.tm_hour;
    t.tm_min = clock.tm_min;
    t.tm_sec = 0;
    t.tm_isdst = -1;
    if (mktime(&t) == (time_t)-1)
        return text;
    long offset = labs(t.tm_gmtoff) / 60;
    return arena_print(a, "%sT%02d:%02d%c%02ld:%02ld", print_day(a, t), t.tm_hour, t.tm_min,
                       t.tm_gmtoff < 0 ? '-' : '+', offset / 60, offset % 60);
}

/** Forms of longer periods: of a year that is said, or of this one. */
static const struct {
    const char *scan, *print;
    bool has_year;
} period_forms[] = {
    {"%d w%d%n", "%04d-W%02d", true},   {"%d-w%d%n", "%04d-W%02d", true},
    {"%dw%d%n", "%04d-W%02d", true},    {"%d年第%d周%n", "%04d-W%02d", true},
    {"%d-q%d%n", "%04d-Q%d", true},     {"%dq%d%n", "%04d-Q%d", true},
    {"%d年%d季度%n", "%04d-Q%d", true}, {"%d年第%d季度%n", "%04d-Q%d", true},
    {"%d/%d%n", "%04d-%02d", true},     {"%d年%d月%n", "%04d-%02d", true},
    {"w%d%n", "%04d-W%02d", false},     {"第%d周%n", "%04d-W%02d", false},
    {"q%d%n", "%04d-Q%d", false},       {"%d月%n", "%04d-%02d", false},
    {"第%d季度%n", "%04d-Q%d", false},
};
enum { N_PERIOD_FORMS = sizeof period_forms / sizeof *period_forms };

static const char *
typed_period(struct arena *a, const char *text, const char *plain, const struct typed_here *here)
{
    enum { LEAST_YEAR = 1000, LATEST_YEAR = 9999 };
    struct tm t;
    for (size_t i = 0; i < N_WHEN; i++)
        if (is_word_among(when[i].words, plain))
            return print_period(a, when[i].unit, when[i].n, here->today);
    for (size_t i = 0; i < N_PERIOD_FORMS; i++) {
        int at[2] = {0}, end = -1;
        if (period_forms[i].has_year)
            (void)sscanf(plain, period_forms[i].scan, &at[0], &at[1], &end);
        else
            (void)sscanf(plain, period_forms[i].scan, &at[1], &end);
        int year = period_forms[i].has_year ? at[0] : here->today.tm_year + 1900;
        if (end >= 0 && !plain[end] && year >= LEAST_YEAR && year <= LATEST_YEAR)
            return arena_print(a, period_forms[i].print, year, at[1]);
    }
    /* 2026-11 is a month, and no day of a year that is nearest. */
    bool is_month = strlen(plain) == strlen("2026-11") && plain[4] == '-';
    return !is_month && read_day(plain, here->today, &t) ? print_day(a, t) : text;
}

/* Amounts. */

/** What stands behind a number, and how many zeros it means. */
static const struct {
    const char *words;
    int zeros;
} multiples[] = {
    {"k|千|mije", 3}, {"万|萬", 4},     {"m|mln|million|百万|百萬|milion|milione", 6},
    {"千万|千萬", 7}, {"亿|億", 8},     {"bn|billion|miliard|miliarde", 9},
    {"元", 0},        {"万元|萬元", 4}, {"亿元|億元", 8},
};
enum { N_MULTIPLES = sizeof multiples / sizeof *multiples };

/** The digits of a number with its groups, and how many of them stand behind the point. */
struct number {
    char digits[MOST_DIGITS + 1];
    size_t n, behind;
};

/** True when @s, of @n bytes, is digits in groups of three, which all @separator separates. */
static bool
is_grouped(const char *s, size_t n, char separator)
{
    size_t first = strcspn(s, (char[]){separator, 0});
    if (first == 0 || first > 3 || first >= n || (n - first) % 4 != 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        bool is_place = i >= first && (i - first) % 4 == 0;
        if (is_place ? s[i] != separator : !isdigit((unsigned char)s[i]))
            return false;
    }
    return true;
}

static bool
is_digits(const char *s, size_t n)
{
    return n > 0 && strspn(s, "0123456789") >= n;
}

static bool
keep_digits(struct number *to, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isdigit((unsigned char)s[i])) {
            if (to->n == MOST_DIGITS)
                return false;
            to->digits[to->n++] = s[i];
        }
    return true;
}

/**
 * Takes a number apart whose last point or comma begins what stands behind it, unless it separates
 * groups. 3,500 is in groups; 3.500 is three and a half, as the server reads it.
 */
static bool
read_number(const char *s, size_t n, struct number *ret)
{
    static const char separators[] = {',', ' ', '\'', '.'};
    size_t mark = n;
    for (size_t i = 0; i < n; i++)
        if (s[i] == '.' || s[i] == ',')
            mark = i;
    *ret = (struct number){0};
    for (size_t i = 0; i < sizeof separators; i++) {
        bool one_point = separators[i] == '.' && strchr(s, '.') == s + mark;
        if (is_grouped(s, n, separators[i]) && !one_point)
            return keep_digits(ret, s, n);
    }
    bool grouped = false;
    for (size_t i = 0; i < sizeof separators && mark < n; i++)
        grouped = grouped || (separators[i] != s[mark] && is_grouped(s, mark, separators[i]));
    bool fine = mark < n ? (grouped || is_digits(s, mark)) && is_digits(s + mark + 1, n - mark - 1)
                         : is_digits(s, n);
    ret->behind = mark < n ? n - mark - 1 : 0;
    return fine && keep_digits(ret, s, n);
}

static const char *
typed_decimal(struct arena *a, const char *text, const char *plain)
{
    struct number number;
    size_t n = strspn(plain, "0123456789., '");
    const char *unit = plain + n;
    int zeros = *unit ? -1 : 0;
    for (size_t i = 0; i < N_MULTIPLES; i++)
        if (is_word_among(multiples[i].words, unit))
            zeros = multiples[i].zeros;
    while (n > 0 && plain[n - 1] == ' ')
        n--;
    if (zeros < 0 || !read_number(plain, n, &number))
        return text;
    for (; zeros > 0 && number.n < MOST_DIGITS; zeros--) {
        if (number.behind > 0)
            number.behind--;
        else
            number.digits[number.n++] = '0';
    }
    size_t before = number.n - number.behind;
    const char *digits = number.digits;
    for (; before > 1 && *digits == '0'; before--)
        digits++;
    return arena_print(a, number.behind ? "%.*s.%s" : "%.*s", (int)before, digits, digits + before);
}

/* Codes and addresses. */

static const struct {
    const char *typed, *code;
} currencies[] = {
    {"¥", "CNY"},   {"￥", "CNY"},   {"元", "CNY"},   {"人民币", "CNY"}, {"rmb", "CNY"},
    {"€", "EUR"},   {"euro", "EUR"}, {"欧元", "EUR"}, {"$", "USD"},      {"美元", "USD"},
    {"lek", "ALL"}, {"leke", "ALL"}, {"列克", "ALL"},
};
enum { N_CURRENCIES = sizeof currencies / sizeof *currencies };

static const char *
typed_currency(struct arena *a, const char *text, const char *plain)
{
    for (size_t i = 0; i < N_CURRENCIES; i++)
        if (strcmp(currencies[i].typed, plain) == 0)
            return currencies[i].code;
    char *upper = arena_copy(a, plain, strlen(plain));
    for (char *p = upper; p && *p; p++)
        *p = islower((unsigned char)*p) ? (char)(*p - 'a' + 'A') : *p;
    return !upper || strspn(upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 ? upper : text;
}

static const char *
typed_code(struct arena *a, const char *text, const char *plain)
{
    bool fine = strspn(plain, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(plain);
    /* What is plain besides, such as an underscore, is kept as it was typed. */
    return fine && strlen(plain) == strlen(text) ? arena_copy(a, plain, strlen(plain)) : text;
}

static const char *
typed_number(struct arena *a, const char *text, const char *plain)
{
    const char *digits = plain + (plain[0] == '#');
    return is_digits(digits, strlen(digits)) ? arena_copy(a, digits, strlen(digits)) : text;
}

/** What is understood of a text in its plain form. */
static const char *
understand(struct arena *a, const struct schema_field *f, const char *text, const char *plain,
           const struct typed_here *here)
{
    switch (f->option->format) {
    case JIAYI__V1__FORMAT__DATE: return typed_date(a, text, plain, here);
    case JIAYI__V1__FORMAT__TIME: return typed_time(a, text, plain, here);
    case JIAYI__V1__FORMAT__PERIOD: return typed_period(a, text, plain, here);
    case JIAYI__V1__FORMAT__DECIMAL: return typed_decimal(a, text, plain);
    case JIAYI__V1__FORMAT__CURRENCY: return typed_currency(a, text, plain);
    case JIAYI__V1__FORMAT__CODE:
    case JIAYI__V1__FORMAT__SLUG: return typed_code(a, text, plain);
    case JIAYI__V1__FORMAT__EMAIL:
        return here->me && is_word_among("me|我|本人|une|mua", plain) ? here->me : text;
    default: return f->pb->type == PROTOBUF_C_TYPE_INT64 ? typed_number(a, text, plain) : text;
    }
}

bool
typed_is(const char *text, const char *words)
{
    char plain[4 * MOST_BYTES + 1];
    make_plain(text, plain);
    return is_word_among(words, plain);
}

const char *
typed_value(struct arena *a, const struct schema_field *f, const char *text,
            const struct typed_here *here)
{
    char plain[4 * MOST_BYTES + 1];
    const char *code = f->option->words ? dictionary_code(f->option->words, text) : NULL;
    if (code)
        return code;
    make_plain(text, plain);
    const char *value = *plain ? understand(a, f, text, plain, here) : text;
    return value && strcmp(value, text) == 0 ? text : value;
}
