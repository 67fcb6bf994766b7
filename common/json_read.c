#include "common/json_read.h"

#include <libintl.h>
#include <stdio.h>
#include <string.h>

#include "common/json_text.h"
#include "common/text.h"

#define _(text) gettext(text)

enum {
    PATH_BYTES = 80,
    /** Longer than every name of a field. */
    KEY_BYTES = 128,
    /** Fields of a message that are kept count of without asking the arena. */
    FEW_FIELDS = 64,
    /** Of what the type does not have, for the message. */
    SHOWN_BYTES = 60,
};

/** Where in the message we are, for errors. */
struct path {
    char text[PATH_BYTES];
    size_t size;
};

struct reader {
    struct arena *arena;
    const char *text, *at, *end;
    struct path path;
    struct status *e;
};

/** A text or a number: as it stands in the JSON, or where that has escapes, in the arena. */
struct token {
    const char *text;
    size_t size;
};

/* Where we are. */

/** Goes one step down; what does not fit is left out. Returns the place to come back to. */
static size_t
step(struct path *p, const char *name)
{
    size_t back = p->size, n = strlen(name), dot = back > 0;
    if (back + dot + n < sizeof p->text) {
        p->text[back] = '.';
        memcpy(p->text + back + dot, name, n + 1);
        p->size += dot + n;
    }
    return back;
}

