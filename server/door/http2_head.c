#include "server/door/http2_head.h"

#include <string.h>

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

bool
http2_head_add(struct http2_head *h, const uint8_t *name, size_t n_name, const uint8_t *value,
               size_t n_value)
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

void
http2_head_drop(struct http2_head *h)
{
    if (h->text.size > 0)
        explicit_bzero(h->text.data, h->text.size);
    bytes_empty(&h->text);
    h->counted = 0;
}
