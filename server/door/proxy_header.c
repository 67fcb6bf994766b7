#include "server/door/proxy_header.h"

#include <string.h>

#include "common/network.h"

enum {
    /** Before the addresses: signature, version and command, family, and a length of two bytes. */
    HEAD_BYTES = 16,
    COMMAND_AT = 12,
    FAMILY_AT = 13,
    LENGTH_AT = 14,
    COMMAND_LOCAL = 0x20,
    COMMAND_PROXY = 0x21,
    FAMILY_UNKNOWN = 0x00,
    FAMILY_TCP4 = 0x11,
    FAMILY_TCP6 = 0x21,
    /** The addresses of both ends, and their ports. */
    TCP4_BYTES = 12,
    TCP6_BYTES = 36,
};

static const uint8_t signature[COMMAND_AT] = "\r\n\r\n\0\r\nQUIT\n";

static size_t
length_of(const struct proxy_header *h)
{
    return (size_t)h->kept[LENGTH_AT] << 8 | h->kept[LENGTH_AT + 1];
}

/** Is what has come of the head as it has to be? */
static bool
is_good(const struct proxy_header *h)
{
    size_t n = h->n < sizeof signature ? h->n : sizeof signature;
    if (memcmp(h->kept, signature, n) != 0)
        return false;
    if (h->n < HEAD_BYTES)
        return true;
    uint8_t command = h->kept[COMMAND_AT];
    return (command == COMMAND_LOCAL || command == COMMAND_PROXY) &&
           length_of(h) <= PROXY_HEADER_MAX - HEAD_BYTES;
}

/** The header is whole: what it says. */
static enum proxy_header_event
judge(const struct proxy_header *h, struct in6_addr *ret)
{
    uint8_t family = h->kept[FAMILY_AT];
    if (h->kept[COMMAND_AT] == COMMAND_LOCAL || family == FAMILY_UNKNOWN)
        return PROXY_HEADER_LOCAL;
    if (family == FAMILY_TCP4 && length_of(h) >= TCP4_BYTES)
        *ret = network_map(h->kept + HEAD_BYTES);
    else if (family == FAMILY_TCP6 && length_of(h) >= TCP6_BYTES)
        memcpy(ret, h->kept + HEAD_BYTES, sizeof *ret);
    else
        return PROXY_HEADER_BAD;
    return PROXY_HEADER_ADDRESS;
}

enum proxy_header_event
proxy_header_read(struct proxy_header *h, const uint8_t *data, size_t n, size_t *used,
                  struct in6_addr *ret)
{
    *used = 0;
    for (;;) {
        size_t whole = h->n < HEAD_BYTES ? HEAD_BYTES : HEAD_BYTES + length_of(h);
        size_t part = n - *used < whole - h->n ? n - *used : whole - h->n;
        size_t kept = h->n < sizeof h->kept ? sizeof h->kept - h->n : 0;
        if (part > 0)
            memcpy(h->kept + (h->n < sizeof h->kept ? h->n : 0), data + *used,
                   part < kept ? part : kept);
        h->n += part;
        *used += part;
        if (!is_good(h))
            return PROXY_HEADER_BAD;
        if (h->n >= HEAD_BYTES && h->n == HEAD_BYTES + length_of(h))
            return judge(h, ret);
        if (*used == n)
            return PROXY_HEADER_MORE;
    }
}
