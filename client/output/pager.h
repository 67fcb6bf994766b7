/**
 * The user's pager: what is longer than the terminal is read page by page, as git does it.
 */
#ifndef JIAYI_CLIENT_OUTPUT_PAGER_H
#define JIAYI_CLIENT_OUTPUT_PAGER_H

#include "client/base/failure.h"

/**
 * pager_start() - have standard output go through $PAGER, else `less`; through nothing where it is
 * "" or "cat", or does not start.
 *
 * `less` takes its options from $LESS, FRX where that is not set: what fits the screen is only
 * printed.
 */
void pager_start(void);

/**
 * pager_end() - hand over what is printed, wait until the user has read it, and have standard
 * output as it was. Without a pager nothing.
 *
 * Who leaves the pager early has read enough: that is no failure. Returns 0, or -1 with @e set
 * (STATUS_FAILED_HERE) when the pager could not be started.
 */
int pager_end(struct status *e) MUST_CHECK;

#endif
