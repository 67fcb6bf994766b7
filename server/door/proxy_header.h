/**
 * The header by which a proxy tells who calls through it: the PROXY protocol of haproxy, version 2,
 * before anything else.
 */
#ifndef JIAYI_SERVER_DOOR_PROXY_HEADER_H
#define JIAYI_SERVER_DOOR_PROXY_HEADER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /** The longest header that is taken: addresses, and what a proxy may add. */
    PROXY_HEADER_MAX = 536,
    /** As much of it as is looked at: signature, lengths, two addresses of IPv6 with ports. */
    PROXY_HEADER_KEPT = 16 + 36,
};

/** What proxy_header_read() came to. */
enum proxy_header_event {
    /** All bytes are used and more are needed. */
    PROXY_HEADER_MORE,
    /** Somebody calls through the proxy: the address is set. */
    PROXY_HEADER_ADDRESS,
    /** The proxy calls for itself, or does not know for whom. */
    PROXY_HEADER_LOCAL,
    /** This is no such header. */
    PROXY_HEADER_BAD,
};

/** All zero at first. */
struct proxy_header {
    uint8_t kept[PROXY_HEADER_KEPT];
    size_t n;
};

/**
 * proxy_header_read() - take the bytes of a header, in pieces as they come.
 *
 * @used: set to how many of the @n bytes belong to it
 * @ret:  set with PROXY_HEADER_ADDRESS; of IPv4 as IPv6 maps it
 */
enum proxy_header_event proxy_header_read(struct proxy_header *h, const uint8_t *data, size_t n,
                                          size_t *used, struct in6_addr *ret);

#endif
