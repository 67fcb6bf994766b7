#include "client/words/reading.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES = 64, LAST_MONTH = 12, THREE = 3, YEAR_DIGITS = 4 };

/* Days. */

/** A cell with a day in numbers: as they stand, what separates them, and what is behind. */
struct day {
    int n[3];
    /** The year comes first; else it is behind, and with points the day is first. */
    bool year_first, points;
    const char *rest;
};

/** Takes digits and what separates them from the next; 0 where there are none. */
static size_t
take_part(const char **at, int *ret, const char *const *separators)
{
    size_t n = strspn(*at, "0123456789");
    if (n == 0 || n > YEAR_DIGITS)
        return 0;
    *ret = atoi(*at);
    *at += n;
    for (; *separators; separators++)
        if (strncmp(*at, *separators, strlen(*separators)) == 0) {
            *at += strlen(*separators);
            return n;
        }
    return 0;
}

static bool
read_day(const char *cell, struct day *ret)
{
    static const char *const first[] = {"-", "/", ".", "年", NULL},
                             *const last[] = {"日", "号", "", NULL},
                             *const second[] = {"-", "/", ".", "月", NULL};
    const char *at = cell + strspn(cell, " ");
    const char *separator = at + strspn(at, "0123456789");
    size_t a = take_part(&at, &ret->n[0], first), b = a ? take_part(&at, &ret->n[1], second) : 0;
    size_t c = b ? take_part(&at, &ret->n[2], last) : 0;
    ret->year_first = a == YEAR_DIGITS;
    ret->points = *separator == '.';
    ret->rest = at;
    return c && b <= 2 && (ret->year_first ? c <= 2 : a <= 2 && c == YEAR_DIGITS);
}

/** A day's numbers that may be either order. */
static bool
is_slashed(const struct schema_field *f, const char *cell, struct day *ret)
{
    int format = f->option->format;
    return (format == JIAYI__V1__FORMAT__DATE || format == JIAYI__V1__FORMAT__TIME) &&
           read_day(cell, ret) && !ret->year_first && !ret->points;
}

/** A time behind a day, as 15:04:05 with what is behind that; "" where there is none. */
static const char *
read_time(struct arena *a, const char *rest)
{
    int hour = 0, minute = 0, end = -1;
    rest += strspn(rest, " T,");
    if (!*rest)
        return "";
    bool afternoon = strncmp(rest, "下午", strlen("下午")) == 0;
    bool morning = strncmp(rest, "上午", strlen("上午")) == 0;
    rest += afternoon || morning ? strlen("下午") : 0;
    if (sscanf(rest, "%2d:%2d%n", &hour, &minute, &end) != 2 || end < 0)
        return NULL;
    rest += end;
    size_t seconds = *rest == ':' ? 1 + strspn(rest + 1, "0123456789.") : 0;
    const char *zone = rest + seconds + strspn(rest + seconds, " ");
    bool pm = typed_is(zone, "pm"), am = typed_is(zone, "am");
    if (pm || am)
        zone = "";
    if ((pm || afternoon) && hour < LAST_MONTH)
        hour += LAST_MONTH;
    else if ((am || morning) && hour == LAST_MONTH)
        hour = 0;
    return arena_print(a, "T%02d:%02d%.*s%s", hour, minute, (int)seconds, rest, zone);
}

static const char *
read_moment(struct arena *a, const struct reading *r, const struct schema_field *f,
            const char *cell)
{
    struct day d;
    if (!read_day(cell, &d))
        return cell;
    bool day_first = d.points || r->days == DAYS_DMY;
    const char *time = read_time(a, d.rest);
    bool is_day = f->option->format == JIAYI__V1__FORMAT__DATE;
    /* Spreadsheets write a day as its first second. */
    if (!time || (is_day && *time && strspn(time, "T0:.") < strlen(time)))
        return cell;
    if (!d.year_first && !d.points && r->days == DAYS_UNKNOWN && d.n[0] != d.n[1])
        return cell;
    return arena_print(a, "%04d-%02d-%02d%s", d.n[d.year_first ? 0 : 2],
                       d.n[d.year_first ? 1
                           : day_first  ? 1
                                        : 0],
                       d.n[d.year_first ? 2
                           : day_first  ? 0
                                        : 1],
                       is_day ? "" : time);
}