/** The same to a value of a repeated field. */
static size_t
step_to(struct path *p, size_t index)
{
    size_t back = p->size, room = sizeof p->text - back;
    int n = snprintf(p->text + back, room, "[%zu]", index);
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

/** What stands at r->at is no JSON. Returns -1. */
static int
malformed(struct reader *r, const char *why)
{
    int line = 1, column = 1;
    for (const char *s = r->text; s < r->at; s++) {
        column = *s == '\n' ? 1 : column + ((*s & 0xc0) != 0x80);
        line += *s == '\n';
    }
    return status_set(r->e, STATUS_INVALID_ARGUMENT,
                      _("the JSON is malformed at line %d, column %d: %s"), line, column, why);
}

static int
wrong(struct reader *r, const char *should)
{
    return json_text_wrong(r->e, r->path.text, should);
}

/* Tokens. */

/** What comes next behind spaces; 0 at the end. */
static char
peek(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
    return r->at < r->end ? *r->at : 0;
}

/** Takes @c, if that comes next. */
static bool
take(struct reader *r, char c)
{
    if (peek(r) != c || r->at == r->end)
        return false;
    r->at++;
    return true;
}

static bool
take_word(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/** The four digits of an escape; -1 where they are none. */
static int
read_hex(const char *s, const char *end)
{
    int value = 0;
    if (end - s < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdefABCDEF", *d = s[i] ? strchr(digits, s[i]) : NULL;
        if (!d)
            return -1;
        value = 16 * value + (int)(d - digits < 16 ? d - digits : d - digits - 6);
    }
    return value;
}

static char *
put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/** Reads the escape behind a backslash, and writes what it means; NULL with the error set. */
static char *
unescape(struct reader *r, char *to)
{
    static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char which = *r->at++;
    const char *known = which ? strchr(escapes, which) : NULL;
    if (known) {
        *to++ = meant[known - escapes];
        return to;
    }
    int c = which == 'u' ? read_hex(r->at, r->end) : -1;
    r->at += c >= 0 ? 4 : 0;
    if (c == 0) {
        status_set(r->e, STATUS_INVALID_ARGUMENT, _("a text in the JSON holds a NUL character"));
        return NULL;
    }
    if (c >= 0xd800 && c < 0xdc00) {
        int low = r->end - r->at > 2 && r->at[0] == '\\' && r->at[1] == 'u'
                      ? read_hex(r->at + 2, r->end)
                      : -1;
        bool is_pair = low >= 0xdc00 && low < 0xe000;
        r->at += is_pair ? 6 : 0;
        c = is_pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : -1;
    } else if (c >= 0xdc00 && c < 0xe000) {
        c = -1;
    }
    if (c < 0) {
        malformed(r, _("this is no escape"));
        return NULL;
    }
    return put_utf8(to, (uint32_t)c);
}

/** Reads the rest of a text that has escapes, from its first one on. */
static int
read_escaped(struct reader *r, const char *from, const char *close, struct token *ret)
{
    /* What an escape means is never longer than it. */
    char *copy = arena_alloc(r->arena, (size_t)(close - from) + 1), *to = copy;
    if (!copy)
        return json_text_no_memory(r->e);
    for (r->at = from; r->at < close;)
        if (*r->at != '\\')
            *to++ = *r->at++;
        else if (r->at++, !(to = unescape(r, to)))
            return -1;
    *ret = (struct token){copy, (size_t)(to - copy)};
    return 0;
}

/** Reads a text, at whose quote we are. */
static int
read_text(struct reader *r, struct token *ret)
{
    const char *from = ++r->at, *s = from;
    bool has_escape = false;
    for (; s < r->end && *s != '"'; s++) {
        if ((unsigned char)*s < ' ')
            break;
        if (*s == '\\') {
            has_escape = true;
            s += s + 1 < r->end;
        }
    }
    r->at = s;
    if (s == r->end)
        return malformed(r, _("a text does not end"));
    if (*s != '"')
        return malformed(r, _("a text has a control character; write it as an escape"));
    if (has_escape && read_escaped(r, from, s, ret) < 0)
        return -1;
    if (!has_escape)
        *ret = (struct token){from, (size_t)(s - from)};
    r->at = s + 1;
    return 0;
}

static void
skip_digits(struct reader *r)
{
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
}

static bool
is_digit(const struct reader *r)
{
    return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static int
no_number(struct reader *r)
{
    return malformed(r, _("this is no number"));
}

/** Reads a number; *@ret_is_whole: it has neither a fraction nor an exponent. */
static int
read_number(struct reader *r, struct token *ret, bool *ret_is_whole)
{
    const char *from = r->at;
    *ret_is_whole = true;
    r->at += *r->at == '-';
    if (!is_digit(r))
        return no_number(r);
    if (*r->at == '0')
        r->at++;
    else
        skip_digits(r);
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        *ret_is_whole = false;
        if (!is_digit(r))
            return no_number(r);
        skip_digits(r);
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        r->at++;
        *ret_is_whole = false;
        r->at += r->at < r->end && (*r->at == '+' || *r->at == '-');
        if (!is_digit(r))
            return no_number(r);
        skip_digits(r);
    }
    *ret = (struct token){from, (size_t)(r->at - from)};
    return 0;
}

/* Values. */

/** What a field's value should be, for errors. */
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

static int
put(struct reader *r, ProtobufCMessage *message, const struct schema_field *f,
    const struct token *t)
{
    return json_text_put(r->arena, message, f, r->path.text, t->text, t->size, r->e);
}

static int
put_number(struct reader *r, ProtobufCMessage *message, const struct schema_field *f)
{
    ProtobufCType type = f->pb->type;
    struct token t = {0};
    bool is_whole;
    if (read_number(r, &t, &is_whole) < 0)
        return -1;
    if (!takes_number(type))
        return wrong(r, expected(f));
    if (!is_whole && type != PROTOBUF_C_TYPE_FLOAT && type != PROTOBUF_C_TYPE_DOUBLE)
        return wrong(r, _("not a whole number"));
    return put(r, message, f, &t);
}

/** True or false. */
static int
put_truth(struct reader *r, ProtobufCMessage *message, const struct schema_field *f)
{
    struct token t = {r->at, 0};
    if (!take_word(r, "true") && !take_word(r, "false"))
        return peek(r) == 'n' && take_word(r, "null") ? wrong(r, expected(f))
                                                      : malformed(r, _("a value should be here"));
    t.size = (size_t)(r->at - t.text);
    return f->pb->type == PROTOBUF_C_TYPE_BOOL ? put(r, message, f, &t) : wrong(r, expected(f));
}

static int read_object(struct reader *r, const struct schema_message *m, ProtobufCMessage **ret);

static int
read_value(struct reader *r, ProtobufCMessage *message, const struct schema_field *f)
{
    struct token t = {0};
    char c = peek(r);
    if (f->pb->type == PROTOBUF_C_TYPE_MESSAGE && !schema_is_timestamp(f->message)) {
        ProtobufCMessage *child;
        if (read_object(r, f->message, &child) < 0)
            return -1;
        return message_put(r->arena, message, f, &child) < 0 ? json_text_no_memory(r->e) : 0;
    }
    if (c == '{' || c == '[')
        return wrong(r, expected(f));
    if (c == '-' || (c >= '0' && c <= '9'))
        return put_number(r, message, f);
    if (c != '"')
        return put_truth(r, message, f);
    if (read_text(r, &t) < 0)
        return -1;
    return f->pb->type == PROTOBUF_C_TYPE_BOOL ? wrong(r, expected(f)) : put(r, message, f, &t);
}

static int
read_field(struct reader *r, ProtobufCMessage *message, const struct schema_field *f)
{
    if (f->pb->label != PROTOBUF_C_LABEL_REPEATED)
        return read_value(r, message, f);
    if (!take(r, '['))
        return wrong(r, _("should be an array"));
    if (take(r, ']'))
        return 0;
    for (size_t i = 0;; i++) {
        size_t back = step_to(&r->path, i);
        if (read_value(r, message, f) < 0)
            return -1;
        step_back(&r->path, back);
        if (take(r, ']'))
            return 0;
        if (!take(r, ','))
            return malformed(r, _("here a list should go on, or end"));
    }
}

/* Objects. */

/** Is @key the lowerCamelCase of a field's name, as protobuf makes it? */
static bool
is_camel(const char *name, const char *key)
{
    for (; *name; name++, key++) {
        bool up = *name == '_';
        name += up;
        if (*key != (up && *name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name))
            return false;
    }
    return !*key;
}

static const struct schema_field *
find_key(const struct schema_message *m, const char *key)
{
    const struct schema_field *f = schema_find_field(m, key);
    for (unsigned i = 0; !f && i < m->pb.n_fields; i++)
        if (is_camel(m->fields[i].pb->name, key))
            f = &m->fields[i];
    return f;
}

static int
unknown(struct reader *r, const struct schema_message *m, const char *key)
{
    if (!text_valid(key, strlen(key)))
        return malformed(r, _("a name is not valid UTF-8"));
    status_set(r->e, STATUS_INVALID_ARGUMENT, _("%s has no field \"%s\""), m->pb.short_name, key);
    snprintf(r->e->field, sizeof r->e->field, "%.*s", (int)text_fit(key, strnlen(key, SHOWN_BYTES)),
             key);
    return -1;
}

/** Reads a field's name, and the colon behind it; NULL with the error set. */
static const struct schema_field *
read_key(struct reader *r, const struct schema_message *m)
{
    struct token t = {"", 0};
    char key[KEY_BYTES];
    if (peek(r) != '"') {
        malformed(r, _("a name in quotes should be here"));
        return NULL;
    }
    if (read_text(r, &t) < 0)
        return NULL;
    size_t n = t.size < sizeof key ? t.size : text_fit(t.text, sizeof key - 1);
    memcpy(key, t.text, n);
    key[n] = 0;
    const struct schema_field *f = find_key(m, key);
    if (!f)
        unknown(r, m, key);
    else if (!take(r, ':')) {
        malformed(r, _("a colon should be here"));
        f = NULL;
    }
    return f;
}

/** Reads a field with its name. @seen has a bit for each field that was given already. */
static int
read_member(struct reader *r, const struct schema_message *m, ProtobufCMessage *message,
            uint64_t *seen)
{
    const struct schema_field *f = read_key(r, m);
    if (!f)
        return -1;
    size_t back = step(&r->path, f->pb->name), at = (size_t)(f - m->fields);
    uint64_t bit = UINT64_C(1) << at % 64;
    if (!peek(r))
        return malformed(r, _("a value should be here"));
    if (seen[at / 64] & bit)
        return wrong(r, _("is given twice"));
    bool is_null = take_word(r, "null");
    seen[at / 64] |= is_null ? 0 : bit;
    if (!is_null && read_field(r, message, f) < 0)
        return -1;
    step_back(&r->path, back);
    return 0;
}

static int
read_object(struct reader *r, const struct schema_message *m, ProtobufCMessage **ret)
{
    uint64_t few[FEW_FIELDS / 64] = {0}, *seen = few;
    if (peek(r) != '{')
        return wrong(r, _("should be an object"));
    ProtobufCMessage *message = message_new(r->arena, m);
    if (message && m->pb.n_fields > FEW_FIELDS)
        seen = arena_alloc(r->arena, (m->pb.n_fields / 64 + 1) * sizeof *seen);
    if (!message || !seen)
        return json_text_no_memory(r->e);
    r->at++;
    if (peek(r) != '}')
        do
            if (read_member(r, m, message, seen) < 0)
                return -1;
        while (take(r, ','));
    if (!take(r, '}'))
        return malformed(r, _("here an object should go on, or end"));
    *ret = message;
    return 0;
}

ProtobufCMessage *
json_read(struct arena *a, const struct schema_message *m, const char *text, size_t size,
          struct status *e)
{
    struct reader r = {.arena = a, .text = text, .at = text, .end = text + size, .e = e};
    ProtobufCMessage *message = NULL;
    char c = peek(&r);
    if (c != '{' && (!c || !strchr("[\"-0123456789tfn", c)))
        malformed(&r, _("a value should be here"));
    else if (read_object(&r, m, &message) < 0)
        message = NULL;
    else if (peek(&r), r.at < r.end) {
        malformed(&r, _("nothing more should be here"));
        message = NULL;
    }
    return message;
}
