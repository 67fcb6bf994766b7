/**
 * The client's failures are struct status values like the server's. Two codes of its own come to
 * the wire's, chosen so that the exit status is always 10 + code: 1 for what failed here, 2 for
 * wrong usage.
 */
#ifndef JIAYI_CLIENT_BASE_FAILURE_H
#define JIAYI_CLIENT_BASE_FAILURE_H

#include "client/base/i18n.h"
#include "common/status.h"

/** Something failed on this machine: a file, the terminal, memory. Exit status 1. */
#define STATUS_FAILED_HERE ((enum status_code) - 9)
/** The command line is wrong. Exit status 2. */
#define STATUS_USAGE ((enum status_code) - 8)

/** failure_exit() - the exit status for @e; 0 for a zeroed one. */
static inline int
failure_exit(const struct status *e)
{
    return e->code == STATUS_OK ? 0 : 10 + (int)e->code;
}

/** failure_usage() - turn an error about a value into one of usage. Returns -1. */
static inline int
failure_usage(struct status *e)
{
    if (e->code == STATUS_INVALID_ARGUMENT)
        e->code = STATUS_USAGE;
    return -1;
}

/** failure_memory() - "out of memory". Returns -1. */
static inline int
failure_memory(struct status *e)
{
    return status_set(e, STATUS_FAILED_HERE, "%s", _("out of memory"));
}

#endif
