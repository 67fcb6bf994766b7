/**
 * What a backup says of itself: the member `manifest` of its archive, a text of lines.
 *
 *     jiayi-backup 1                      the format's version
 *     program 0.1.0                       the jiayid that made it
 *     made 2026-11-21T23:30:00Z           the moment of its snapshot
 *     postgresql 15                       the database's major version
 *     schema 6                            the last migration that the database had
 *     file SHA-256 BYTES NAME             a member of the archive
 *     table ROWS DIGEST NAME              a table: see server/backup/inventory.h
 */
#ifndef JIAYI_SERVER_BACKUP_MANIFEST_H
#define JIAYI_SERVER_BACKUP_MANIFEST_H

#include <stdio.h>

#include "server/backup/archive.h"
#include "server/backup/inventory.h"

/** The member's name, and the most bytes of it. */
#define MANIFEST_NAME        "manifest"
#define MANIFEST_LIMIT_BYTES 1048576
/** The members besides it and the database; the TLS files and the keys are in folders. */
#define MANIFEST_CONFIG "jiayid.conf"
#define MANIFEST_TLS    "tls"
#define MANIFEST_KEYS   "keys"
/** The longest of these, in bytes. */
#define MANIFEST_FILE_BYTES 1048576

struct manifest {
    char program[32];
    char made[32];
    int postgresql;
    int schema;
    /** Whose manifest it is frees it by inventory_free(). */
    struct inventory inventory;
    /** The digests that the archive's members must have, in its order. */
    size_t n_files;
    struct archive_member files[ARCHIVE_MEMBERS];
};

/** manifest_print() - write the text; the files are the members of @archive. */
void manifest_print(const struct manifest *m, const struct archive *archive, FILE *out);

/**
 * manifest_parse() - read @text, and hold it against the members of @archive.
 *
 * Whatever it returns, the caller frees m->inventory.
 */
int manifest_parse(struct manifest *m, char *text, const struct archive *archive,
                   struct status *e) MUST_CHECK;

/** manifest_sha256() - what the SHA-256 of the member @name must be; NULL when it has none. */
const char *manifest_sha256(const struct manifest *m, const char *name);

#endif
