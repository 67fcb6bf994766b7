#include "common/json.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_text.h"
#include "common/json_write.h"
#include "common/text.h"
#include "common/wipe.h"

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

static char *
print(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f,
      enum json_style style, struct status *e)
{
    char *text = json_write(a, message, f, style == JSON_LINES);
    if (!text)
        json_text_no_memory(e);
    return text;
}

char *
json_print(struct arena *a, const ProtobufCMessage *message, enum json_style style,
           struct status *e)
{
    return print(a, message, NULL, style, e);
}

char *
json_print_field(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f,
                 enum json_style style, struct status *e)
{
    return print(a, message, f, style, e);
}
