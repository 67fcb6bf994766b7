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

/**
 * advice_command() - a command of jiayi with the profile of this run, for a line to go on with.
 *
 * @words: @n words behind the program's name; what a shell would not take as it is gets quoted
 *
 * Returns it in the client's arena; NULL without memory.
 */
const char *advice_command(struct client *c, size_t n, const char *const *words);

/** advice_again() - the command line of this run once more; NULL without memory. */
const char *advice_again(struct client *c);

#endif
