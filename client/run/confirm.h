/**
 * The question before something ends: a deal is won or lost, a partnership ends, a member goes.
 * Which commands ask says the method's option `ends`.
 */
#ifndef JIAYI_CLIENT_RUN_CONFIRM_H
#define JIAYI_CLIENT_RUN_CONFIRM_H

#include "client/run/session.h"

/**
 * confirm_ask() - show what the request is about, and ask whether to go on, where that ends
 * something and somebody sits at a terminal. --yes asks nothing.
 *
 * What is shown is the object as the noun's `show` or `list` has it; its version counts as seen.
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE when the answer was no; as session_call() where
 * the object cannot be shown.
 */
int confirm_ask(struct client *c, const ProtobufCMessage *request, struct status *e) MUST_CHECK;

#endif
