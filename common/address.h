/**
 * Addresses as people write them: HOST:PORT, the host a name, an IPv4 address or an IPv6 one in
 * brackets.
 *
 * What is wrong with one is told by kind: the words are the caller's, who knows where it was
 * written.
 */
#ifndef JIAYI_COMMON_ADDRESS_H
#define JIAYI_COMMON_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
    /** Room for the longest name of the DNS, with its end. */
    ADDRESS_HOST_BYTES = 254,
};

/** An address in its parts. */
struct address {
    /** Without its brackets. */
    char host[ADDRESS_HOST_BYTES];
    bool is_bracketed;
    uint16_t port;
};

/** What is wrong with an address. */
enum address_fault {
    ADDRESS_IS_FINE,
    /** There is no colon before a port. */
    ADDRESS_LACKS_PORT,
    /** An IPv6 address without its brackets. */
    ADDRESS_LACKS_BRACKETS,
    /** No host, or one that is too long; whether it exists or is an address is not looked at. */
    ADDRESS_HAS_BAD_HOST,
    /** No number from 0 to 65535; the host is good, and set. */
    ADDRESS_HAS_BAD_PORT,
};

/** address_split() - takes @text apart. */
enum address_fault address_split(const char *text, struct address *ret);

/** address_to_socket() - the literal address @a as the system's; false where its host is a name. */
bool address_to_socket(const struct address *a, struct sockaddr_storage *ret);

/** address_is_loopback() - can only this machine reach it? */
bool address_is_loopback(const struct sockaddr_storage *s);

#endif
