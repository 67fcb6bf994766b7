/**
 * Help at every level, out of the schema: comments, options, limits.
 */
#ifndef JIAYI_CLIENT_RUN_HELP_H
#define JIAYI_CLIENT_RUN_HELP_H

#include "client/run/session.h"

/**
 * help_print() - print the help for what was parsed, a command, a noun, or the whole; on a terminal
 * through the user's pager. 0, or -1 with @e set as pager_end() does.
 */
int help_print(struct client *c, struct status *e) MUST_CHECK;

/**
 * help_usage() - the usage line of a command, without the program's name. NULL when the arena is
 * full.
 */
const char *help_usage(struct arena *a, const struct command *command);

/** help_about() - what an argument means, with its limits. NULL when the arena is full. */
const char *help_about(struct arena *a, const struct argument *argument);

/** help_labels() - those of @n fields that the command line has, as flags: "--title, --vendor". */
const char *help_labels(struct arena *a, const struct command *command, char *const *names,
                        size_t n);

/** help_rule() - the @n-th rule on which fields go together, in words; NULL past the last. */
const char *help_rule(struct arena *a, const struct command *command, unsigned n);

/**
 * help_noun() - what a noun's commands are about: the comment at the head of the .proto of the
 * first one's service; for a noun made by hand a text of the client's. Translated.
 */
const char *help_noun(struct client *c, const char *noun);

/**
 * help_summary() - the first sentence of a text that is translated already. NULL when the arena is
 * full.
 */
const char *help_summary(struct arena *a, const char *text);

/** help_command() - what a command does, in one sentence, translated; "" when the arena is full. */
const char *help_command(struct client *c, const struct command *command);

/**
 * help_exit() - the @n-th of the exit statuses that help tells of, from 0, as text, and what it
 * means. Translated; in the arena, "" when it is full. Returns false past the last.
 */
bool help_exit(struct arena *a, size_t n, const char **ret_status, const char **ret_meaning);

#endif
