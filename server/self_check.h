/**
 * The self-check: a thread that now and then connects to the listener as a stranger would.
 *
 * Only when that was fine does the supervisor hear that the server is alive, and starts it again
 * when it hears nothing. Fine is a TLS handshake, and also a connection that the listener ended:
 * where as many are there as may be, it does so on purpose.
 */
#ifndef JIAYI_SERVER_SELF_CHECK_H
#define JIAYI_SERVER_SELF_CHECK_H

#include "common/status.h"

struct self_check;

/**
 * self_check_once() - connect to @url ("tls+tcp://HOST:PORT", HOST an address or a name) and see
 * whether somebody is there, for up to @timeout_ms.
 *
 * Returns 0, or -1 with @e saying what was wrong.
 */
int self_check_once(const char *url, int timeout_ms, struct status *e) MUST_CHECK;

/**
 * self_check_start() - do so every @every_ms, tell the supervisor, and log what fails.
 *
 * Returns NULL with @e set.
 */
struct self_check *self_check_start(const char *url, int every_ms, struct status *e) MUST_CHECK;

/** self_check_stop() - end the thread, after what it is doing. NULL is allowed. */
void self_check_stop(struct self_check *check);

#endif
