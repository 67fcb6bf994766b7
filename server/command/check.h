/**
 * `jiayid check`: does the program fit its database?
 */
#ifndef JIAYI_SERVER_COMMAND_CHECK_H
#define JIAYI_SERVER_COMMAND_CHECK_H

#include <stdio.h>

#include "common/status.h"
#include "server/command/runtime.h"

struct check_options {
    /** The method whose statements to print, or NULL. */
    const char *print_method;
    struct runtime_options runtime;
};

/**
 * check_run() - hold the schema and every method against the database, of the running server or
 * started for it.
 *
 * Changes nothing. Says on @out what is wrong and what was looked at, or prints the statements.
 * Returns 0, or -1 with @e set to the first fault.
 */
int check_run(const struct check_options *o, FILE *out, struct status *e) MUST_CHECK;

#endif
