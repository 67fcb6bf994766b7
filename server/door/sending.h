/**
 * What goes to a connection's peer: what its protocol says, encrypted, as fast as TCP takes it.
 *
 * With the connection's lock held.
 */
#ifndef JIAYI_SERVER_DOOR_SENDING_H
#define JIAYI_SERVER_DOOR_SENDING_H

#include "common/status.h"
#include "server/door/connection_base.h"

/** sending_encrypt() - encrypt what goes to the peer next. False without memory. */
bool sending_encrypt(struct connection *c, const uint8_t *data, size_t n) MUST_CHECK;

/**
 * sending_flush() - send the records that wait, until TCP takes no more; c->sending's callback goes
 * on then. Not while that is waited for.
 */
void sending_flush(struct connection *c);

/**
 * sending_note() - count the connection where answers wait for the peer to read, and note whether
 * they are so many that its calls wait as well.
 */
void sending_note(struct connection *c);

#endif
