#include "server/door/grpc.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "common/base64.h"

enum {
    /** The most digits of a timeout. */
    TIMEOUT_DIGITS = 8,
};

bool
grpc_is_spoken(const char *type)
{
    static const char name[] = "application/grpc", proto[] = "+proto";
    if (!type || strncasecmp(type, name, sizeof name - 1) != 0)
        return false;
    type += sizeof name - 1;
    if (strncasecmp(type, proto, sizeof proto - 1) == 0)
        type += sizeof proto - 1;
    return !*type || *type == ';' || *type == ' ';
}

bool
grpc_timeout(const char *text, uint32_t *ret_ms)
{
    static const char units[] = "HMSmun";
    static const uint64_t ns[] = {3600000000000, 60000000000, 1000000000, 1000000, 1000, 1};
    uint64_t value = 0;
    size_t n = 0;
    for (; n < TIMEOUT_DIGITS && text[n] >= '0' && text[n] <= '9'; n++)
        value = 10 * value + (uint64_t)(text[n] - '0');
    const char *unit = text[n] ? strchr(units, text[n]) : NULL;
    if (n == 0 || !unit || text[n + 1])
        return false;
    /* At most 99,999,999 hours: 3.6e20 ns would not fit, milliseconds do. */
    uint64_t each = ns[unit - units];
    uint64_t ms = each >= 1000000 ? value * (each / 1000000) : (value * each + 999999) / 1000000;
    *ret_ms = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
    return true;
}

/* Messages. */

/** Gathers the prefix; returns how many of the bytes belong to it. */
static size_t
gather_prefix(struct grpc_reader *r, const uint8_t *data, size_t n)
{
    size_t missing = sizeof r->prefix - r->n_prefix;
    n = n < missing ? n : missing;
    memcpy(r->prefix + r->n_prefix, data, n);
    r->n_prefix += n;
    if (r->n_prefix == sizeof r->prefix) {
        memcpy(&r->length, r->prefix + 1, sizeof r->length);
        r->length = be32toh(r->length);
    }
    return n;
}

enum grpc_event
grpc_read(struct grpc_reader *r, const uint8_t *data, size_t n, uint64_t limit, size_t *used)
{
    *used = 0;
    if (n == 0)
        return GRPC_MORE;
    if (r->is_complete)
        grpc_free(r);
    if (r->n_prefix < sizeof r->prefix)
        *used = gather_prefix(r, data, n);
    if (r->n_prefix < sizeof r->prefix)
        return GRPC_MORE;
    if (r->prefix[0] != 0)
        return GRPC_COMPRESSED;
    if (r->length > limit)
        return GRPC_TOO_LARGE;
    size_t part = n - *used, missing = r->length - r->body.size;
    part = part < missing ? part : missing;
    if (!body_append(&r->body, data + *used, part, r->length))
        return GRPC_NO_MEMORY;
    *used += part;
    r->is_complete = r->body.size == r->length;
    return r->is_complete ? GRPC_MESSAGE : GRPC_MORE;
}

bool
grpc_is_between(const struct grpc_reader *r)
{
    return r->n_prefix == 0 || r->is_complete;
}

void
grpc_free(struct grpc_reader *r)
{
    body_free(&r->body);
    *r = (struct grpc_reader){0};
}

void
grpc_prefix(uint8_t to[static GRPC_PREFIX_BYTES], size_t n)
{
    uint32_t length = htobe32((uint32_t)n);
    to[0] = 0;
    memcpy(to + 1, &length, sizeof length);
}

/* The status. */

/** All but what ASCII can show, and the percent sign, as %XX. NULL without memory. */
static char *
escape(struct arena *a, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *to = arena_alloc(a, 3 * strlen(text) + 1), *at = to;
    for (; to && *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= ' ' && c <= '~' && c != '%') {
            *at++ = (char)c;
        } else {
            *at++ = '%';
            *at++ = digits[c >> 4];
            *at++ = digits[c & 15];
        }
    }
    return to;
}

static void
put(struct grpc_status *s, const char *name, const char *value)
{
    if (value && *value)
        s->fields[s->n++] = (struct http2_field){name, value};
}

void
grpc_put_status(struct grpc_status *ret, struct arena *a, const struct status *s,
                const char *message, ProtobufCBinaryData details)
{
    ret->n = 0;
    snprintf(ret->number, sizeof ret->number, "%u", (unsigned)s->code % 100);
    put(ret, "grpc-status", ret->number);
    if (s->code == STATUS_OK)
        return;
    put(ret, "grpc-message", escape(a, message));
    if (details.len > 0) {
        char *text = base64_encode(a, details.data, details.len);
        if (text)
            text[strcspn(text, "=")] = '\0';
        put(ret, "grpc-status-details-bin", text);
    }
    if (s->retry_after_ms == 0)
        return;
    snprintf(ret->pushback, sizeof ret->pushback, "%u", s->retry_after_ms);
    put(ret, "grpc-retry-pushback-ms", ret->pushback);
}
