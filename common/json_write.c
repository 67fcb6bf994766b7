#include "common/json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "common/text.h"
#include "common/wipe.h"

enum {
    FIRST_BYTES = 1024,
    /** The longest number of 64 bits. */
    NUMBER_BYTES = 20,
    SECONDS_A_DAY = 86400,
    NANOS_A_SECOND = 1000000000,
};

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what a Timestamp may hold. */
static const int64_t first_second = -62135596800, last_second = 253402300799;

/** The text as far as it is written. It may be a secret: no copy of it stays behind. */
struct out {
    struct arena *arena;
    char *text;
    size_t n, room;
    bool is_short, is_indented;
    int depth;
};

/* Text. */

/** Room for @n bytes more; false without memory, from which on nothing is written. */
static bool
make_room(struct out *o, size_t n)
{
    if (o->n + n <= o->room || o->is_short)
        return !o->is_short;
    size_t room = o->room ? o->room : FIRST_BYTES;
    while (room < o->n + n)
        room *= 2;
    char *text = malloc(room);
    o->is_short = !text;
    if (!text)
        return false;
    if (o->n > 0)
        memcpy(text, o->text, o->n);
    wipe_free(o->text);
    o->text = text;
    o->room = room;
    return true;
}

static void
put(struct out *o, const char *text, size_t n)
{
    if (!make_room(o, n))
        return;
    memcpy(o->text + o->n, text, n);
    o->n += n;
}

static void
put_char(struct out *o, char c)
{
    put(o, &c, 1);
}

/** A number, of so many digits at least. */
static void
put_digits(struct out *o, uint64_t number, int digits)
{
    char text[NUMBER_BYTES], *at = text + sizeof text;
    for (; number > 0 || digits > 0; number /= 10, digits--)
        *--at = (char)('0' + number % 10);
    put(o, at, (size_t)(text + sizeof text - at));
}

static void
put_signed(struct out *o, int64_t number)
{
    if (number < 0)
        put_char(o, '-');
    put_digits(o, number < 0 ? -(uint64_t)number : (uint64_t)number, 1);
}

/* Strings. */

static void
put_escape(struct out *o, uint32_t unit, const char *digits)
{
    const char text[] = {'\\',
                         'u',
                         digits[unit >> 12 & 15],
                         digits[unit >> 8 & 15],
                         digits[unit >> 4 & 15],
                         digits[unit & 15]};
    put(o, text, sizeof text);
}

/** What has to be escaped in JSON itself. */
static void
put_control(struct out *o, char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = memchr(plain, c, sizeof plain - 1);
    if (!found) {
        put_escape(o, (unsigned char)c, "0123456789ABCDEF");
        return;
    }
    const char text[] = {'\\', letters[found - plain]};
    put(o, text, sizeof text);
}

/** A character that no terminal should get. */
static void
put_deceptive(struct out *o, uint32_t c)
{
    static const char digits[] = "0123456789abcdef";
    if (c > 0xffff) {
        put_escape(o, 0xd7c0 + (c >> 10), digits);
        c = 0xdc00 + (c & 0x3ff);
    }
    put_escape(o, c, digits);
}

static bool
is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/** The character at the beginning of the @n bytes at @s may be written as it is. */
static bool
is_fit(const char *s, size_t n, size_t *length)
{
    unsigned char byte = (unsigned char)*s;
    *length = 1;
    if (byte < 0x20 || byte == '"' || byte == '\\')
        return false;
    uint32_t c = text_decode(s, n, length);
    return !(byte >= 0x80 && *length == 1) && !text_is_deceptive(c);
}

/** Writes a character that is not fit in another way. */
static void
put_unfit(struct out *o, const char *s, size_t length)
{
    unsigned char byte = (unsigned char)*s;
    if (length == 1 && byte >= 0x80)
        put(o, "\xef\xbf\xbd", 3);
    else if (byte < 0x20 || byte == '"' || byte == '\\')
        put_control(o, *s);
    else
        put_deceptive(o, text_decode(s, length, &length));
}

static void
put_string(struct out *o, const char *s)
{
    size_t n = strlen(s), from = 0, i = 0;
    put_char(o, '"');
    while (i < n) {
        size_t length = 1;
        if (is_plain(s[i]) || is_fit(s + i, n - i, &length)) {
            i += length;
            continue;
        }
        put(o, s + from, i - from);
        put_unfit(o, s + i, length);
        i += length;
        from = i;
    }
    put(o, s + from, n - from);
    put_char(o, '"');
}

/* Times. */

/** A day since 1970 as a date of the Gregorian calendar, whose year begins in March here. */
static void
put_date(struct out *o, int64_t day)
{
    enum { DAYS_TO_1970 = 719468, DAYS_OF_400_YEARS = 146097 };
    int64_t days = day + DAYS_TO_1970;
    int64_t era = days / DAYS_OF_400_YEARS, of_era = days % DAYS_OF_400_YEARS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    put_digits(o, (uint64_t)(year + 400 * era + (month >= 10)), 4);
    put_char(o, '-');
    put_digits(o, (uint64_t)(month < 10 ? month + 3 : month - 9), 2);
    put_char(o, '-');
    put_digits(o, (uint64_t)(of_year - (153 * month + 2) / 5 + 1), 2);
}

/** 3, 6 or 9 digits, as the canonical form has it. */
static void
put_fraction(struct out *o, int64_t nanos)
{
    int digits = 9;
    if (nanos <= 0 || nanos >= NANOS_A_SECOND)
        return;
    for (; nanos % 1000 == 0; nanos /= 1000)
        digits -= 3;
    put_char(o, '.');
    put_digits(o, (uint64_t)nanos, digits);
}

