#include "server/command/runtime.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/log.h"
#include "common/schema.h"
#include "common/wipe.h"
#include "server/base/privilege.h"
#include "server/base/supervisor.h"
#include "server/database/database.h"

/* --- Before anything runs */

static int
signal_fd(int first, int second)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, first);
    sigaddset(&set, second);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/** Signals become readable descriptors, for this thread and all that are made later. */
static int
take_signals(struct runtime *rt, struct status *e)
{
    signal(SIGPIPE, SIG_IGN);
    rt->stop_fd = signal_fd(SIGTERM, SIGINT);
    rt->reload_fd = signal_fd(SIGHUP, SIGHUP);
    rt->child_fd = getpid() == 1 ? signal_fd(SIGCHLD, SIGCHLD) : -1;
    if (rt->stop_fd < 0 || rt->reload_fd < 0)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "cannot wait for signals: %s",
                          strerror(errno));
    return 0;
}

static int
configure(struct runtime *rt, const struct runtime_options *o, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    config_default(&rt->config);
    data_dir_file(&rt->dir, "jiayid.conf", path);
    if (config_read(&rt->config, path, e) < 0)
        return -1;
    for (size_t i = 0; i < o->n_flags; i++)
        if (config_set(&rt->config, o->flags[i].key, o->flags[i].value, e) < 0)
            return -1;
    if (config_check(&rt->config, e) < 0)
        return -1;
    log_setup((enum log_level)log_level_by_name(rt->config.log_level), STDERR_FILENO);
    return 0;
}

/**
 * Finds the folder, gives up root, reads the configuration: in this order, as the folder is the
 * user's.
 */
static int
open_folder(struct runtime *rt, const struct runtime_options *o, struct status *e)
{
    if (privilege_resolve(o->user, &rt->user, e) < 0 || data_dir_find(&rt->dir, o->data, e) < 0 ||
        privilege_drop(&rt->user, e) < 0 || data_dir_enter(&rt->dir, &rt->user, e) < 0)
        return -1;
    if (data_dir_state(&rt->dir) != DATA_DIR_INITIALISED)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "%s is not initialised; run 'jiayid init --data %s' first", o->data,
                          o->data);
    return configure(rt, o, e);
}

int
runtime_open(struct runtime *rt, const struct runtime_options *o, struct status *e)
{
    *rt = (struct runtime){.dir = {.lock_fd = -1}, .pg = {.pidfd = -1}};
    (void)schema_embedded(); /* ends the program where it cannot be had: before anything runs */
    return take_signals(rt, e) < 0 ? -1 : open_folder(rt, o, e);
}

/* --- The database */

/** The environment's PGHOST, PGOPTIONS and so on are not meant for the private cluster. */
static void
forget_pg_environment(void)
{
    char name[64];
    for (char **p = environ; *p;) {
        size_t n = strcspn(*p, "=");
        if (strncmp(*p, "PG", 2) == 0 && n < sizeof name) {
            memcpy(name, *p, n);
            name[n] = 0;
            unsetenv(name);
        } else
            p++;
    }
}

int
runtime_find_database(struct runtime *rt, struct status *e)
{
    const char *named = rt->config.database;
    const char *app = rt->config.database_app, *login = rt->config.database_login;
    const char *job = rt->config.database_job;
    const struct data_dir *dir = &rt->dir;
    rt->runs_cluster = !*named;
    if (!rt->runs_cluster)
        return database_conninfo(named, NULL, &rt->admin_conninfo, e) < 0 ||
                       database_conninfo(*app ? app : named, DATABASE_APP_ROLE, &rt->app_conninfo,
                                         e) < 0 ||
                       database_conninfo(*login ? login : named, DATABASE_LOGIN_ROLE,
                                         &rt->login_conninfo, e) < 0
                   ? -1
                   : database_conninfo(*job ? job : named, DATABASE_JOB_ROLE, &rt->job_conninfo, e);
    forget_pg_environment();
    return local_pg_conninfo(dir, LOCAL_PG_SUPERUSER, &rt->admin_conninfo, e) < 0 ||
                   local_pg_conninfo(dir, DATABASE_APP_ROLE, &rt->app_conninfo, e) < 0 ||
                   local_pg_conninfo(dir, DATABASE_LOGIN_ROLE, &rt->login_conninfo, e) < 0
               ? -1
               : local_pg_conninfo(dir, DATABASE_JOB_ROLE, &rt->job_conninfo, e);
}

int
runtime_start_cluster(struct runtime *rt, struct status *e)
{
    if (!rt->runs_cluster)
        return 0;
    supervisor_starting("PostgreSQL recovers and starts");
    return local_pg_start(&rt->pg, &rt->dir, rt->stop_fd, e);
}

int
runtime_close(struct runtime *rt, int rc, struct status *e)
{
    struct status why;
    if (rt->runs_cluster && rt->pg.dir && local_pg_stop(&rt->pg, &why) < 0 && rc == 0) {
        *e = why;
        rc = -1;
    }
    wipe_free(rt->admin_conninfo);
    wipe_free(rt->app_conninfo);
    wipe_free(rt->login_conninfo);
    wipe_free(rt->job_conninfo);
    config_wipe(&rt->config);
    data_dir_unlock(&rt->dir);
    return rc;
}

/* --- Visiting */

int
runtime_visit(const struct runtime_options *o, const char *doing,
              int (*work)(const struct runtime *rt, void *arg, struct status *e), void *arg,
              struct status *e)
{
    struct runtime rt;
    bool busy = false;
    if (runtime_open(&rt, o, e) < 0)
        return -1;
    if (runtime_find_database(&rt, e) < 0)
        return runtime_close(&rt, -1, e);
    /* Where a server runs, its cluster runs. */
    int rc = data_dir_lock(&rt.dir, doing, &busy, e);
    if (rc == 0)
        rc = runtime_start_cluster(&rt, e);
    else if (busy)
        rc = 0;
    if (rc == 0)
        rc = work(&rt, arg, e);
    return runtime_close(&rt, rc, e);
}
