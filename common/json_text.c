#include "common/json_text.h"

#include <errno.h>
#include <inttypes.h>
#include <libintl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base64.h"
#include "common/text.h"

#define _(text) gettext(text)

enum { NANOS = 1000000000 };

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what a Timestamp may hold. */
static const int64_t first_second = -62135596800, last_second = 253402300799;

int
json_text_no_memory(struct status *e)
{
    return status_set(e, STATUS_RESOURCE_EXHAUSTED, "%s",
                      _("there is not enough memory for this much JSON"));
}

/* Writing. */

static const char *
timestamp_text(struct arena *a, const ProtobufCMessage *t)
{
    const struct schema_message *m = schema_of(t);
    int64_t seconds = message_integer(t, schema_find_field(m, "seconds"), 0);
    int64_t nanos = message_integer(t, schema_find_field(m, "nanos"), 0);
    time_t at = (time_t)(seconds < first_second  ? first_second
                         : seconds > last_second ? last_second
                                                 : seconds);
    struct tm tm;
    char fraction[16] = "";
    if (nanos > 0 && nanos < NANOS) {
        snprintf(fraction, sizeof fraction, ".%09" PRId64, nanos);
        /* 3, 6 or 9 digits, as the canonical form has it. */
        for (int cut = 7; cut >= 4 && strspn(fraction + cut, "0") == strlen(fraction + cut);
             cut -= 3)
            fraction[cut] = 0;
    }
    if (!gmtime_r(&at, &tm))
        return "";
    return arena_print(a, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction);
}

static const char *
enum_name(struct arena *a, const struct schema_field *f, int32_t number)
{
    const ProtobufCEnumDescriptor *d = f->pb->descriptor;
    for (unsigned i = 0; i < d->n_values; i++)
        if (d->values[i].value == number)
            return d->values[i].name;
    return arena_print(a, "%" PRId32, number);
}

