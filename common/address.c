#include "common/address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/** The digits of the largest port. */
#define PORT_DIGITS 5

static bool
read_port(const char *text, uint16_t *ret)
{
    size_t n = strlen(text);
    if (n == 0 || n > PORT_DIGITS || strspn(text, "0123456789") != n)
        return false;
    long port = strtol(text, NULL, 10);
    *ret = (uint16_t)port;
    return port <= UINT16_MAX;
}

enum address_fault
address_split(const char *text, struct address *ret)
{
    const char *colon = strrchr(text, ':');
    *ret = (struct address){0};
    if (!colon)
        return ADDRESS_LACKS_PORT;
    size_t n = (size_t)(colon - text);
    ret->is_bracketed = n >= 2 && text[0] == '[' && colon[-1] == ']';
    if (!ret->is_bracketed && memchr(text, ':', n))
        return ADDRESS_LACKS_BRACKETS;
    if (ret->is_bracketed) {
        text++;
        n -= 2;
    }
    if (n == 0 || n >= sizeof ret->host)
        return ADDRESS_HAS_BAD_HOST;
    memcpy(ret->host, text, n);
    return read_port(colon + 1, &ret->port) ? ADDRESS_IS_FINE : ADDRESS_HAS_BAD_PORT;
}

bool
address_to_socket(const struct address *a, struct sockaddr_storage *ret)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
    memset(ret, 0, sizeof *ret);
    if (a->is_bracketed) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(a->port);
        return inet_pton(AF_INET6, a->host, &v6->sin6_addr) == 1;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons(a->port);
    return inet_pton(AF_INET, a->host, &v4->sin_addr) == 1;
}

bool
address_is_loopback(const struct sockaddr_storage *s)
{
    if (s->ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)s)->sin6_addr);
    return ntohl(((const struct sockaddr_in *)s)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}
