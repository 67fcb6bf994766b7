#include "server/monitor/self_check.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/address.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/network.h"
#include "common/tls_context.h"
#include "server/base/metrics.h"
#include "server/base/periodic.h"
#include "server/base/supervisor.h"

enum {
    EVERY_MS = 10000,
    /** How long one check may take. */
    PATIENCE_MS = 5000,
};

struct self_check {
    const char *url;
    struct address address;
    SSL_CTX *tls;
    struct periodic *periodic;
    bool was_ok;
    /** Its own address is one of those from which a PROXY header has to come. */
    bool is_proxied;
};

/** Such a header, of version 2, that says no more than that nobody else calls. */
static const uint8_t local_header[16] = {'\r', '\n', '\r', '\n', 0,    '\r', '\n', 'Q',
                                         'U',  'I',  'T',  '\n', 0x20, 0,    0,    0};

/** Waits until the socket is ready; false when the time is over. */
static bool
wait_for_door(int fd, short events, int64_t until_us)
{
    int64_t left_ms = (until_us - clock_now_us()) / 1000;
    struct pollfd p = {.fd = fd, .events = events};
    return left_ms > 0 && poll(&p, 1, (int)left_ms) == 1;
}

/** A socket on its way to the server; -1 when there is none to be had. */
static int
open_socket(const struct self_check *s)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *a = NULL;
    char port[8];
    snprintf(port, sizeof port, "%d", s->address.port);
    if (getaddrinfo(s->address.host, port, &hints, &a) != 0)
        return -1;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0 && errno != EINPROGRESS) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(a);
    return fd;
}

static bool
shakes_hands(const struct self_check *s, int fd, int64_t until_us)
{
    SSL *ssl = SSL_new(s->tls);
    bool ok = false;
    if (ssl && SSL_set_fd(ssl, fd) == 1) {
        int rc, error;
        do {
            ERR_clear_error();
            rc = SSL_connect(ssl);
            error = SSL_get_error(ssl, rc);
        } while ((error == SSL_ERROR_WANT_READ && wait_for_door(fd, POLLIN, until_us)) ||
                 (error == SSL_ERROR_WANT_WRITE && wait_for_door(fd, POLLOUT, until_us)));
        ok = rc == 1;
    }
    SSL_free(ssl);
    ERR_clear_error();
    return ok;
}

static bool
is_well(const struct self_check *s)
{
    int64_t until_us = clock_now_us() + PATIENCE_MS * 1000;
    uint64_t accepted = metrics_counted(METRICS_CONNECTIONS_ACCEPTED);
    int fd = open_socket(s);
    if (fd < 0)
        return false;
    bool ok = wait_for_door(fd, POLLOUT, until_us) &&
              (!s->is_proxied ||
               write(fd, local_header, sizeof local_header) == (ssize_t)sizeof local_header) &&
              shakes_hands(s, fd, until_us);
    close(fd);
    /* Turned away, it was taken all the same. */
    return ok || metrics_counted(METRICS_CONNECTIONS_ACCEPTED) != accepted;
}

static void
check_own_door(void *arg)
{
    struct self_check *s = arg;
    bool ok = is_well(s);
    metrics_self_check(ok);
    if (ok)
        supervisor_watchdog();
    else
        supervisor_unwell("the server lets nobody in");
    if (ok && !s->was_ok)
        supervisor_well(s->url);
    if (ok != s->was_ok)
        log_event(ok ? LOG_INFO : LOG_ERROR, ok ? "self_check_ok" : "self_check_failed",
                  log_text("host", s->address.host), log_number("port", s->address.port));
    s->was_ok = ok;
}

/** As often as the supervisor wants to hear of it, where that is more often. */
static int
interval_ms(void)
{
    int wanted_ms = supervisor_watchdog_ms();
    return wanted_ms > 0 && wanted_ms < EVERY_MS ? wanted_ms : EVERY_MS;
}

/** Where to connect to: who listens on every address is reached at the loopback's. */
static void
take_own_address(struct self_check *s, const char *url)
{
    static const struct {
        const char *everywhere, *loopback;
    } hosts[] = {{"0.0.0.0", "127.0.0.1"}, {"::", "::1"}};
    (void)address_split(strstr(url, "://") + 3, &s->address);
    for (int i = 0; i < 2; i++)
        if (strcmp(s->address.host, hosts[i].everywhere) == 0)
            strcpy(s->address.host, hosts[i].loopback);
}

/** Is the address, which is where it connects from too, in one of the networks? */
static bool
is_among(const struct address *a, const char *networks)
{
    struct sockaddr_storage at;
    struct network_list list;
    if (!network_read(networks, &list) || !address_to_socket(a, &at))
        return false;
    const struct in6_addr address = at.ss_family == AF_INET
                                        ? network_map(&((struct sockaddr_in *)&at)->sin_addr)
                                        : ((struct sockaddr_in6 *)&at)->sin6_addr;
    return network_has(&list, &address);
}

struct self_check *
self_check_start(const char *url, const char *proxy_from, struct status *e)
{
    struct self_check *s = calloc(1, sizeof *s);
    if (s && (s->tls = tls_context_new(true))) {
        /*
         * Whether the certificate is good is for clients to say: an expired one does not close the
         * door.
         */
        SSL_CTX_set_verify(s->tls, SSL_VERIFY_NONE, NULL);
        SSL_CTX_set_min_proto_version(s->tls, TLS1_2_VERSION);
        s->url = url;
        take_own_address(s, url);
        s->is_proxied = is_among(&s->address, proxy_from);
        s->was_ok = true;
        s->periodic = periodic_start("self-check", interval_ms(), check_own_door, s, e);
        if (s->periodic)
            return s;
    } else {
        status_set(e, STATUS_INTERNAL, "no memory for the self-check");
    }
    self_check_stop(s);
    return NULL;
}

void
self_check_stop(struct self_check *s)
{
    if (!s)
        return;
    periodic_stop(s->periodic);
    SSL_CTX_free(s->tls);
    free(s);
}
