/**
 * The check at boot: the schema, the SQL files and the live database must fit each other.
 */
#ifndef JIAYI_SERVER_CHECK_H
#define JIAYI_SERVER_CHECK_H

#include <stdio.h>

#include "server/method.h"

/**
 * check_methods() - prepare every variant of every statement as the app role, and take the types.
 *
 * @out: prints every fault, and the count at the end; NULL: nothing
 *
 * Returns 0, or -1 with @e set to the first fault.
 */
int check_methods(struct methods *m, const char *conninfo, FILE *out, struct status *e) MUST_CHECK;

/** check_print() - print the statements of the method @name, as they are sent to PostgreSQL. */
int check_print(const struct methods *m, const char *name, FILE *out, struct status *e) MUST_CHECK;

#endif
