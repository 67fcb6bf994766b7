/**
 * The server's keys and the database: it holds the ids of those that sealed something in it.
 */
#ifndef JIAYI_SERVER_COMMAND_SERVER_KEYS_H
#define JIAYI_SERVER_COMMAND_SERVER_KEYS_H

#include <stdio.h>

#include "server/command/runtime.h"
#include "server/secret/keyring.h"

/**
 * server_keys_open() - load the folder's keys and hold them against the database, which gets a
 * first one where it has none.
 *
 * Returns 0 with k->sealing set, or -1 with @e set: STATUS_FAILED_PRECONDITION where the folder
 * lacks a key of the database. Whatever is returned, keyring_wipe() it.
 */
int server_keys_open(const struct runtime *rt, struct keyring *k, struct status *e) MUST_CHECK;

struct server_keys_options {
    /** The file with the keys, to be written or read. */
    const char *file;
    /** The data folder and so on. */
    struct runtime_options runtime;
};

/**
 * server_keys_export() - `jiayid key export`: write the folder's keys into a new file, mode 0600,
 * for another server of the same database.
 *
 * Returns 0, or -1 with @e set.
 */
int server_keys_export(const struct server_keys_options *o, FILE *out, struct status *e) MUST_CHECK;

/** server_keys_import() - `jiayid key import`: take the keys of such a file into the folder. */
int server_keys_import(const struct server_keys_options *o, FILE *out, struct status *e) MUST_CHECK;

#endif
