/**
 * `jiayid operator`: a way in for who runs the server, from its own machine.
 */
#ifndef JIAYI_SERVER_COMMAND_OPERATOR_H
#define JIAYI_SERVER_COMMAND_OPERATOR_H

#include <stdio.h>

#include "common/status.h"
#include "server/command/runtime.h"

/** An operator's name where none is given. */
#define OPERATOR_NAME "Operator"

struct operator_options {
    const char *email;
    /** The name of one who is made; NULL: OPERATOR_NAME. */
    const char *name;
    /** Its first line is the new password; "-" is standard input. */
    const char *password_file;
    struct runtime_options runtime;
};

/** operator_check_email() - can @email be an operator's? */
int operator_check_email(const char *email, struct status *e) MUST_CHECK;

/** operator_check_name() - can @name be a person's? NULL can. */
int operator_check_name(const char *name, struct status *e) MUST_CHECK;

/**
 * operator_run() - give an operator a new password and end their sessions, or make another
 * operator.
 *
 * While a server serves, or while none does. Says on @out what was done. Returns 0, or -1 with @e
 * set and nothing changed.
 */
int operator_run(const struct operator_options *o, FILE *out, struct status *e) MUST_CHECK;

#endif
