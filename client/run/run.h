/**
 * A command from its words to its answer: the one general way, or the command's own.
 */
#ifndef JIAYI_CLIENT_RUN_RUN_H
#define JIAYI_CLIENT_RUN_RUN_H

#include "client/run/session.h"

/**
 * run_command() - run the parsed command: what was made by hand, else its method's call, whose
 * answer goes to standard output.
 *
 * Returns 0, or -1 with @e set; where the server's message begins with a field's name, the flag
 * that was typed for it stands there instead.
 */
int run_command(struct client *c, struct status *e) MUST_CHECK;

/**
 * run_method() - the one general way: request, call, answer to standard output.
 *
 * @ret_answer: the answer, in the client's arena; not set for a list of many pages
 *
 * For commands made by hand that do more before or after it. Returns 0, or -1 with @e set.
 */
int run_method(struct client *c, ProtobufCMessage **ret_answer, struct status *e) MUST_CHECK;

#endif
