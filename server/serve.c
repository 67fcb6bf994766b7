#include "server/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/schema.h"
#include "server/data_dir.h"
#include "server/database.h"
#include "server/local_pg.h"
#include "server/migrate.h"
#include "server/privilege.h"
#include "server/server.h"
#include "server/supervisor.h"

/**
 * How long to wait before a cluster that died is started again: doubled each time, between these.
 */
#define RESTART_MIN_MS 200
#define RESTART_MAX_MS 30000
/** After this long without a death the wait is the shortest again. */
#define RESTART_CALM_MS 60000

/** Everything that serve and check hold. */
struct runtime {
    struct privilege_user user;
    struct data_dir dir;
    struct config config;
    /** True when the cluster is ours to run. */
    bool runs_cluster;
    struct local_pg pg;
    char *admin_conninfo;
    char *app_conninfo;
    /** Readable at SIGTERM and SIGINT, and at SIGHUP. */
    int stop_fd;
    int reload_fd;
    /** Readable when a child ended; -1 where the system collects what others leave. */
    int child_fd;
    /** The restarts of the cluster. */
    int restart_wait_ms;
    int64_t started_ms;
    /** When to start it again; 0 while it runs. */
    int64_t restart_at_ms;
};

static int64_t
now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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
configure(struct runtime *rt, const struct serve_options *o, struct status *e)
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
open_folder(struct runtime *rt, const struct serve_options *o, struct status *e)
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

/** Each connection takes a descriptor; the soft limit is meant for programs that use select(). */
static void
raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

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

/* --- The database */

static int
local_conninfo(struct runtime *rt, const char *user, char **ret, struct status *e)
{
    char *base = local_pg_conninfo(&rt->dir, user, LOCAL_PG_DATABASE);
    if (!base)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    int rc = database_conninfo(base, false, ret, e);
    free(base);
    return rc;
}

static int
make_conninfos(struct runtime *rt, struct status *e)
{
    rt->runs_cluster = !*rt->config.database;
    if (!rt->runs_cluster)
        return database_conninfo(rt->config.database, false, &rt->admin_conninfo, e) < 0
                   ? -1
                   : database_conninfo(rt->config.database, true, &rt->app_conninfo, e);
    forget_pg_environment();
    return local_conninfo(rt, LOCAL_PG_SUPERUSER, &rt->admin_conninfo, e) < 0
               ? -1
               : local_conninfo(rt, DATABASE_APP_ROLE, &rt->app_conninfo, e);
}

static int
start_cluster(struct runtime *rt, struct status *e)
{
    if (!rt->runs_cluster)
        return 0;
    rt->started_ms = now_ms();
    supervisor_starting("PostgreSQL recovers and starts");
    return local_pg_start(&rt->pg, &rt->dir, rt->stop_fd, e);
}

static int
migrate(struct runtime *rt, struct status *e)
{
    struct migrate_result result;
    if (migrate_run(rt->admin_conninfo, embed_migrations, embed_definitions, &result, e) < 0)
        return -1;
    log_event(LOG_INFO, "migrated", log_number("from", result.from_version),
              log_number("to", result.to_version), log_number("definitions", result.definitions));
    return 0;
}

/**
 * Ends the cluster and frees everything. A failure here counts only where there was none before.
 */
static int
close_runtime(struct runtime *rt, int rc, struct status *e)
{
    struct status why;
    if (rt->runs_cluster && rt->pg.dir && local_pg_stop(&rt->pg, &why) < 0 && rc == 0) {
        *e = why;
        rc = -1;
    }
    database_wipe(rt->admin_conninfo);
    database_wipe(rt->app_conninfo);
    config_wipe(&rt->config);
    data_dir_unlock(&rt->dir);
    return rc;
}

/* --- Serving */