/* Numbers. */

/** A cell with a number: what stands before it and behind it, and its digits and separators. */
struct number {
    char before[NUMBER_BYTES], digits[NUMBER_BYTES], behind[NUMBER_BYTES];
};

/** Copies @n bytes without blanks, the narrow ones included. */
static bool
copy_dense(char to[NUMBER_BYTES], const char *from, size_t n)
{
    static const char *const blanks[] = {" ", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "'", "’"};
    size_t at = 0;
    for (size_t i = 0; i < n;) {
        size_t blank = 0;
        for (size_t k = 0; k < sizeof blanks / sizeof *blanks; k++)
            if (i + strlen(blanks[k]) <= n && strncmp(from + i, blanks[k], strlen(blanks[k])) == 0)
                blank = strlen(blanks[k]);
        if (!blank && at + 1 < NUMBER_BYTES)
            to[at++] = from[i];
        else if (!blank)
            return false;
        i += blank ? blank : 1;
    }
    to[at] = 0;
    return true;
}

static bool
is_number(const struct schema_field *f)
{
    return f->option->format == JIAYI__V1__FORMAT__DECIMAL ||
           f->option->format == JIAYI__V1__FORMAT__RATE;
}

static bool
read_number(const char *cell, struct number *ret)
{
    size_t before = strcspn(cell, "0123456789"), last = before;
    for (size_t i = before; cell[i]; i++)
        if (isdigit((unsigned char)cell[i]))
            last = i + 1;
    return cell[before] && copy_dense(ret->before, cell, before) &&
           copy_dense(ret->digits, cell + before, last - before) &&
           copy_dense(ret->behind, cell + last, strlen(cell + last)) &&
           strspn(ret->digits, "0123456789.,") == strlen(ret->digits);
}

/** True where the separator @mark stands between groups of three, the first of at most three. */
static bool
is_grouped(const char *digits, char mark)
{
    size_t n = strcspn(digits, (char[]){mark, 0});
    if (n == 0 || n > THREE || !digits[n])
        return false;
    for (const char *at = digits + n; *at == mark; at += THREE + 1)
        if (strspn(at + 1, "0123456789") != THREE)
            return false;
    return strlen(digits + n + 1) % (THREE + 1) == THREE;
}

/** What the digits say of the column's separator; and whether they may be read both ways. */
static enum reading_decimal
decimal_of(const char *digits, bool *ret_open)
{
    const char *point = strrchr(digits, '.'), *comma = strrchr(digits, ',');
    const char *one = point ? point : comma;
    *ret_open = false;
    if (!one)
        return DECIMAL_UNKNOWN;
    if (point && comma)
        return point > comma ? DECIMAL_POINT : DECIMAL_COMMA;
    bool is_point = one == point, twice = strchr(digits, *one) != one;
    if (twice)
        return is_point ? DECIMAL_COMMA : DECIMAL_POINT;
    /* 0.125 is no group, nor is what has not three digits behind and up to three before. */
    if (!is_grouped(digits, *one) || *digits == '0')
        return is_point ? DECIMAL_POINT : DECIMAL_COMMA;
    *ret_open = true;
    return DECIMAL_UNKNOWN;
}

/** The digits as the server takes them; NULL where they are no number so. */
static const char *
plain_digits(struct arena *a, const char *digits, enum reading_decimal decimal)
{
    char mark = decimal == DECIMAL_COMMA ? ',' : '.', group = mark == ',' ? '.' : ',';
    char whole[NUMBER_BYTES];
    size_t n = strcspn(digits, (char[]){mark, 0}), at = 0;
    const char *behind = digits[n] ? digits + n + 1 : "";
    snprintf(whole, sizeof whole, "%.*s", (int)n, digits);
    if (strchr(whole, group) && !is_grouped(whole, group))
        return NULL;
    if (strspn(behind, "0123456789") != strlen(behind))
        return NULL;
    char *made = arena_copy(a, digits, strlen(digits));
    if (!made)
        return NULL;
    for (size_t i = 0; whole[i]; i++)
        if (whole[i] != group)
            made[at++] = whole[i];
    if (*behind)
        made[at++] = '.';
    memcpy(made + at, behind, strlen(behind) + 1);
    return made;
}

