/**
 * The listener: lets peers in, so many in all and so many from one customer, and knows all that are
 * there.
 */
#ifndef JIAYI_SERVER_DOOR_LISTENER_H
#define JIAYI_SERVER_DOOR_LISTENER_H

#include "server/call/gate.h"
#include "server/folder/config.h"

struct listener;

struct listener_options {
    /** Where to listen, and every limit. */
    const struct config *config;
    /** Files: the certificate with its chain, and its key. */
    const char *cert_pem_path, *key_pem_path;
    const struct gate *gate;
};

/**
 * listener_start() - listen. Returns NULL with @e set: the address is taken, the certificate is no
 * good.
 */
struct listener *listener_start(const struct listener_options *o, struct status *e) MUST_CHECK;

/** listener_url() - where it listens, with the port that the system chose when 0 was asked for. */
const char *listener_url(const struct listener *l);

/**
 * listener_connections_limit() - the most connections: what was configured, or what the machine
 * allows.
 */
int listener_connections_limit(const struct listener *l);

/** listener_reload_tls() - take certificate and key from their files again, for new connections. */
int listener_reload_tls(struct listener *l, struct status *e) MUST_CHECK;

/**
 * listener_rest() - have connections on which nothing happened since the last time give back the
 * memory of their buffers. Any thread.
 */
void listener_rest(struct listener *l);

/**
 * listener_leave() - before the gate is closed: tell peers who can be told to take their next calls
 * elsewhere, wait until they have heard that, and until what they have begun by then has come to
 * the gate, or for @timeout_ms. So no call of theirs is refused.
 */
void listener_leave(struct listener *l, int timeout_ms);

/**
 * listener_drain() - wait until the calls in flight are answered and the answers are read; the gate
 * refuses new ones meanwhile.
 *
 * Returns true when all were answered within @timeout_ms.
 */
bool listener_drain(struct listener *l, int timeout_ms);

/** listener_stop() - let nobody in any more; who is in stays. */
void listener_stop(struct listener *l);

/**
 * listener_free() - end every connection, when its last call has ended, and free a listener that
 * was stopped.
 */
void listener_free(struct listener *l);

#endif
