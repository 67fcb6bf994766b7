/**
 * A change that was done already, by a call whose answer got lost, is answered with what the server
 * keeps of it: the fields with the option `replay`. The rest is read, so that the command shows
 * what it would have shown.
 */
#ifndef JIAYI_CLIENT_RUN_REPLAY_H
#define JIAYI_CLIENT_RUN_REPLAY_H

#include "client/run/session.h"

/**
 * replay_call() - session_call(), whose answer is whole.
 *
 * The rest of a kept one is asked of the READ that its type names. What was kept stays as it was
 * then; the rest is as it is now. Where the caller does not get to read that, a word on standard
 * error says so, and the answer is what was kept: the change is done all the same.
 */
ProtobufCMessage *replay_call(struct client *c, const struct schema_method *method,
                              const ProtobufCMessage *request, struct status *e) MUST_CHECK;

#endif
