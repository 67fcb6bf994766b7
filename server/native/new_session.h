/**
 * Opening a session, at the end of what signs somebody in.
 */
#ifndef JIAYI_SERVER_NATIVE_NEW_SESSION_H
#define JIAYI_SERVER_NATIVE_NEW_SESSION_H

#include "server/call/call.h"
#include "server/method/bind.h"
#include "server/native/device.h"

/**
 * new_session_open() - make a token, have the step "open" of the call's method keep its hash, and
 * answer a SignInResponse.
 *
 * @d:     the device, whose new secret is answered where is_new_device says so; NULL: none counts
 * @named: parameters of the step's own, beside token_hash, client, address, device, new_device
 *         and before, the hash of the token that the call came with; @n of them, at most
 *         NEW_SESSION_PARAMETERS
 *
 * On threads of the pool. c->status is set where it fails.
 */
void new_session_open(struct call *c, const struct device *d, const struct bind_named *named,
                      size_t n);

/** The most parameters of its own that a step may have. */
enum { NEW_SESSION_PARAMETERS = 6 };

/** new_session_column() - the column @name of the first row of c->work.rows, or NULL. */
char *new_session_column(const struct call *c, const char *name);

#endif
