#include "server/door/http2_head.h"

#include <string.h>

enum {
    /** What HPACK counts for a field beside its text. */
    FIELD_BYTES = 32,
    /** So far a head is unpacked that is too long, and so many of them. */
    LONG_BYTES = 4 * HTTP2_HEAD_BYTES,
    LONG_MAX = 1,
};

/** Before each field's name and value, which have a NUL behind each. */
struct field_sizes {
    uint16_t name, value;
};

const char *
http2_head_next(const struct http2_head *h, const char *name, const char *after)
{
    const char *at = (const char *)h->text.data, *end = at + h->text.size;
    size_t n = strlen(name);
    if (after)
        at = after + strlen(after) + 1;
    while (at < end) {
        struct field_sizes sizes;
        memcpy(&sizes, at, sizeof sizes);
        at += sizeof sizes;
        const char *value = at + sizes.name + 1;
        if (sizes.name == n && memcmp(at, name, n) == 0)
            return value;
        at = value + sizes.value + 1;
    }
    return NULL;
}

const char *
http2_head_get(const struct http2_head *h, const char *name)
{
    return http2_head_next(h, name, NULL);
}

bool
http2_head_is_double(const struct http2_head *h, const char *name)
{
    const char *first = http2_head_get(h, name);
    return first && http2_head_next(h, name, first);
}

static bool
keep(struct http2_head *h, const uint8_t *name, size_t n_name, const uint8_t *value, size_t n_value)
{
    const struct field_sizes sizes = {(uint16_t)n_name, (uint16_t)n_value};
    uint8_t *to = bytes_extend(&h->text, sizeof sizes + n_name + 1 + n_value + 1);
    if (!to)
        return false;
    memcpy(to, &sizes, sizeof sizes);
    to += sizeof sizes;
    memcpy(to, name, n_name);
    to[n_name] = 0;
    memcpy(to + n_name + 1, value, n_value);
    to[n_name + 1 + n_value] = 0;
    return true;
}

enum http2_head_result
http2_head_add(struct http2_head *h, const uint8_t *name, size_t n_name, const uint8_t *value,
               size_t n_value)
{
    h->counted += n_name + n_value + FIELD_BYTES;
    if (h->counted > HTTP2_HEAD_BYTES && !h->is_long) {
        h->is_long = true;
        h->n_long++;
    }
    if (h->n_long > LONG_MAX || h->counted > LONG_BYTES)
        return HTTP2_HEAD_BOMB;
    if (h->is_long)
        return HTTP2_HEAD_FINE;
    bool is_fine = !memchr(value, 0, n_value) && keep(h, name, n_name, value, n_value);
    return is_fine ? HTTP2_HEAD_FINE : HTTP2_HEAD_BAD;
}

void
http2_head_drop(struct http2_head *h)
{
    if (h->text.size > 0)
        explicit_bzero(h->text.data, h->text.size);
    bytes_empty(&h->text);
    h->counted = 0;
    h->is_long = false;
}
