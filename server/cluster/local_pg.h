/**
 * The private PostgreSQL cluster under DIR: made, started, watched and stopped by the server.
 *
 * It is reached through a Unix socket in DIR/run alone, by the server's own user alone (peer
 * authentication). Its postmaster is a child of the server and goes down with it: cleanly on
 * local_pg_stop(), by the kernel's death signal when the server is killed.
 * Not thread-safe: the main thread calls, always the same one (the death signal is tied to it).
 */
#ifndef JIAYI_SERVER_CLUSTER_LOCAL_PG_H
#define JIAYI_SERVER_CLUSTER_LOCAL_PG_H

#include <sys/types.h>

#include "common/status.h"
#include "server/folder/data_dir.h"

/** The database in the cluster, and its superuser, which migrates. */
#define LOCAL_PG_DATABASE  "jiayi"
#define LOCAL_PG_SUPERUSER "postgres"

/** A running cluster. */
struct local_pg {
    const struct data_dir *dir;
    /** The postmaster; 0 when there is none. */
    pid_t pid;
    /** Becomes readable when the postmaster ends; -1 when there is none. */
    int pidfd;
};

/** local_pg_make() - initdb under DIR, and configure it. Takes a second or two. */
int local_pg_make(const struct data_dir *dir, struct status *e) MUST_CHECK;

/**
 * local_pg_start() - start the cluster, and wait until it accepts connections.
 *
 * @pg:      filled in; @dir must outlive it
 * @stop_fd: when it becomes readable, waiting ends (STATUS_CANCELLED) and nothing is left running
 *
 * Whatever an earlier server left of the cluster (running, frozen, dying, starting, orphans) is
 * shut down first. The caller holds the lock of DIR.
 */
int local_pg_start(struct local_pg *pg, const struct data_dir *dir, int stop_fd,
                   struct status *e) MUST_CHECK;

/**
 * local_pg_reap() - after pg->pidfd became readable: collect the postmaster and say how it ended.
 */
void local_pg_reap(struct local_pg *pg, char how[80]);

/** local_pg_stop() - shut the cluster down: fast, then at once, then by force. Nothing is left. */
int local_pg_stop(struct local_pg *pg, struct status *e);

/** local_pg_clear_family() - end every process of the cluster under @dir, whoever started it. */
int local_pg_clear_family(const struct data_dir *dir, struct status *e) MUST_CHECK;

/**
 * local_pg_conninfo() - how to connect to LOCAL_PG_DATABASE as the role @user.
 *
 * @ret: a string as database_conninfo() gives; free it with wipe_free()
 */
int local_pg_conninfo(const struct data_dir *dir, const char *user, char **ret,
                      struct status *e) MUST_CHECK;

/** local_pg_create_database() - make LOCAL_PG_DATABASE, open to nobody yet. */
int local_pg_create_database(const struct data_dir *dir, struct status *e) MUST_CHECK;

/**
 * local_pg_admit_app() - let the app role, which the migrations made, log in, and take from it what
 * PostgreSQL gives to everybody: DATABASE_SQL_HARDEN. May be done again and again.
 */
int local_pg_admit_app(const struct data_dir *dir, struct status *e) MUST_CHECK;

/**
 * local_pg_admit_role() - let the server's user be @role, too, in LOCAL_PG_DATABASE. Counts from
 * the cluster's next start on.
 */
int local_pg_admit_role(const struct data_dir *dir, const char *role, struct status *e) MUST_CHECK;

/** local_pg_reset_access() - let the server's user be what it is to be, and no other role. */
int local_pg_reset_access(const struct data_dir *dir, struct status *e) MUST_CHECK;

#endif
