/**
 * What comes from a connection's peer: its address, a proxy's header, the handshake, and the bytes
 * for the protocol; and what is done where nothing comes for too long.
 *
 * With the connection's lock held, but where it says otherwise; one thread at a time.
 */
#ifndef JIAYI_SERVER_DOOR_RECEIVING_H
#define JIAYI_SERVER_DOOR_RECEIVING_H

#include "server/door/connection_base.h"

/**
 * receiving_name_peer() - note the peer's address, as text too. Returns its customer: see struct
 * connection_link. Without the lock.
 */
struct in6_addr receiving_name_peer(struct connection *c, const struct in6_addr *address);

/**
 * receiving_take_proxy() - a proxy's header says who calls: from now on it counts for that one.
 *
 * Without the lock, for the listener has one of its own, above this. Returns false with @why.
 */
bool receiving_take_proxy(struct connection *c, size_t n, size_t *used, enum metrics_refused *why);

/**
 * receiving_take() - take what has come, a message at a time, as far as the peer may be heard: the
 * rest stays with OpenSSL. The lock is let go while the gate has its turn.
 */
void receiving_take(struct connection *c);

/** receiving_late() - the peer was silent for too long, in whatever it was at. */
void receiving_late(struct connection *c);

/** receiving_hurry() - what waits for the peer to send may wait for less long than it did. */
void receiving_hurry(struct connection *c);

/**
 * receiving_go_on() - read on, or have the rest taken of what was read, once the peer may be heard.
 */
void receiving_go_on(struct connection *c);

#endif
