/**
 * `jiayid backup`: everything that a server needs to be there again, in one file.
 *
 * The file is an archive (server/backup/archive.h):
 *
 *     database.dump   the schema jiayi in pg_dump's custom format, of one snapshot
 *     jiayid.conf     the configuration without `database`
 *     keys/NAME       the keys that seal secrets in the database
 *     tls/NAME        the files of DIR/tls: the authority, the certificate, their keys
 *     manifest        what is in the others and in every table (server/backup/manifest.h)
 *
 * It holds secrets (keys, hashes of passwords), and so is for its owner alone.
 */
#ifndef JIAYI_SERVER_COMMAND_BACKUP_H
#define JIAYI_SERVER_COMMAND_BACKUP_H

#include <stdbool.h>
#include <stdio.h>

#include "common/status.h"
#include "server/command/runtime.h"

struct backup_options {
    /** The backup's file. */
    const char *file;
    /** An existing file may be overwritten. */
    bool replace;
    /** Restore the backup into a scratch cluster before it gets its name. */
    bool verify;
    /** What its SHA-256 must be, to verify an existing file; NULL: any. */
    const char *expect;
    /** The data folder and so on. Without one, only an existing file is verified. */
    struct runtime_options runtime;
};

/**
 * backup_run() - write the backup, or verify one, and say on @out what is in it.
 *
 * A running server goes on serving; where none runs, its cluster is started for the time. As root,
 * the file is written by root, wherever root may, and read from the data folder by its own user.
 *
 * Returns 0, or -1 with @e set and no file left behind.
 */
int backup_run(const struct backup_options *o, FILE *out, struct status *e) MUST_CHECK;

#endif