/** Takes a currency out of what stands beside a number: what is left is a multiple, or nothing. */
static const char *
take_currency(struct arena *a, const char *text, struct reading_beside *beside)
{
    static const char *const signs[][2] = {
        {"¥", "CNY"}, {"￥", "CNY"}, {"€", "EUR"}, {"$", "USD"}, {"US$", "USD"}};
    for (size_t i = sizeof signs / sizeof *signs; i-- > 0;)
        if (strcmp(text, signs[i][0]) == 0)
            return beside->currency = signs[i][1], "";
    if (strlen(text) == THREE && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == THREE)
        return beside->currency = arena_copy(a, text, THREE), "";
    static const char *const words[][2] = {{"元|人民币|rmb", "CNY"},
                                           {"美元", "USD"},
                                           {"欧元|euro", "EUR"},
                                           {"lek|leke", "ALL"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (typed_is(text, words[i][0]))
            return beside->currency = words[i][1], "";
    return text;
}

static const char *
read_amount(struct arena *a, const struct reading *r, const struct schema_field *f,
            const char *cell, const char *unit, const struct typed_here *here,
            struct reading_beside *beside)
{
    struct number n;
    if (!read_number(cell, &n))
        return cell;
    const char *before = take_currency(a, n.before, beside);
    const char *behind = take_currency(a, n.behind, beside);
    const char *multiple = unit ? take_currency(a, unit, beside) : "";
    const char *digits = *before ? NULL : plain_digits(a, n.digits, r->decimal);
    if (!digits || (*behind && *multiple))
        return cell;
    if (!*behind && !*multiple)
        return digits;
    const char *both = arena_print(a, "%s%s", digits, *behind ? behind : multiple);
    const char *value = both ? typed_value(a, f, both, here) : NULL;
    return value == both ? cell : value;
}

/* Columns. */

int
reading_look(struct reading *r, const struct schema_field *f, const char *cell)
{
    struct day d;
    struct number n;
    bool open;
    if (is_slashed(f, cell, &d)) {
        enum reading_days says = d.n[0] > LAST_MONTH   ? DAYS_DMY
                                 : d.n[1] > LAST_MONTH ? DAYS_MDY
                                                       : DAYS_UNKNOWN;
        if (says && r->days && says != r->days)
            return -1;
        r->days = says ? says : r->days;
    } else if (is_number(f) && read_number(cell, &n)) {
        enum reading_decimal says = decimal_of(n.digits, &open);
        if (says && r->decimal && says != r->decimal)
            return -1;
        r->decimal = says ? says : r->decimal;
    }
    return 0;
}

bool
reading_is_open(const struct reading *r, const struct schema_field *f, const char *cell)
{
    struct day d;
    struct number n;
    bool open = false;
    if (is_slashed(f, cell, &d))
        return r->days == DAYS_UNKNOWN && d.n[0] != d.n[1];
    if (is_number(f) && r->decimal == DECIMAL_UNKNOWN && read_number(cell, &n))
        decimal_of(n.digits, &open);
    return open;
}

const char *
reading_value(struct arena *a, const struct reading *r, const struct schema_field *f,
              const char *cell, const char *unit, const struct typed_here *here,
              struct reading_beside *beside)
{
    switch (f->option->format) {
    case JIAYI__V1__FORMAT__DATE:
    case JIAYI__V1__FORMAT__TIME: return read_moment(a, r, f, cell);
    case JIAYI__V1__FORMAT__DECIMAL:
    case JIAYI__V1__FORMAT__RATE: return read_amount(a, r, f, cell, unit, here, beside);
    case JIAYI__V1__FORMAT__PERIOD:
    case JIAYI__V1__FORMAT__CODE:
    case JIAYI__V1__FORMAT__SLUG:
    case JIAYI__V1__FORMAT__CURRENCY: return typed_value(a, f, cell, here);
    default: break;
    }
    if (f->pb->type == PROTOBUF_C_TYPE_BOOL)
        return typed_is(cell, "true|yes|y|1|是|对|√|✓|x|po") ? "true"
               : typed_is(cell, "false|no|n|0|否|不|×|jo")   ? "false"
                                                             : cell;
    /* Where there are no choices, the server knows more words: titles of stages. */
    return f->option->n_choices ? typed_value(a, f, cell, here) : cell;
}
