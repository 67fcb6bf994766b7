#include "server/command/serve.h"

#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/base/supervisor.h"
#include "server/command/server_keys.h"
#include "server/database/migrate.h"
#include "server/server.h"

/**
 * How long to wait before a cluster that died is started again: doubled each time, between these.
 */
#define RESTART_MIN_MS 200
#define RESTART_MAX_MS 30000
/** After this long without a death the wait is the shortest again. */
#define RESTART_CALM_MS 60000

/** A data folder that is served. */
struct service {
    struct runtime rt;
    struct server *server;
    struct keyring keys;
    /** When the cluster was started last, and how long to wait before it is started again. */
    int64_t started_ms;
    int restart_wait_ms;
    /** When to start it again; 0 while it runs. */
    int64_t restart_at_ms;
};

/* --- Before calls are taken */

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

static int
migrate_database(const struct runtime *rt, struct status *e)
{
    struct migrate_result result;
    if (migrate_run(rt->admin_conninfo, embed_migrations, embed_definitions, &result, e) < 0)
        return -1;
    log_event(LOG_INFO, "migrated", log_number("from", result.from_version),
              log_number("to", result.to_version), log_number("definitions", result.definitions));
    return 0;
}

static int
start_cluster(struct service *s, struct status *e)
{
    s->started_ms = clock_now_ms();
    return runtime_start_cluster(&s->rt, e);
}

static int
start_database(struct service *s, struct status *e)
{
    if (runtime_find_database(&s->rt, e) < 0 || start_cluster(s, e) < 0)
        return -1;
    supervisor_starting("migrating the database");
    if (migrate_database(&s->rt, e) < 0)
        return -1;
    return s->rt.runs_cluster ? local_pg_admit_app(&s->rt.dir, e) : 0;
}

static int
start_server(struct service *s, struct status *e)
{
    if (server_keys_open(&s->rt, &s->keys, e) < 0)
        return -1;
    char certificate[DATA_DIR_FILE_BYTES];
    char key[DATA_DIR_FILE_BYTES];
    data_dir_file(&s->rt.dir, "tls/server.pem", certificate);
    data_dir_file(&s->rt.dir, "tls/server.key", key);
    const struct server_options options = {
        .config = &s->rt.config,
        .app_conninfo = s->rt.app_conninfo,
        .login_conninfo = s->rt.login_conninfo,
        .job_conninfo = s->rt.job_conninfo,
        .admin_conninfo = s->rt.admin_conninfo,
        .cert_pem_path = certificate,
        .key_pem_path = key,
        .data_path = s->rt.dir.path,
        .keys = &s->keys,
    };
    return server_start(&options, &s->server, e);
}

/* --- Serving */

/** Says when the cluster is started next; returns how long that is from now. */
static int
schedule_restart(struct service *s)
{
    int wait = s->restart_wait_ms;
    s->restart_at_ms = clock_now_ms() + wait;
    s->restart_wait_ms = 2 * wait < RESTART_MAX_MS ? 2 * wait : RESTART_MAX_MS;
    return wait;
}

static void
note_death(struct service *s)
{
    char how[80];
    local_pg_reap(&s->rt.pg, how);
    if (clock_now_ms() - s->started_ms > RESTART_CALM_MS)
        s->restart_wait_ms = RESTART_MIN_MS;
    log_event(LOG_ERROR, "cluster_ended", log_text("how", how),
              log_number("restart_in_ms", schedule_restart(s)));
}

static void
restart_cluster(struct service *s)
{
    struct status why;
    if (start_cluster(s, &why) == 0) {
        s->restart_at_ms = 0;
        log_event(LOG_INFO, "cluster_restarted");
        return;
    }
    log_event(LOG_ERROR, "cluster_restart", log_text("message", why.message),
              log_number("again_in_ms", schedule_restart(s)));
}

static void
forget_signals(int fd)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) > 0)
        continue;
}