/** Says when the cluster is started next; returns how long that is from now. */
static int
schedule_restart(struct runtime *rt)
{
    int wait = rt->restart_wait_ms;
    rt->restart_at_ms = now_ms() + wait;
    rt->restart_wait_ms = 2 * wait < RESTART_MAX_MS ? 2 * wait : RESTART_MAX_MS;
    return wait;
}

static void
note_death(struct runtime *rt)
{
    char how[80];
    local_pg_reap(&rt->pg, how);
    if (now_ms() - rt->started_ms > RESTART_CALM_MS)
        rt->restart_wait_ms = RESTART_MIN_MS;
    log_event(LOG_ERROR, "cluster_ended", log_text("how", how),
              log_number("restart_in_ms", schedule_restart(rt)));
}

static void
restart_cluster(struct runtime *rt)
{
    struct status why;
    if (start_cluster(rt, &why) == 0) {
        rt->restart_at_ms = 0;
        log_event(LOG_INFO, "cluster_restarted");
        return;
    }
    log_event(LOG_ERROR, "cluster_restart", log_text("message", why.message),
              log_number("again_in_ms", schedule_restart(rt)));
}

static void
reload(struct runtime *rt, struct server *server)
{
    struct signalfd_siginfo info;
    struct status why;
    while (read(rt->reload_fd, &info, sizeof info) > 0)
        continue;
    supervisor_reloading();
    if (server_reload_tls(server, &why) < 0)
        log_event(LOG_ERROR, "reload", log_text("message", why.message),
                  log_text("detail", why.detail));
    else
        log_event(LOG_INFO, "reload");
    supervisor_ready(server_url(server));
}

/** Collects dead children, but not the postmaster, nor who is only seen when that one is collected: see note_death(). */
static void
collect_orphans(const struct runtime *rt)
{
    struct signalfd_siginfo info;
    siginfo_t child;
    while (read(rt->child_fd, &info, sizeof info) > 0)
        continue;
    for (;;) {
        child.si_pid = 0;
        if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) < 0 || child.si_pid == 0 ||
            child.si_pid == rt->pg.pid)
            return;
        waitid(P_PID, (id_t)child.si_pid, &child, WEXITED | WNOHANG);
    }
}

/** Throws away what came so far, so that the next SIGTERM is seen as one. */
static void
forget_stop(const struct runtime *rt)
{
    struct signalfd_siginfo info;
    while (read(rt->stop_fd, &info, sizeof info) > 0)
        continue;
}

static int
wait_ms(const struct runtime *rt)
{
    if (!rt->restart_at_ms)
        return -1;
    int64_t rest = rt->restart_at_ms - now_ms();
    return rest > 0 ? (int)rest : 0;
}

/** Until SIGTERM or SIGINT: sees to the cluster and to SIGHUP. */
static void
watch(struct runtime *rt, struct server *server)
{
    for (;;) {
        struct pollfd fds[] = {
            {.fd = rt->stop_fd, .events = POLLIN},
            {.fd = rt->reload_fd, .events = POLLIN},
            {.fd = rt->runs_cluster ? rt->pg.pidfd : -1, .events = POLLIN},
            {.fd = rt->child_fd, .events = POLLIN},
        };
        if (poll(fds, 4, wait_ms(rt)) < 0)
            continue;
        if (fds[0].revents)
            return;
        if (fds[1].revents)
            reload(rt, server);
        if (fds[2].revents)
            note_death(rt);
        /* The orphans that a process with id 1 inherits are nobody else's to collect; also those behind the postmaster. */
        if (rt->child_fd >= 0 && (fds[3].revents || fds[2].revents))
            collect_orphans(rt);
        if (rt->restart_at_ms && wait_ms(rt) == 0)
            restart_cluster(rt);
    }
}

