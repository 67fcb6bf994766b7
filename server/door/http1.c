#include "server/door/http1.h"

#include <stdlib.h>
#include <string.h>

#include "server/door/connection.h"

/** Its peer hangs up when it has read this, or is cut off when the handshake's time is over. */
#define WORDS "this server speaks HTTP/2 alone: call it by gRPC or by a client that offers h2\n"
static const char refusal[] = "HTTP/1.1 505 HTTP Version Not Supported\r\n"
                              "content-type: text/plain; charset=utf-8\r\n"
                              "content-length: 79\r\n"
                              "connection: close\r\n"
                              "\r\n" WORDS;
_Static_assert(sizeof WORDS - 1 == 79, "content-length");

struct http1_peer {
    struct connection *connection;
    /** It has asked for something, and was answered; by a lane's turn as well. */
    atomic_bool has_asked, is_answered;
};

static void *
start(struct connection *c)
{
    struct http1_peer *p = calloc(1, sizeof *p);
    if (p)
        p->connection = c;
    return p;
}

static uint64_t
wanted(const void *peer)
{
    (void)peer;
    return UINT64_MAX;
}

static bool
take(void *peer, const uint8_t *data, size_t n, uint64_t limit,
     enum metrics_refused *why) /* NOLINT: protocol.h's signature */
{
    struct http1_peer *p = peer;
    (void)data, (void)n, (void)limit, (void)why;
    if (!atomic_exchange(&p->has_asked, true))
        metrics_refused(METRICS_REFUSED_HTTP1, connection_address(p->connection));
    return true;
}

static bool
pull(void *peer, uint8_t *to, size_t size, size_t *ret_n,
     enum metrics_refused *why) /* NOLINT: protocol.h's signature */
{
    struct http1_peer *p = peer;
    bool is_due = atomic_load(&p->has_asked) && !atomic_exchange(&p->is_answered, true);
    (void)size, (void)why;
    *ret_n = is_due ? sizeof refusal - 1 : 0;
    memcpy(to, refusal, *ret_n);
    return true;
}

static enum protocol_phase
phase(const void *peer)
{
    (void)peer;
    return PROTOCOL_GREETING;
}

static size_t
held(const void *peer)
{
    (void)peer;
    return sizeof(struct http1_peer);
}

const struct protocol http1_protocol = {
    .alpn = "http/1.1",
    .start = start,
    .wanted = wanted,
    .take = take,
    .phase = phase,
    .held = held,
    .free = free,
    .pull = pull,
};