static void
reload_certificate(const struct service *s)
{
    struct status why;
    forget_signals(s->rt.reload_fd);
    supervisor_reloading();
    if (server_reload_tls(s->server, &why) < 0)
        log_event(LOG_ERROR, "reload", log_text("message", why.message),
                  log_text("detail", why.detail));
    else
        log_event(LOG_INFO, "reload");
    supervisor_ready(server_url(s->server));
}

/**
 * Collects dead children, but not the postmaster, nor who is only seen when that one is collected:
 * see note_death().
 */
static void
collect_orphans(const struct runtime *rt)
{
    siginfo_t child;
    forget_signals(rt->child_fd);
    for (;;) {
        child.si_pid = 0;
        if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) < 0 || child.si_pid == 0 ||
            child.si_pid == rt->pg.pid)
            return;
        waitid(P_PID, (id_t)child.si_pid, &child, WEXITED | WNOHANG);
    }
}

/** How long it is until the cluster is started again; -1: it runs. */
static int
restart_in_ms(const struct service *s)
{
    if (!s->restart_at_ms)
        return -1;
    int64_t rest = s->restart_at_ms - clock_now_ms();
    return rest > 0 ? (int)rest : 0;
}

/** Until SIGTERM or SIGINT: sees to the cluster and to SIGHUP. */
static void
watch_until_stop(struct service *s)
{
    const struct runtime *rt = &s->rt;
    for (;;) {
        struct pollfd fds[] = {
            {.fd = rt->stop_fd, .events = POLLIN},
            {.fd = rt->reload_fd, .events = POLLIN},
            {.fd = rt->runs_cluster ? rt->pg.pidfd : -1, .events = POLLIN},
            {.fd = rt->child_fd, .events = POLLIN},
        };
        if (poll(fds, 4, restart_in_ms(s)) < 0)
            continue;
        if (fds[0].revents)
            return;
        if (fds[1].revents)
            reload_certificate(s);
        if (fds[2].revents)
            note_death(s);
        /* The orphans that a process with id 1 inherits are nobody else's to collect; also those
         * behind the postmaster. */
        if (rt->child_fd >= 0 && (fds[3].revents || fds[2].revents))
            collect_orphans(rt);
        if (s->restart_at_ms && restart_in_ms(s) == 0)
            restart_cluster(s);
    }
}

/** Says that calls are taken, to whoever waits for it. */
static void
announce(const struct service *s)
{
    const char *url = server_url(s->server);
    int port = server_monitor_port(s->server);
    log_event(LOG_INFO, "listening", log_text("url", url));
    if (port)
        log_event(LOG_INFO, "monitoring", log_text("address", s->rt.config.monitor_listen),
                  log_number("port", port));
    printf("listening on %s\n", url);
    fflush(stdout);
    supervisor_ready(url);
}

static void
drain_server(const struct service *s)
{
    int timeout_s = s->rt.config.drain_timeout_s;
    forget_signals(s->rt.stop_fd); /* so that the next SIGTERM is seen as one */
    supervisor_stopping(timeout_s);
    log_event(LOG_INFO, "draining", log_number("timeout_s", timeout_s));
    server_drain(s->server, timeout_s, s->rt.stop_fd);
}

int
serve_run(const struct runtime_options *o, struct status *e)
{
    struct service s = {.restart_wait_ms = RESTART_MIN_MS};
    struct runtime *rt = &s.rt;
    if (runtime_open(rt, o, e) < 0 || data_dir_lock(&rt->dir, "served", NULL, e) < 0)
        return -1;
    raise_descriptor_limit();
    log_event(LOG_INFO, "start", log_text("version", JIAYI_VERSION), log_text("data", rt->dir.path),
              log_text("user", rt->user.name), log_number("pid", getpid()));
    int rc = start_database(&s, e);
    if (rc == 0)
        rc = start_server(&s, e);
    if (rc == 0) {
        announce(&s);
        watch_until_stop(&s);
        drain_server(&s);
    }
    keyring_wipe(&s.keys);
    rc = runtime_close(rt, rc, e);
    if (rc == 0)
        log_event(LOG_INFO, "stop");
    return rc;
}
