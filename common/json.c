#include "common/json.h"

#include <libintl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "common/text.h"
#include "common/wipe.h"

#define _(text) gettext(text)

enum { PATH_BYTES = 80 };

/** Where in the input we are, for errors. */
struct path {
    char text[PATH_BYTES];
    size_t size;
};

struct reader {
    struct arena *arena;
    struct path path;
    struct status *e;
};

/* Memory: what jansson holds may be a password, so it is wiped. */

/** True once jansson got no memory. Its reader goes on then, with a text that lacks a character. */
static _Thread_local bool is_short;

static void *
allocate(size_t n)
{
    void *p = malloc(n);
    is_short = is_short || !p;
    return p;
}

static void
set_allocator(void)
{
    json_set_alloc_funcs(allocate, wipe_free);
}

void
json_begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_allocator);
    is_short = false;
}

bool
json_is_short(void)
{
    return is_short;
}

/* Writing. */

/** A JSON string; bytes that are not UTF-8 become U+FFFD, for jansson would refuse the whole. */
static json_t *
string_value(struct arena *a, const char *s)
{
    size_t n = strlen(s);
    if (text_valid(s, n))
        return json_stringn_nocheck(s, n);
    char *clean = arena_alloc(a, 3 * n + 1), *to = clean;
    for (size_t i = 0; clean && i < n;) {
        size_t length = 1;
        while (length <= 4 && i + length <= n && !text_valid(s + i, length))
            length++;
        bool valid = length <= 4 && i + length <= n;
        memcpy(to, valid ? s + i : "\xef\xbf\xbd", valid ? length : 3);
        to += valid ? length : 3;
        i += valid ? length : 1;
    }
    return clean ? json_string_nocheck(clean) : NULL;
}

static bool
is_plain_number(ProtobufCType type)
{
    return schema_value_size(type) == sizeof(int32_t) && type != PROTOBUF_C_TYPE_ENUM &&
           type != PROTOBUF_C_TYPE_FLOAT && type != PROTOBUF_C_TYPE_BOOL;
}

static json_t *from_message(struct arena *a, const ProtobufCMessage *message);

static json_t *
from_value(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f,
           size_t index)
{
    ProtobufCType type = f->pb->type;
    if (type == PROTOBUF_C_TYPE_MESSAGE && !schema_is_timestamp(f->message))
        return from_message(a, *(ProtobufCMessage *const *)message_value(message, f, index));
    if (type == PROTOBUF_C_TYPE_BOOL)
        return json_boolean(message_integer(message, f, index));
    if (is_plain_number(type))
        return json_integer(message_integer(message, f, index));
    if (type == PROTOBUF_C_TYPE_FLOAT || type == PROTOBUF_C_TYPE_DOUBLE) {
        const void *at = message_value(message, f, index);
        double value =
            type == PROTOBUF_C_TYPE_DOUBLE ? *(const double *)at : (double)*(const float *)at;
        if (isfinite(value))
            return json_real(value);
    }
    const char *text = json_text(a, message, f, index);
    return text ? string_value(a, text) : NULL;
}

