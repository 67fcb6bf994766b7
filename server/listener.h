/**
 * The listener: nng's REP contexts over TLS. Their fixed number bounds what is in flight.
 */
#ifndef JIAYI_SERVER_LISTENER_H
#define JIAYI_SERVER_LISTENER_H

#include "server/gate.h"
#include "server/reply.h"

struct listener;

struct listener_options {
    /** Where to listen: "tls+tcp://127.0.0.1:7443". */
    const char *url;
    const char *cert_pem_path, *key_pem_path;
    /** "1.3", or "1.2" to let older peers in. */
    const char *tls_min_version;
    int contexts, arena_limit_bytes, send_timeout_ms;
    /** Its limit holds for what is received too. */
    struct reply_options reply;
    const struct gate *gate;
    struct server *server;
};

/** listener_start() - listen. Returns NULL with @e set: the address is taken, the certificate is no good. */
struct listener *listener_start(const struct listener_options *o, struct status *e) MUST_CHECK;

/** listener_url() - where it listens, with the port that the system chose when 0 was asked for. */
const char *listener_url(const struct listener *l);

/** listener_reload_tls() - take certificate and key from their files again, for new connections. */
int listener_reload_tls(struct listener *l, struct status *e) MUST_CHECK;

/**
 * listener_drain() - wait until the calls in flight are answered; the gate refuses new ones meanwhile.
 *
 * Returns true when all were answered within @timeout_ms.
 *
 * A listener that took calls is never closed: nng 1.5 waits for ever when a TLS peer is stuck. It
 * answers UNAVAILABLE until the process ends, which frees it.
 */
bool listener_drain(struct listener *l, int timeout_ms);

#endif