static int
listen_and_watch(struct runtime *rt, struct status *e)
{
    char certificate[DATA_DIR_FILE_BYTES];
    char key[DATA_DIR_FILE_BYTES];
    struct server *server = NULL;
    data_dir_file(&rt->dir, "tls/server.pem", certificate);
    data_dir_file(&rt->dir, "tls/server.key", key);
    const struct server_options options = {
        .config = &rt->config,
        .app_conninfo = rt->app_conninfo,
        .admin_conninfo = rt->admin_conninfo,
        .cert_pem_path = certificate,
        .key_pem_path = key,
        .data_path = rt->dir.path,
    };
    if (server_start(&options, &server, e) < 0)
        return -1;
    log_event(LOG_INFO, "listening", log_text("url", server_url(server)));
    if (server_monitor_port(server))
        log_event(LOG_INFO, "monitoring", log_text("address", rt->config.monitor_listen),
                  log_number("port", server_monitor_port(server)));
    printf("listening on %s\n", server_url(server));
    fflush(stdout);
    supervisor_ready(server_url(server));
    watch(rt, server);
    forget_stop(rt);
    supervisor_stopping(rt->config.drain_timeout_s);
    log_event(LOG_INFO, "draining", log_number("timeout_s", rt->config.drain_timeout_s));
    server_drain(server, rt->config.drain_timeout_s, rt->stop_fd);
    return 0;
}

int
serve_run(const struct serve_options *o, struct status *e)
{
    struct runtime rt = {.dir = {.lock_fd = -1},
                         .pg = {.pidfd = -1},
                         .restart_wait_ms = RESTART_MIN_MS};
    (void)schema_embedded(); /* ends the program where it cannot be had: before anything runs */
    if (take_signals(&rt, e) < 0 || open_folder(&rt, o, e) < 0 ||
        data_dir_lock(&rt.dir, "served", NULL, e) < 0)
        return -1;
    raise_descriptor_limit();
    log_event(LOG_INFO, "start", log_text("version", JIAYI_VERSION), log_text("data", rt.dir.path),
              log_text("user", rt.user.name), log_number("pid", getpid()));
    int rc = make_conninfos(&rt, e);
    if (rc == 0)
        rc = start_cluster(&rt, e);
    if (rc == 0) {
        supervisor_starting("migrating the database");
        rc = migrate(&rt, e);
    }
    if (rc == 0)
        rc = listen_and_watch(&rt, e);
    rc = close_runtime(&rt, rc, e);
    if (rc == 0)
        log_event(LOG_INFO, "stop");
    return rc;
}

/* --- Visiting */

int
serve_visit(const struct serve_options *o, const char *doing,
            int (*work)(const struct serve_visit *visit, void *arg, struct status *e), void *arg,
            struct status *e)
{
    struct runtime rt = {.dir = {.lock_fd = -1}, .pg = {.pidfd = -1}};
    bool busy = false;
    (void)schema_embedded();
    if (take_signals(&rt, e) < 0 || open_folder(&rt, o, e) < 0)
        return -1;
    if (make_conninfos(&rt, e) < 0)
        return close_runtime(&rt, -1, e);
    /* Where a server runs, its cluster runs. */
    int rc = data_dir_lock(&rt.dir, doing, &busy, e);
    if (rc == 0)
        rc = start_cluster(&rt, e);
    else if (busy)
        rc = 0;
    if (rc == 0) {
        const struct serve_visit visit = {.dir = &rt.dir,
                                          .config = &rt.config,
                                          .admin_conninfo = rt.admin_conninfo,
                                          .app_conninfo = rt.app_conninfo,
                                          .stop_fd = rt.stop_fd};
        rc = work(&visit, arg, e);
    }
    return close_runtime(&rt, rc, e);
}

static int
check_methods(const struct serve_visit *visit, void *print_method, struct status *e)
{
    struct migrate_result result;
    if (migrate_verify(visit->admin_conninfo, embed_migrations, embed_definitions, &result, e) < 0)
        return -1;
    return server_check(visit->app_conninfo, print_method, stdout, e);
}

int
serve_check(const struct serve_options *o, struct status *e)
{
    return serve_visit(o, "checked", check_methods, (void *)o->print_method, e);
}
