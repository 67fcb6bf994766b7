/**
 * `jiayid restore`: a data folder as it was when `jiayid backup` wrote its file.
 */
#ifndef JIAYI_SERVER_COMMAND_RESTORE_H
#define JIAYI_SERVER_COMMAND_RESTORE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/status.h"

struct restore_options {
    /** The backup. */
    const char *file;
    /** The folder to make. */
    const char *data;
    /** The database to fill, which has no schema jiayi yet; NULL: make a private cluster. */
    const char *database;
    /** The user to run as, for root; NULL for the default. */
    const char *user;
    /** The SHA-256 that the file must have, as `jiayid backup` printed it; NULL: any. */
    const char *expect;
};

/** What was in the backup. */
struct restore_report {
    char made[32];
    int tables;
    int64_t rows;
    /** The schema's version in the backup, and now. */
    int from_version;
    int to_version;
};

/** restore_check_expect() - can @expect be a file's SHA-256? */
int restore_check_expect(const char *expect, struct status *e) MUST_CHECK;

/**
 * restore_run() - do it, and say on @out what comes next.
 *
 * The file may be anybody's: what it has run can do nothing outside the database, and it may bring
 * nothing but rows - unless it is what was expected.
 *
 * Every table is held against the backup's manifest and every method against the database before
 * the folder counts as made. An older schema is migrated. Returns 0, or -1 with @e set and the
 * folder (and the database) as they were before.
 */
int restore_run(const struct restore_options *o, FILE *out, struct status *e) MUST_CHECK;

/** restore_open() - open a backup for reading. Returns its descriptor, or -1 with @e set. */
int restore_open(const char *file, struct status *e) MUST_CHECK;

/**
 * restore_verify() - restore the backup in @fd into a scratch cluster, which is removed again.
 *
 * @o:      without data and database
 * @is_own: this process has just made it
 *
 * The cluster is in a new folder in $TMPDIR, or in /var/tmp.
 */
int restore_verify(int fd, const struct restore_options *o, bool is_own, struct restore_report *ret,
                   struct status *e) MUST_CHECK;

#endif