static const char *
real_text(struct arena *a, double value, bool wide)
{
    if (isnan(value))
        return "NaN";
    if (isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    for (int precision = wide ? 15 : 6; precision <= 17; precision++) {
        char *text = arena_print(a, "%.*g", precision, value);
        if (!text || (wide ? strtod(text, NULL) == value : strtof(text, NULL) == (float)value))
            return text;
    }
    return NULL;
}

const char *
json_text(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f,
          size_t index)
{
    const void *value = message_value(message, f, index);
    const ProtobufCBinaryData *bytes = value;
    int64_t number = 0;
    switch (f->pb->type) {
    case PROTOBUF_C_TYPE_STRING: return *(const char *const *)value;
    case PROTOBUF_C_TYPE_BYTES: return base64_encode(a, bytes->data, bytes->len);
    case PROTOBUF_C_TYPE_MESSAGE:
        return schema_is_timestamp(f->message)
                   ? timestamp_text(a, *(ProtobufCMessage *const *)value)
                   : "";
    case PROTOBUF_C_TYPE_FLOAT: return real_text(a, (double)*(const float *)value, false);
    case PROTOBUF_C_TYPE_DOUBLE: return real_text(a, *(const double *)value, true);
    default: number = message_integer(message, f, index);
    }
    if (f->pb->type == PROTOBUF_C_TYPE_BOOL)
        return number ? "true" : "false";
    if (f->pb->type == PROTOBUF_C_TYPE_ENUM)
        return enum_name(a, f, (int32_t)number);
    if (f->pb->type == PROTOBUF_C_TYPE_UINT64 || f->pb->type == PROTOBUF_C_TYPE_FIXED64)
        return arena_print(a, "%" PRIu64, (uint64_t)number);
    return arena_print(a, "%" PRId64, number);
}

/* Reading. */

int
json_text_wrong(struct status *e, const char *name, const char *should)
{
    if (!*name)
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s", should);
    return status_field(e, name, "%s", should);
}

static int
put_integer(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, int64_t value,
            struct status *e)
{
    return message_put_integer(a, message, f, value) < 0 ? json_text_no_memory(e) : 0;
}

/** The bounds of an integer type; those of the type uint64 are looked at apart. */
static void
bounds(ProtobufCType type, int64_t *min, int64_t *max)
{
    bool wide = schema_value_size(type) == sizeof(int64_t);
    bool is_unsigned = type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_FIXED32 ||
                       type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64;
    *min = is_unsigned ? 0 : wide ? INT64_MIN : INT32_MIN;
    *max = wide ? INT64_MAX : is_unsigned ? UINT32_MAX : INT32_MAX;
}

static int
out_of_range(struct status *e, const char *name, ProtobufCType type)
{
    int64_t min, max;
    bounds(type, &min, &max);
    return status_field(e, name, _("the number is out of range; it may be from %lld to %lld"),
                        (long long)min, (long long)max);
}

static int
put_whole_number(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
                 const char *name, const char *text, struct status *e)
{
    ProtobufCType type = f->pb->type;
    size_t sign = text[0] == '-';
    if (!text[sign] || strspn(text + sign, "0123456789") != strlen(text + sign))
        return json_text_wrong(e, name, _("not a whole number"));
    errno = 0;
    if (type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64) {
        uint64_t value = strtoull(text, NULL, 10);
        return errno || sign ? out_of_range(e, name, type)
                             : put_integer(a, message, f, (int64_t)value, e);
    }
    int64_t value = strtoll(text, NULL, 10), min, max;
    bounds(type, &min, &max);
    if (errno || value < min || value > max)
        return out_of_range(e, name, type);
    return put_integer(a, message, f, value, e);
}

static int
put_real(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, const char *name,
         const char *text, struct status *e)
{
    char *end;
    bool word =
        strcmp(text, "NaN") == 0 || strcmp(text, "Infinity") == 0 || strcmp(text, "-Infinity") == 0;
    if (!*text || (!word && strspn(text, "+-.0123456789eE") != strlen(text)))
        return json_text_wrong(e, name, _("not a number"));
    double value = strtod(text, &end);
    float narrow = (float)value;
    if (*end)
        return json_text_wrong(e, name, _("not a number"));
    bool wide = f->pb->type == PROTOBUF_C_TYPE_DOUBLE;
    if (!word && !(wide ? isfinite(value) : isfinite(narrow)))
        return json_text_wrong(e, name, _("the number is out of range"));
    int failed = message_put(a, message, f, wide ? (const void *)&value : (const void *)&narrow);
    return failed ? json_text_no_memory(e) : 0;
}

static int
put_string(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
           const char *name, const char *text, size_t size, struct status *e)
{
    if (!text_valid(text, size))
        return json_text_wrong(e, name, _("not valid UTF-8, or holds a NUL character"));
    char *copy = arena_copy(a, text, size);
    return !copy || message_put(a, message, f, &copy) < 0 ? json_text_no_memory(e) : 0;
}

static int
put_base64(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
           const char *name, const char *text, size_t size, struct status *e)
{
    ProtobufCBinaryData value = {0};
    ssize_t n = base64_decode(a, text, size, &value.data);
    if (!value.data)
        return json_text_no_memory(e);
    if (n < 0)
        return json_text_wrong(e, name, _("not base64"));
    value.len = (size_t)n;
    return message_put(a, message, f, &value) < 0 ? json_text_no_memory(e) : 0;
}

static int
put_enum(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, const char *name,
         const char *text, struct status *e)
{
    const ProtobufCEnumDescriptor *d = f->pb->descriptor;
    for (unsigned i = 0; i < d->n_values; i++)
        if (strcmp(d->values[i].name, text) == 0)
            return put_integer(a, message, f, d->values[i].value, e);
    return status_field(e, name, _("%s has no value \"%s\""), d->short_name, text);
}

static int
put_bool(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, const char *name,
         const char *text, struct status *e)
{
    bool yes = strcmp(text, "true") == 0;
    if (!yes && strcmp(text, "false") != 0)
        return json_text_wrong(e, name, _("should be true or false"));
    return put_integer(a, message, f, yes, e);
}

/** The fraction ".123" at @s in nanoseconds; *@end is what follows. */
static int32_t
read_fraction(const char *s, const char **end)
{
    int32_t nanos = 0, unit = NANOS / 10;
    if (*s == '.')
        for (s++; *s >= '0' && *s <= '9'; s++, unit /= 10)
            nanos += (*s - '0') * unit;
    *end = s;
    return nanos;
}

/** True when @s begins as @form says: d is a digit, T also t, anything else itself. */
static bool
has_form(const char *s, const char *form)
{
    for (; *form; s++, form++) {
        bool digit = *s >= '0' && *s <= '9';
        if (*form == 'd' ? !digit : *s != *form && !(*form == 'T' && *s == 't'))
            return false;
    }
    return true;
}

/** The number that the @n digits at @s make. */
static int
digits(const char *s, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++)
        value = 10 * value + (s[i] - '0');
    return value;
}