static json_t *
from_field(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f)
{
    if (f->pb->label != PROTOBUF_C_LABEL_REPEATED)
        return from_value(a, message, f, 0);
    json_t *list = json_array();
    for (size_t i = 0; list && i < message_count(message, f); i++)
        if (json_array_append_new(list, from_value(a, message, f, i)) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *
from_message(struct arena *a, const ProtobufCMessage *message)
{
    const struct schema_message *m = schema_of(message);
    json_t *object = json_object();
    /* The fields are sorted by number; they are written as they were declared. */
    for (unsigned i = 0; object && i < m->pb.n_fields; i++) {
        const struct schema_field *f = schema_field_at(m, i);
        if (f->pb->label != PROTOBUF_C_LABEL_REPEATED && !message_has(message, f))
            continue;
        if (json_object_set_new_nocheck(object, f->pb->name, from_field(a, message, f)) < 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/** True for what jansson writes as it is, and no terminal should get; see text_is_deceptive(). */
static bool
wants_escape(uint32_t c)
{
    return c >= 0x20 && text_is_deceptive(c);
}

/** Escapes what jansson does not. */
static char *
escape_deceptive(struct arena *a, const char *text, size_t n)
{
    char *copy = arena_alloc(a, 6 * n + 1), *to = copy;
    size_t length;
    for (size_t i = 0; copy && i < n; i += length) {
        uint32_t c = text_decode(text + i, n - i, &length);
        if (!wants_escape(c)) {
            memcpy(to, text + i, length);
            to += length;
        } else if (c > 0xffff) {
            to += sprintf(to, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
        } else {
            to += sprintf(to, "\\u%04x", c);
        }
    }
    return copy;
}

static bool
has_deceptive(const char *text, size_t n)
{
    size_t length;
    for (size_t i = 0; i < n; i += length) {
        unsigned char c = (unsigned char)text[i];
        length = 1;
        if (c == 0x7f || (c >= 0x80 && wants_escape(text_decode(text + i, n - i, &length))))
            return true;
    }
    return false;
}

char *
json_print_value(struct arena *a, const json_t *value, enum json_style style, struct status *e)
{
    size_t flags = style == JSON_LINES ? JSON_INDENT(2) : JSON_COMPACT;
    char *text = json_dumps(value, flags | JSON_ENCODE_ANY), *copy = NULL;
    size_t n = text ? strlen(text) : 0;
    if (text && !is_short)
        copy = has_deceptive(text, n) ? escape_deceptive(a, text, n) : arena_copy(a, text, n);
    wipe_free(text);
    if (!copy)
        json_text_no_memory(e);
    return copy;
}

/** Prints @value and lets it go; NULL stands for a lack of memory. */
static char *
print_and_free(struct arena *a, json_t *value, enum json_style style, struct status *e)
{
    char *text = NULL;
    if (value)
        text = json_print_value(a, value, style, e);
    else
        json_text_no_memory(e);
    json_decref(value);
    return text;
}

char *
json_print(struct arena *a, const ProtobufCMessage *message, enum json_style style,
           struct status *e)
{
    json_begin();
    return print_and_free(a, from_message(a, message), style, e);
}

char *
json_print_field(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f,
                 enum json_style style, struct status *e)
{
    json_begin();
    return print_and_free(a, from_field(a, message, f), style, e);
}

/* Reading JSON. */

/**
 * Goes one step down; what does not fit is left out of the path. Returns the place to come back to.
 */
static size_t
step(struct path *p, const char *name, const size_t *index)
{
    size_t back = p->size, room = sizeof p->text - p->size;
    int n = index ? snprintf(p->text + p->size, room, "[%zu]", *index)
                  : snprintf(p->text + p->size, room, "%s%s", p->size ? "." : "", name);
    p->size += n > 0 && (size_t)n < room ? (size_t)n : 0;
    p->text[p->size] = 0;
    return back;
}

static void
step_back(struct path *p, size_t back)
{
    p->size = back;
    p->text[back] = 0;
}

/** What a field's JSON value should be, for errors. */
static const char *
expected(const struct schema_field *f)
{
    switch (f->pb->type) {
    case PROTOBUF_C_TYPE_STRING: return _("should be a string");
    case PROTOBUF_C_TYPE_BYTES: return _("should be a string of base64");
    case PROTOBUF_C_TYPE_ENUM: return _("should be a string, the name of a value");
    case PROTOBUF_C_TYPE_BOOL: return _("should be true or false");
    case PROTOBUF_C_TYPE_MESSAGE:
        return schema_is_timestamp(f->message)
                   ? _("should be a string such as \"2026-11-21T20:16:03Z\"")
                   : _("should be an object");
    default: return _("should be a number");
    }
}

static bool
takes_number(ProtobufCType type)
{
    return type != PROTOBUF_C_TYPE_STRING && type != PROTOBUF_C_TYPE_BYTES &&
           type != PROTOBUF_C_TYPE_MESSAGE && type != PROTOBUF_C_TYPE_ENUM &&
           type != PROTOBUF_C_TYPE_BOOL;
}

static int read_json_object(struct reader *r, const struct schema_message *m, const json_t *value,
                            ProtobufCMessage **ret);

static int
read_json_value(struct reader *r, ProtobufCMessage *message, const struct schema_field *f,
                const json_t *value)
{
    ProtobufCType type = f->pb->type;
    bool real = type == PROTOBUF_C_TYPE_FLOAT || type == PROTOBUF_C_TYPE_DOUBLE;
    char text[40];
    if (type == PROTOBUF_C_TYPE_MESSAGE && !schema_is_timestamp(f->message)) {
        ProtobufCMessage *child;
        if (read_json_object(r, f->message, value, &child) < 0)
            return -1;
        return message_put(r->arena, message, f, &child) < 0 ? json_text_no_memory(r->e) : 0;
    }
    if (type == PROTOBUF_C_TYPE_BOOL && json_is_boolean(value))
        snprintf(text, sizeof text, "%s", json_is_true(value) ? "true" : "false");
    else if (takes_number(type) && json_is_integer(value))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (real && json_is_real(value))
        snprintf(text, sizeof text, "%.17g", json_real_value(value));
    else if (type != PROTOBUF_C_TYPE_BOOL && json_is_string(value))
        return json_text_put(r->arena, message, f, r->path.text, json_string_value(value),
                             json_string_length(value), r->e);
    else
        return json_text_wrong(r->e, r->path.text,
                               json_is_real(value) && takes_number(type) ? _("not a whole number")
                                                                         : expected(f));
    return json_text_put(r->arena, message, f, r->path.text, text, strlen(text), r->e);
}

static int
read_json_field(struct reader *r, ProtobufCMessage *message, const struct schema_field *f,
                const json_t *value)
{
    if (json_is_null(value))
        return 0;
    if (f->pb->label != PROTOBUF_C_LABEL_REPEATED)
        return read_json_value(r, message, f, value);
    if (!json_is_array(value))
        return json_text_wrong(r->e, r->path.text, _("should be an array"));
    for (size_t i = 0; i < json_array_size(value); i++) {
        size_t back = step(&r->path, "", &i);
        if (read_json_value(r, message, f, json_array_get(value, i)) < 0)
            return -1;
        step_back(&r->path, back);
    }
    return 0;
}

static int
read_json_object(struct reader *r, const struct schema_message *m, const json_t *value,
                 ProtobufCMessage **ret)
{
    if (!json_is_object(value))
        return json_text_wrong(r->e, r->path.text, _("should be an object"));
    ProtobufCMessage *message = message_new(r->arena, m);
    if (!message)
        return json_text_no_memory(r->e);
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)value, key, item)
    {
        const struct schema_field *f = schema_find_field(m, key);
        if (!f) {
            status_set(r->e, STATUS_INVALID_ARGUMENT, _("%s has no field \"%s\""), m->pb.short_name,
                       key);
            snprintf(r->e->field, sizeof r->e->field, "%.*s", (int)text_fit(key, strnlen(key, 60)),
                     key);
            return -1;
        }
        size_t back = step(&r->path, key, NULL);
        if (read_json_field(r, message, f, item) < 0)
            return -1;
        step_back(&r->path, back);
    }
    *ret = message;
    return 0;
}

ProtobufCMessage *
json_read(struct arena *a, const struct schema_message *m, const char *text, size_t size,
          struct status *e)
{
    json_begin();
    json_error_t where;
    struct reader r = {.arena = a, .e = e};
    ProtobufCMessage *message = NULL;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
    if (is_short)
        json_text_no_memory(e);
    else if (!value && json_error_code(&where) == json_error_null_character)
        status_set(e, STATUS_INVALID_ARGUMENT, _("a text in the JSON holds a NUL character"));
    else if (!value)
        status_set(e, STATUS_INVALID_ARGUMENT, _("the JSON is malformed at line %d, column %d: %s"),
                   where.line, where.column, where.text);
    else if (read_json_object(&r, m, value, &message) < 0)
        message = NULL;
    json_decref(value);
    return message;
}
