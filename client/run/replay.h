/**
 * A change that was done already, by a call whose answer got lost, is answered with what the server
 * keeps of it: the fields with the option `replay`. The rest is read, so that the command shows what
 * it would have shown.
 */
#ifndef JIAYI_CLIENT_RUN_REPLAY_H
#define JIAYI_CLIENT_RUN_REPLAY_H

#include "client/run/session.h"

/**
 * replay_complete() - the whole answer to a change, of which @kept is what the server kept.
 *
 * Asks the READ that the answer's type names. What was kept stays as it was then; the rest is as it
 * is now. Returns @kept itself where its type names none, and, with a word on standard error, where
 * the caller does not get to read the rest: the change is done all the same.
 */
ProtobufCMessage *replay_complete(struct client *c, const struct schema_method *method,
                                  ProtobufCMessage *kept);

#endif
