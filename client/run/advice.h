/**
 * What is to be done about a change that failed: said as far as it is known, and never more.
 */
#ifndef JIAYI_CLIENT_RUN_ADVICE_H
#define JIAYI_CLIENT_RUN_ADVICE_H

#include "client/run/session.h"

/**
 * advice_give() - add to the message of @e whether the change was sent, and what is kept of it.
 *
 * Sets @c's go_on to the command that asks for an open change once more, under its request_id, or
 * that sends the text which was written in the editor: in words that a shell takes as they are.
 */
void advice_give(struct client *c, struct status *e);

#endif
