/**
 * Networks of IP addresses, such as 10.0.0.0/8 or 2001:db8::/32.
 */
#ifndef JIAYI_COMMON_NETWORK_H
#define JIAYI_COMMON_NETWORK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    /** The most networks of a list. */
    NETWORK_LIST_MAX = 16,
};

/** A network; of IPv4 as IPv6 maps it. */
struct network {
    struct in6_addr address;
    /** How many bits of it all its addresses have in common. */
    int bits;
};

/** Networks of a list. */
struct network_list {
    struct network all[NETWORK_LIST_MAX];
    size_t n;
};

/**
 * network_read() - read a list such as "10.0.0.5, fd00::/8"; an address alone is a network of one,
 * and nothing an empty list. False where it is none, or too long.
 */
bool network_read(const char *text, struct network_list *ret);

/** network_has() - is the address in one of them? */
bool network_has(const struct network_list *list, const struct in6_addr *address);

/** network_map() - an address of IPv4, in the network's order, as IPv6 maps it. */
struct in6_addr network_map(const void *ipv4);

#endif