static void
put_timestamp(struct out *o, const ProtobufCMessage *t)
{
    /* By their numbers: seconds, nanos. */
    const struct schema_field *fields = schema_of(t)->fields;
    int64_t seconds = message_integer(t, &fields[0], 0);
    seconds = seconds < first_second ? first_second : seconds > last_second ? last_second : seconds;
    int64_t day = seconds / SECONDS_A_DAY, second = seconds % SECONDS_A_DAY;
    if (second < 0) {
        second += SECONDS_A_DAY;
        day--;
    }
    put_char(o, '"');
    put_date(o, day);
    put_char(o, 'T');
    put_digits(o, (uint64_t)(second / 3600), 2);
    put_char(o, ':');
    put_digits(o, (uint64_t)(second / 60 % 60), 2);
    put_char(o, ':');
    put_digits(o, (uint64_t)(second % 60), 2);
    put_fraction(o, message_integer(t, &fields[1], 0));
    put(o, "Z\"", 2);
}

/* Values. */

/** A number as C writes it, with the point that JSON has in whatever language. */
static void
put_digits_of(struct out *o, const char *text)
{
    bool has_point = false;
    for (; *text; text++) {
        bool is_part = strchr("0123456789e-", *text) != NULL;
        has_point = has_point || !is_part || *text == 'e';
        if (is_part)
            put_char(o, *text);
        else if (*text != '+')
            put_char(o, '.');
    }
    if (!has_point)
        put(o, ".0", 2);
}

/** False for those that JSON's numbers lack. */
static bool
put_real(struct out *o, double value)
{
    char text[40];
    if (!isfinite(value))
        return false;
    snprintf(text, sizeof text, "%.17g", value);
    put_digits_of(o, text);
    return true;
}

static void
put_other(struct out *o, const ProtobufCMessage *message, const struct schema_field *f,
          size_t index)
{
    const char *text = json_text(o->arena, message, f, index);
    if (text)
        put_string(o, text);
    o->is_short = o->is_short || !text;
}

static void put_message(struct out *o, const ProtobufCMessage *message);

static void
put_value(struct out *o, const ProtobufCMessage *message, const struct schema_field *f,
          size_t index)
{
    const void *at = message_value(message, f, index);
    switch (f->pb->type) {
    case PROTOBUF_C_TYPE_STRING: put_string(o, *(const char *const *)at); return;
    case PROTOBUF_C_TYPE_MESSAGE:
        if (schema_is_timestamp(f->message))
            put_timestamp(o, *(ProtobufCMessage *const *)at);
        else
            put_message(o, *(ProtobufCMessage *const *)at);
        return;
    case PROTOBUF_C_TYPE_BOOL:
        if (message_integer(message, f, index))
            put(o, "true", 4);
        else
            put(o, "false", 5);
        return;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32: put_signed(o, message_integer(message, f, index)); return;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        put_char(o, '"');
        put_signed(o, *(const int64_t *)at);
        put_char(o, '"');
        return;
    case PROTOBUF_C_TYPE_FLOAT:
        if (!put_real(o, (double)*(const float *)at))
            put_other(o, message, f, index);
        return;
    case PROTOBUF_C_TYPE_DOUBLE:
        if (!put_real(o, *(const double *)at))
            put_other(o, message, f, index);
        return;
    default: put_other(o, message, f, index);
    }
}

/* Lists and objects. */

/** Where an element begins: behind the comma, if there is one before it. */
static void
put_break(struct out *o, bool has_comma)
{
    static const char spaces[] = "                                ";
    if (has_comma)
        put_char(o, ',');
    if (!o->is_indented)
        return;
    put_char(o, '\n');
    for (int left = 2 * o->depth; left > 0; left -= (int)sizeof spaces - 1)
        put(o, spaces, (size_t)(left < (int)sizeof spaces - 1 ? left : (int)sizeof spaces - 1));
}

static void
put_open(struct out *o, char bracket)
{
    put_char(o, bracket);
    o->depth++;
}

static void
put_close(struct out *o, char bracket, bool is_empty)
{
    o->depth--;
    if (!is_empty)
        put_break(o, false);
    put_char(o, bracket);
}

static void
put_field(struct out *o, const ProtobufCMessage *message, const struct schema_field *f)
{
    if (f->pb->label != PROTOBUF_C_LABEL_REPEATED) {
        put_value(o, message, f, 0);
        return;
    }
    size_t n = message_count(message, f);
    put_open(o, '[');
    for (size_t i = 0; i < n; i++) {
        put_break(o, i > 0);
        put_value(o, message, f, i);
    }
    put_close(o, ']', n == 0);
}

static void
put_message(struct out *o, const ProtobufCMessage *message)
{
    const struct schema_message *m = schema_of(message);
    bool is_empty = true;
    put_open(o, '{');
    /* The fields are sorted by number; they are written as they were declared. */
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = schema_field_at(m, i);
        if (f->pb->label != PROTOBUF_C_LABEL_REPEATED && !message_has(message, f))
            continue;
        put_break(o, !is_empty);
        is_empty = false;
        put_char(o, '"');
        put(o, f->pb->name, strlen(f->pb->name));
        put(o, "\": ", o->is_indented ? 3 : 2);
        put_field(o, message, f);
    }
    put_close(o, '}', is_empty);
}

char *
json_write(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f,
           bool indented)
{
    struct out o = {.arena = a, .is_indented = indented};
    if (f)
        put_field(&o, message, f);
    else
        put_message(&o, message);
    char *copy = o.is_short ? NULL : arena_copy(a, o.text, o.n);
    wipe_free(o.text);
    return copy;
}
