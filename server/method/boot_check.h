/**
 * The check at boot: the schema, the SQL files and the live database must fit each other.
 */
#ifndef JIAYI_SERVER_METHOD_BOOT_CHECK_H
#define JIAYI_SERVER_METHOD_BOOT_CHECK_H

#include <stdio.h>

#include "server/method/method.h"

/**
 * boot_check_methods() - prepare every variant of every statement as the role that runs it, and
 * take the types.
 *
 * @app, @login: how to connect as the app role, and as the one that signs people in
 * @out: prints every fault, and the count at the end; NULL: nothing
 *
 * Returns 0, or -1 with @e set to the first fault.
 */
int boot_check_methods(struct methods *m, const char *app, const char *login, FILE *out,
                       struct status *e) MUST_CHECK;

/**
 * boot_check() - load every method and check it against the live database.
 *
 * Each has its SQL or native function and a permission that exists, every parameter and column
 * exists with a type that fits, every statement prepares.
 *
 * @print_method: print this method's statements as they are sent (to @out); NULL: print a summary
 *
 * Returns 0, or -1 with @e naming the first method that is wrong; @out then lists all of them.
 */
int boot_check(const struct native *natives, const char *app, const char *login,
               const char *print_method, FILE *out, struct status *e) MUST_CHECK;

#endif