/** Reads "Z" or "+08:00" into seconds east of UTC; -1 when it is neither. */
static int
read_zone(const char *s, int *seconds)
{
    *seconds = 0;
    if (strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
        return 0;
    if ((*s != '+' && *s != '-') || !has_form(s + 1, "dd:dd") || s[6])
        return -1;
    int hours = digits(s + 1, 2), minutes = digits(s + 4, 2);
    if (hours > 23 || minutes > 59)
        return -1;
    *seconds = (hours * 3600 + minutes * 60) * (*s == '-' ? -1 : 1);
    return 0;
}

/** Reads RFC 3339. */
static int
read_time(const char *text, int64_t *seconds, int32_t *nanos)
{
    if (!has_form(text, "dddd-dd-ddTdd:dd:dd"))
        return -1;
    struct tm tm = {
        .tm_year = digits(text, 4) - 1900,
        .tm_mon = digits(text + 5, 2) - 1,
        .tm_mday = digits(text + 8, 2),
        .tm_hour = digits(text + 11, 2),
        .tm_min = digits(text + 14, 2),
        .tm_sec = digits(text + 17, 2),
    };
    struct tm same = tm;
    int64_t at = timegm(&same);
    const char *end;
    int zone;
    /* timegm() makes the 30th of February the 1st of March; that is no date here. */
    if (same.tm_mon != tm.tm_mon || same.tm_mday != tm.tm_mday || same.tm_hour != tm.tm_hour ||
        same.tm_min != tm.tm_min || same.tm_sec != tm.tm_sec)
        return -1;
    *nanos = read_fraction(text + 19, &end);
    if (read_zone(end, &zone) < 0)
        return -1;
    *seconds = at - zone;
    return *seconds < first_second || *seconds > last_second ? -1 : 0;
}

static int
put_rfc3339(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
            const char *name, const char *text, struct status *e)
{
    int64_t seconds;
    int32_t nanos;
    if (read_time(text, &seconds, &nanos) < 0)
        return json_text_wrong(e, name, _("not a time such as 2026-11-21T20:16:03Z"));
    ProtobufCMessage *t = message_new(a, f->message);
    if (!t || message_put_integer(a, t, schema_find_field(f->message, "seconds"), seconds) < 0 ||
        message_put_integer(a, t, schema_find_field(f->message, "nanos"), nanos) < 0 ||
        message_put(a, message, f, &t) < 0)
        return json_text_no_memory(e);
    return 0;
}

int
json_text_put(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
              const char *name, const char *text, size_t size, struct status *e)
{
    if (f->pb->type == PROTOBUF_C_TYPE_STRING)
        return put_string(a, message, f, name, text, size, e);
    /* The other types are short and ASCII; a copy gives them their end. */
    char *copy = arena_copy(a, text, size);
    if (!copy)
        return json_text_no_memory(e);
    if (strlen(copy) != size)
        return json_text_wrong(e, name, _("not valid UTF-8, or holds a NUL character"));
    switch (f->pb->type) {
    case PROTOBUF_C_TYPE_BYTES: return put_base64(a, message, f, name, copy, size, e);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE: return put_real(a, message, f, name, copy, e);
    case PROTOBUF_C_TYPE_BOOL: return put_bool(a, message, f, name, copy, e);
    case PROTOBUF_C_TYPE_ENUM: return put_enum(a, message, f, name, copy, e);
    case PROTOBUF_C_TYPE_MESSAGE:
        if (schema_is_timestamp(f->message))
            return put_rfc3339(a, message, f, name, copy, e);
        return json_text_wrong(e, name, _("should be an object"));
    default: return put_whole_number(a, message, f, name, copy, e);
    }
}
