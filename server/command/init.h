/**
 * `jiayid init`: makes a data folder, with everything in it that `jiayid serve` needs.
 */
#ifndef JIAYI_SERVER_COMMAND_INIT_H
#define JIAYI_SERVER_COMMAND_INIT_H

#include <stddef.h>
#include <stdio.h>

#include "common/status.h"

struct init_options {
    const char *data;
    /** The first operator's e-mail address. */
    const char *operator_email;
    /** The first operator's name; NULL: OPERATOR_NAME. */
    const char *operator_name;
    /** Its first line is the operator's password; "-" is standard input. */
    const char *password_file;
    /** The database to use, without a password in it; NULL: make a private cluster. */
    const char *database;
    /** The user to run as, for root; NULL for the default. */
    const char *user;
    /** Names and addresses for the certificate, besides localhost. */
    const char *const *hostnames;
    size_t n_hostnames;
};

/** init_check_options() - is what was asked for right in itself? Touches nothing. */
int init_check_options(const struct init_options *o, struct status *e) MUST_CHECK;

/**
 * init_run() - do it, and say on @out what comes next.
 *
 * Returns 0, or -1 with @e set and the folder as it was before.
 */
int init_run(const struct init_options *o, FILE *out, struct status *e) MUST_CHECK;

#endif
