/**
 * The folder that `jiayid --data` names: what is in it, whose it is, and who uses it now.
 *
 *     DIR/VERSION      the layout's version; there when init finished
 *     DIR/UNFINISHED   there while init works; left behind only when it was killed
 *     DIR/lock         locked by the process that uses DIR; says which one
 *     DIR/jiayid.conf  the configuration (server/folder/config.h)
 *     DIR/tls          the CA and the server's certificate (server/folder/certs.h)
 *     DIR/keys         the keys that seal secrets in the database (server/secret/keyring.h)
 *     DIR/pg           the private cluster (server/cluster/local_pg.h)
 *     DIR/run, DIR/log its socket and its logs
 */
#ifndef JIAYI_SERVER_FOLDER_DATA_DIR_H
#define JIAYI_SERVER_FOLDER_DATA_DIR_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/status.h"
#include "server/base/privilege.h"

/** Longest path of DIR, in bytes with the NUL; below it names get DATA_DIR_FILE_BYTES. */
#define DATA_DIR_BYTES      1024
#define DATA_DIR_FILE_BYTES (DATA_DIR_BYTES + 64)

/** A data folder. */
struct data_dir {
    /** Absolute, without symbolic links. */
    char path[DATA_DIR_BYTES];
    /** DIR/lock while this process holds it, else -1. */
    int lock_fd;
};

enum data_dir_state {
    DATA_DIR_EMPTY,
    /** init was killed in the middle; what is there may be removed. */
    DATA_DIR_UNFINISHED,
    DATA_DIR_INITIALISED,
    /** Something else is there. */
    DATA_DIR_FOREIGN,
};

/** What init found, to be put back when it fails. */
struct data_dir_before {
    bool made;
    bool changed;
    uid_t uid;
    gid_t gid;
    mode_t mode;
};

/** data_dir_find() - set d->path for a folder that exists. Not locked yet. */
int data_dir_find(struct data_dir *d, const char *path, struct status *e) MUST_CHECK;

/** data_dir_check_new() - may init use @path? It is not there, or empty. Changes nothing. */
int data_dir_check_new(const char *path, struct status *e) MUST_CHECK;

/**
 * data_dir_create() - make the folder, or take an empty one, for @owner alone.
 *
 * As root, before privilege_drop(). Refuses a folder that is initialised or holds something else.
 * Returns 0 with @ret saying what was there, or -1 with @e set and nothing changed.
 */
int data_dir_create(struct data_dir *d, const char *path, const struct privilege_user *owner,
                    struct data_dir_before *ret, struct status *e) MUST_CHECK;

/**
 * data_dir_restore() - undo data_dir_create(). Does nothing to a folder that is not empty
 * (again).
 */
void data_dir_restore(const struct data_dir *d, const struct data_dir_before *before);

/** data_dir_enter() - after privilege_drop(): can this user reach DIR, and is it its own? */
int data_dir_enter(const struct data_dir *d, const struct privilege_user *user,
                   struct status *e) MUST_CHECK;

/** data_dir_state() - what is in the folder; DATA_DIR_FOREIGN also when it cannot be read. */
enum data_dir_state data_dir_state(const struct data_dir *d);

/**
 * data_dir_lock() - be the only process that uses DIR, until it ends.
 *
 * @doing: what the process does with it, for the others' message: "served", "initialised",
 *          "checked", "copied".
 * @ret_busy: when not NULL, set to true when another process holds it (and -1 is returned).
 *
 * Waits up to two seconds (a fifth of one with @ret_busy): a holder that was killed may not be gone
 * yet.
 */
int data_dir_lock(struct data_dir *d, const char *doing, bool *ret_busy,
                  struct status *e) MUST_CHECK;

/** data_dir_unlock() - let others use DIR. */
void data_dir_unlock(struct data_dir *d);

/** data_dir_file() - write the path of @name in DIR to @path. */
void data_dir_file(const struct data_dir *d, const char *name, char path[DATA_DIR_FILE_BYTES]);

/** data_dir_begin() - note in DIR that init has begun. */
int data_dir_begin(const struct data_dir *d, struct status *e) MUST_CHECK;

/** data_dir_finish() - note in DIR, on the disk, that init is done. */
int data_dir_finish(const struct data_dir *d, struct status *e) MUST_CHECK;

/**
 * data_dir_clear() - remove what init makes in DIR, and nothing else.
 *
 * @marks_too: also DIR/lock and DIR/UNFINISHED, as the last.
 *
 * The caller holds the lock.
 */
void data_dir_clear(const struct data_dir *d, bool marks_too);

#endif
