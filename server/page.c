#include "server/page.h"

#include <string.h>

#include "common/text.h"

/** RFC 4648, section 5. */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int64_t
page_size(const ProtobufCMessage *request)
{
    const struct schema_field *f = schema_find_field(schema_of(request), "page_size");
    return f && message_has(request, f) ? message_integer(request, f, 0) : PAGE_SIZE_DEFAULT;
}

const char *
page_token(struct arena *a, const char *key)
{
    size_t n = strlen(key);
    char *token = arena_alloc(a, (n + 2) / 3 * 4 + 1), *to = token;
    if (!token)
        return NULL;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t bits = (uint32_t)(unsigned char)key[i] << 16;
        bits |= i + 1 < n ? (uint32_t)(unsigned char)key[i + 1] << 8 : 0;
        bits |= i + 2 < n ? (uint32_t)(unsigned char)key[i + 2] : 0;
        size_t left = n - i < 3 ? n - i : 3;
        for (size_t k = 0; k <= left; k++)
            *to++ = alphabet[(bits >> (18 - 6 * k)) & 63];
    }
    return token;
}

/** Decodes @token to @to, which has room for it; the length, or -1. */
static int
decode(const char *token, char *to)
{
    uint32_t bits = 0;
    int have = 0, n = 0;
    for (const char *p = token; *p; p++) {
        const char *at = strchr(alphabet, *p);
        if (!at)
            return -1;
        bits = bits << 6 | (uint32_t)(at - alphabet);
        have += 6;
        if (have >= 8) {
            have -= 8;
            to[n++] = (char)(bits >> have & 0xff);
        }
    }
    return n;
}

int
page_refuse(struct status *e)
{
    return status_field(e, "page_token", "is not one that an earlier page gave");
}

int
page_after(struct arena *a, const ProtobufCMessage *request, const char **ret_key, struct status *e)
{
    const struct schema_field *f = schema_find_field(schema_of(request), "page_token");
    const char *token = f ? message_string(request, f) : NULL;
    *ret_key = NULL;
    if (!token)
        return 0;
    char *key = arena_alloc(a, strlen(token) + 1);
    int n = key ? decode(token, key) : -1;
    if (n <= 0 || !text_valid(key, (size_t)n))
        return page_refuse(e);
    *ret_key = key;
    return 0;
}
