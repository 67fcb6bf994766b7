#include "common/network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    IPV6_BITS = 128,
    /** Where an address of IPv4 stands in one of IPv6, in bits. */
    MAPPED_BITS = 96,
    /** The longest network, as text. */
    TEXT_MAX = INET6_ADDRSTRLEN + 4,
};

struct in6_addr
network_map(const void *ipv4)
{
    struct in6_addr a = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    memcpy(a.s6_addr + MAPPED_BITS / 8, ipv4, 4);
    return a;
}

/** Reads "24"; -1 where it is no number up to @most. */
static int
read_bits(const char *text, int most)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 3 || text[n])
        return -1;
    int bits = atoi(text);
    return bits <= most ? bits : -1;
}

static bool
read_one(const char *text, size_t n, struct network *ret)
{
    char copy[TEXT_MAX];
    struct in_addr ipv4;
    if (n >= sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%.*s", (int)n, text);
    char *slash = strchr(copy, '/');
    if (slash)
        *slash++ = '\0';
    bool is_ipv4 = inet_pton(AF_INET, copy, &ipv4) == 1;
    if (is_ipv4)
        ret->address = network_map(&ipv4);
    else if (inet_pton(AF_INET6, copy, &ret->address) != 1)
        return false;
    int outside = is_ipv4 ? MAPPED_BITS : 0;
    int bits = slash ? read_bits(slash, IPV6_BITS - outside) : IPV6_BITS - outside;
    ret->bits = outside + bits;
    return bits >= 0;
}

bool
network_read(const char *text, struct network_list *ret)
{
    static const char between[] = ", \t";
    *ret = (struct network_list){0};
    for (text += strspn(text, between); *text; text += strspn(text, between)) {
        size_t n = strcspn(text, between);
        if (ret->n == NETWORK_LIST_MAX || !read_one(text, n, &ret->all[ret->n++]))
            return false;
        text += n;
    }
    return true;
}

static bool
is_in(const struct network *network, const struct in6_addr *address)
{
    int bytes = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->address.s6_addr, address->s6_addr, (size_t)bytes) != 0)
        return false;
    unsigned differ = rest ? network->address.s6_addr[bytes] ^ address->s6_addr[bytes] : 0;
    return differ >> (8 - rest) == 0;
}

bool
network_has(const struct network_list *list, const struct in6_addr *address)
{
    for (size_t i = 0; i < list->n; i++)
        if (is_in(&list->all[i], address))
            return true;
    return false;
}
