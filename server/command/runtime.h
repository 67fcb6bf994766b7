/**
 * What the commands that work on an initialised data folder share: the folder is found, root given
 * up, the configuration read, the database there.
 *
 * Not thread-safe: the main thread calls.
 */
#ifndef JIAYI_SERVER_COMMAND_RUNTIME_H
#define JIAYI_SERVER_COMMAND_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>

#include "common/status.h"
#include "server/cluster/local_pg.h"
#include "server/folder/config.h"
#include "server/folder/data_dir.h"

struct runtime_options {
    /** The data folder. */
    const char *data;
    /** The user to run as, for root; NULL for the default. */
    const char *user;
    /** Flags, which count more than DIR/jiayid.conf. */
    const struct config_flag *flags;
    size_t n_flags;
};

/** A data folder that a command works on. Strings and descriptors are its own. */
struct runtime {
    struct privilege_user user;
    struct data_dir dir;
    struct config config;
    /** The cluster is ours to run: the configuration names no database. */
    bool runs_cluster;
    struct local_pg pg;
    /** How to connect as the role that migrates, as the app role, and as that which signs in. */
    char *admin_conninfo;
    char *app_conninfo;
    char *login_conninfo;
    /** As the role that runs jobs. */
    char *job_conninfo;
    /** Readable at SIGTERM and SIGINT, and at SIGHUP. */
    int stop_fd;
    int reload_fd;
    /** Readable when a child ended; -1 where the system collects what others leave. */
    int child_fd;
};

/**
 * runtime_open() - find the folder, become the server's user for good, read the configuration.
 *
 * From now on signals that ask for something are readable descriptors. Returns 0, or -1 with @e set
 * and nothing to close.
 */
int runtime_open(struct runtime *rt, const struct runtime_options *o, struct status *e) MUST_CHECK;

/** runtime_find_database() - set the connection strings. Connects to nothing. */
int runtime_find_database(struct runtime *rt, struct status *e) MUST_CHECK;

/**
 * runtime_start_cluster() - start the private cluster, or start it again; where there is none, do
 * nothing. The caller holds the folder's lock.
 */
int runtime_start_cluster(struct runtime *rt, struct status *e) MUST_CHECK;

/**
 * runtime_close() - end the cluster, if it was started, unlock the folder and free everything.
 *
 * @rc: how the work ended: 0, or -1 with @e set
 *
 * Returns @rc, or -1 with @e set when only this failed.
 */
int runtime_close(struct runtime *rt, int rc, struct status *e) MUST_CHECK;

/**
 * runtime_visit() - see to it that the database of a data folder runs, and @work on it.
 *
 * @doing: for others that want the folder meanwhile: "checked"
 *
 * Where a server runs its cluster is used, else it is started for the time. Returns what @work
 * returned, or -1 with @e set.
 */
int runtime_visit(const struct runtime_options *o, const char *doing,
                  int (*work)(const struct runtime *rt, void *arg, struct status *e), void *arg,
                  struct status *e) MUST_CHECK;

#endif
