#include "server/cluster/local_pg.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/file.h"
#include "common/wipe.h"
#include "server/cluster/pg_family.h"
#include "server/cluster/pg_program.h"
#include "server/database/database.h"

/** The longest file of access rules, in bytes. */
#define CONF_LIMIT_BYTES 1048576

#define PORT        "5432"
#define SOCKET_NAME "/run/.s.PGSQL." PORT

/** How long a postmaster may take to heed a signal when it has just begun. */
#define BEGIN_MS 5000

/** The version that a new cluster gets where it is there. */
#define PREFERRED_VERSION 15

/** A setting of the cluster. */
struct pg_setting {
    const char *name;
    const char *value;
};

/** What an operator may change: written to DIR/pg/postgresql.conf by init. */
static const struct pg_setting tunable[] = {
    {"shared_buffers", "256MB"},
    {"max_connections", "120"},
    {"random_page_cost", "1.1"},
    {"effective_io_concurrency", "100"},
    {"max_wal_size", "2GB"},
    {"checkpoint_timeout", "15min"},
    {"wal_compression", "on"},
    {"jit", "off"},
    {"client_connection_check_interval", "1s"},
    {"idle_in_transaction_session_timeout", "60s"},
    {"log_rotation_age", "1d"},
};

/**
 * What the server relies on: given on the command line at every start, so that no file undoes it.
 */
static const struct pg_setting fixed[] = {
    {"listen_addresses", ""},
    {"port", PORT},
    {"unix_socket_permissions", "0700"},
    {"fsync", "on"},
    {"full_page_writes", "on"},
    {"logging_collector", "on"},
    {"log_destination", "stderr"},
    {"log_filename", "postgresql-%a.log"},
    {"log_truncate_on_rotation", "on"},
    /* Calls that are refused are no errors of the database; their rows might hold secrets. */
    {"log_min_messages", "log"},
    {"log_min_error_statement", "panic"},
    {"log_statement", "none"},
    {"timezone", "UTC"},
    {"log_timezone", "UTC"},
};

/** All are the server's user; which role it is depends on the connection. */
static const char hba[] =
    "# Made by jiayid init. The server's own user alone, over the socket alone.\n"
    "local all " LOCAL_PG_SUPERUSER " peer map=jiayid\n"
    "local " LOCAL_PG_DATABASE " " DATABASE_APP_ROLE " peer map=jiayid\n";

/** What is needed of PostgreSQL to run one. */
static const char *const programs[] = {"initdb", "postgres", NULL};

/* --- Paths and programs */

/** The path of a Unix socket has room for this many bytes without the NUL. */
static int
check_path(const struct data_dir *dir, struct status *e)
{
    size_t limit = sizeof((struct sockaddr_un *)NULL)->sun_path - 1 - strlen(SOCKET_NAME);
    if (strlen(dir->path) > limit)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the data folder's path has %zu bytes, but a Unix socket in it allows at "
                          "most %zu; choose a shorter one: %s",
                          strlen(dir->path), limit, dir->path);
    if (strpbrk(dir->path, ",\"\n"))
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          "the data folder's path must hold no comma, quote or line end: %s",
                          dir->path);
    return 0;
}

/** The version that made the cluster; 0 when there is none. */
static int
cluster_version(const struct data_dir *dir)
{
    char path[DATA_DIR_FILE_BYTES];
    char text[16] = "";
    data_dir_file(dir, "pg/PG_VERSION", path);
    FILE *in = fopen(path, "re");
    if (!in)
        return 0;
    bool fine = fgets(text, sizeof text, in) != NULL;
    fclose(in);
    return fine ? (int)strtol(text, NULL, 10) : 0;
}

/** What leads to a database of the cluster, malloced; NULL with @e set. */
static char *
base_conninfo(const struct data_dir *dir, const char *user, const char *database, struct status *e)
{
    char *text = NULL;
    char folder[2 * DATA_DIR_FILE_BYTES];
    size_t n = 0;
    for (const char *p = dir->path; *p; p++) {
        if (*p == '\'' || *p == '\\')
            folder[n++] = '\\';
        folder[n++] = *p;
    }
    folder[n] = 0;
    if (asprintf(&text, "host='%s/run' port=" PORT " user=%s dbname=%s connect_timeout=5", folder,
                 user, database) >= 0)
        return text;
    status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    return NULL;
}

int
local_pg_conninfo(const struct data_dir *dir, const char *user, char **ret, struct status *e)
{
    char *base = base_conninfo(dir, user, LOCAL_PG_DATABASE, e);
    int rc = base ? database_conninfo(base, NULL, ret, e) : -1;
    free(base);
    return rc;
}

/* --- Child processes */

/** Starts a program of the cluster with its output in the file @output. */
static pid_t
spawn_program(const char *const *argv, const char *output, int death_signal, struct status *e)
{
    int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        status_set(e, STATUS_FAILED_PRECONDITION, "cannot write %s: %s", output, strerror(errno));
        return -1;
    }
    const struct pg_program_launch launch = {.argv = argv,
                                             .input_fd = -1,
                                             .output_fd = -1,
                                             .error_fd = fd,
                                             .kept_fd = -1,
                                             .death_signal = death_signal};
    pid_t pid = pg_program_start(&launch, e);
    close(fd);
    return pid;
}

/* --- What an earlier server left */

int
local_pg_clear_family(const struct data_dir *dir, struct status *e)
{
    char cluster[DATA_DIR_FILE_BYTES];
    data_dir_file(dir, "pg", cluster);
    return pg_family_end(cluster, e);
}

/**
 * A number in these files may by now be that of another process, which would keep the cluster
 * from starting.
 */
static void
remove_stale_locks(const struct data_dir *dir)
{
    static const char *const names[] = {"pg/postmaster.pid", "run/.s.PGSQL." PORT ".lock"};
    char path[DATA_DIR_FILE_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        data_dir_file(dir, names[i], path);
        unlink(path);
    }
}

/* --- Making it */

static int
make_folder(const struct data_dir *dir, const char *name, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    data_dir_file(dir, name, path);
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot make %s: %s", path,
                          strerror(errno));
    return 0;
}

static int
run_initdb(const struct data_dir *dir, const char *bindir, struct status *e)
{
    char program[PG_PROGRAM_BYTES];
    char cluster[DATA_DIR_FILE_BYTES];
    char output[DATA_DIR_FILE_BYTES];
    char reason[PG_PROGRAM_REASON_BYTES];
    snprintf(program, sizeof program, "%s/initdb", bindir);
    data_dir_file(dir, "pg", cluster);
    data_dir_file(dir, "log/initdb.log", output);
    const char *const argv[] = {program,
                                "--pgdata",
                                cluster,
                                "--username",
                                LOCAL_PG_SUPERUSER,
                                "--encoding=UTF8",
                                "--locale=C.UTF-8",
                                "--data-checksums",
                                "--auth-local=peer",
                                "--auth-host=reject",
                                "--no-instructions",
                                NULL};
    pid_t pid = spawn_program(argv, output, SIGKILL, e);
    if (pid < 0)
        return -1;
    if (pg_program_wait(pid) == 0)
        return 0;
    pg_program_reason(output, reason);
    return status_set(e, STATUS_FAILED_PRECONDITION, "initdb failed: %s", reason);
}

/** Writes a text of the cluster's configuration; @flags as in file_store(). */
static int
write_conf(const struct data_dir *dir, const char *name, int flags, const char *text,
           struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    data_dir_file(dir, name, path);
    return file_store(path, flags, 0600, text, strlen(text), e);
}

static int
write_settings(const struct data_dir *dir, struct status *e)
{
    char text[2048] =
        "\n# Set by jiayid init; change what you like. What the server relies on (sockets, "
        "logs, fsync) it sets itself at every start.\n";
    size_t n = strlen(text);
    for (size_t i = 0; i < sizeof tunable / sizeof *tunable; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s = '%s'\n", tunable[i].name,
                              tunable[i].value);
    return write_conf(dir, "pg/postgresql.conf", O_APPEND, text, e);
}

/** The server's user may be the superuser, to migrate, and the app role, to run calls. */
static int
write_access(const struct data_dir *dir, struct status *e)
{
    const struct passwd *self = getpwuid(geteuid());
    char text[512];
    if (!self)
        return status_set(e, STATUS_NOT_FOUND, "the user %u has no name; PostgreSQL needs one",
                          (unsigned)geteuid());
    snprintf(text, sizeof text, "# Made by jiayid init.\njiayid \"%s\" %s\njiayid \"%s\" %s\n",
             self->pw_name, LOCAL_PG_SUPERUSER, self->pw_name, DATABASE_APP_ROLE);
    if (write_conf(dir, "pg/pg_ident.conf", O_TRUNC, text, e) < 0)
        return -1;
    return write_conf(dir, "pg/pg_hba.conf", O_TRUNC, hba, e);
}

/** Adds a line to a file of the configuration that lacks it. */
static int
need_line(const struct data_dir *dir, const char *name, const char *line, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    struct stat st;
    data_dir_file(dir, name, path);
    char *text = file_load_regular(path, CONF_LIMIT_BYTES, &st, e);
    if (!text)
        return -1;
    bool is_there = strstr(text, line) != NULL;
    wipe_free(text);
    return is_there ? 0 : write_conf(dir, name, O_APPEND, line, e);
}

int
local_pg_admit_role(const struct data_dir *dir, const char *role, struct status *e)
{
    const struct passwd *self = getpwuid(geteuid());
    char line[256];
    if (!self)
        return status_set(e, STATUS_NOT_FOUND, "the user %u has no name; PostgreSQL needs one",
                          (unsigned)geteuid());
    snprintf(line, sizeof line, "jiayid \"%s\" %s\n", self->pw_name, role);
    if (need_line(dir, "pg/pg_ident.conf", line, e) < 0)
        return -1;
    snprintf(line, sizeof line, "local " LOCAL_PG_DATABASE " %s peer map=jiayid\n", role);
    return need_line(dir, "pg/pg_hba.conf", line, e);
}

int
local_pg_make(const struct data_dir *dir, struct status *e)
{
    char bindir[PG_PROGRAM_FOLDER_BYTES];
    if (check_path(dir, e) < 0 || pg_program_find(PREFERRED_VERSION, programs, bindir, e) < 0 ||
        make_folder(dir, "run", e) < 0 || make_folder(dir, "log", e) < 0 ||
        run_initdb(dir, bindir, e) < 0 || write_settings(dir, e) < 0)
        return -1;
    return write_access(dir, e);
}

/* --- Running it */

/** Room for the postmaster's arguments: program, -D DIR, and -c for each setting. */
#define ARGUMENTS (8 + 2 * (sizeof fixed / sizeof *fixed + 2))

static pid_t
spawn_postmaster(const struct data_dir *dir, const char *output, struct status *e)
{
    char bindir[PG_PROGRAM_FOLDER_BYTES];
    char program[PG_PROGRAM_BYTES];
    char cluster[DATA_DIR_FILE_BYTES];
    char texts[sizeof fixed / sizeof *fixed + 2][DATA_DIR_FILE_BYTES + 64];
    const char *argv[ARGUMENTS];
    size_t n = 0;
    size_t t = 0;
    if (pg_program_find(cluster_version(dir), programs, bindir, e) < 0)
        return -1;
    snprintf(program, sizeof program, "%s/postgres", bindir);
    data_dir_file(dir, "pg", cluster);
    argv[n++] = program;
    argv[n++] = "-D";
    argv[n++] = cluster;
    for (; t < sizeof fixed / sizeof *fixed; t++)
        snprintf(texts[t], sizeof texts[t], "%s=%s", fixed[t].name, fixed[t].value);
    /* Quoted: a list of folders. */
    snprintf(texts[t++], sizeof texts[0], "unix_socket_directories=\"%s/run\"", dir->path);
    snprintf(texts[t++], sizeof texts[0], "log_directory=%s/log", dir->path);
    for (size_t i = 0; i < t; i++) {
        argv[n++] = "-c";
        argv[n++] = texts[i];
    }
    argv[n] = NULL;
    return spawn_program(argv, output, SIGINT, e);
}

void
local_pg_reap(struct local_pg *pg, char how[80])
{
    pg_program_describe_end(pg_program_wait(pg->pid), how);
    close(pg->pidfd);
    pg->pidfd = -1;
    pg->pid = 0;
}

/** Waits until connections are accepted; the postmaster may recover for minutes after a crash. */
static int
await_ready(struct local_pg *pg, const char *conninfo, const char *output, int stop_fd,
            struct status *e)
{
    struct pollfd fds[] = {{.fd = pg->pidfd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
    char reason[PG_PROGRAM_REASON_BYTES];
    char how[80];
    int wait_ms = 10;
    while (PQping(conninfo) != PQPING_OK) {
        poll(fds, 2, wait_ms);
        if (fds[0].revents) {
            local_pg_reap(pg, how);
            pg_program_reason(output, reason);
            return status_set(e, STATUS_UNAVAILABLE,
                              "PostgreSQL did not start (%s): %s; its logs are in %s/log", how,
                              reason, pg->dir->path);
        }
        if (fds[1].revents)
            return status_set(e, STATUS_CANCELLED, "stopped while PostgreSQL was starting");
        wait_ms = wait_ms < 200 ? wait_ms * 2 : 200;
    }
    return 0;
}

static int
start_and_wait(struct local_pg *pg, int stop_fd, struct status *e)
{
    char output[DATA_DIR_FILE_BYTES];
    struct status ignored;
    data_dir_file(pg->dir, "log/postgresql-start.log", output);
    char *conninfo = base_conninfo(pg->dir, LOCAL_PG_SUPERUSER, "postgres", e);
    if (!conninfo)
        return -1;
    pg->pid = spawn_postmaster(pg->dir, output, e);
    int rc = pg->pid < 0 ? -1 : 0;
    if (rc == 0 && (pg->pidfd = pidfd_open(pg->pid, 0)) < 0)
        rc = status_set(e, STATUS_INTERNAL, "cannot watch PostgreSQL: %s", strerror(errno));
    if (rc == 0)
        rc = await_ready(pg, conninfo, output, stop_fd, e);
    free(conninfo);
    if (rc < 0 && pg->pid > 0)
        local_pg_stop(pg, &ignored);
    if (rc < 0)
        pg->pid = 0;
    return rc;
}

/** Ends what there is of the cluster, and starts it. */
static int
take_over(struct local_pg *pg, int stop_fd, struct status *e)
{
    if (local_pg_clear_family(pg->dir, e) < 0)
        return -1;
    remove_stale_locks(pg->dir);
    return start_and_wait(pg, stop_fd, e);
}

int
local_pg_start(struct local_pg *pg, const struct data_dir *dir, int stop_fd, struct status *e)
{
    char cluster[DATA_DIR_FILE_BYTES];
    *pg = (struct local_pg){.dir = dir, .pid = 0, .pidfd = -1};
    if (cluster_version(dir) == 0)
        return status_set(e, STATUS_NOT_FOUND,
                          "there is no cluster in %s/pg; name a database in %s/jiayid.conf or with "
                          "--database",
                          dir->path, dir->path);
    if (check_path(dir, e) < 0 || make_folder(dir, "run", e) < 0 ||
        make_folder(dir, "log", e) < 0 || local_pg_admit_role(dir, DATABASE_LOGIN_ROLE, e) < 0 ||
        local_pg_admit_role(dir, DATABASE_JOB_ROLE, e) < 0)
        return -1;
    int rc = take_over(pg, stop_fd, e);
    data_dir_file(dir, "pg", cluster);
    /* A postmaster that had not entered its folder when we looked is seen now. */
    if (rc < 0 && e->code != STATUS_CANCELLED && pg_family_is_there(cluster))
        rc = take_over(pg, stop_fd, e);
    return rc;
}

static bool
has_ended(const struct local_pg *pg, int wait_ms)
{
    struct pollfd fd = {.fd = pg->pidfd, .events = POLLIN};
    return poll(&fd, 1, wait_ms) == 1;
}

int
local_pg_stop(struct local_pg *pg, struct status *e)
{
    char how[80];
    /* A postmaster that has just begun is not seen as one of the family yet. */
    if (pg->pid > 0)
        kill(pg->pid, SIGINT);
    int rc = local_pg_clear_family(pg->dir, e);
    if (pg->pidfd < 0)
        return rc;
    if (!has_ended(pg, BEGIN_MS))
        rc = local_pg_clear_family(pg->dir, e);
    if (!has_ended(pg, 0))
        kill(pg->pid, SIGKILL);
    local_pg_reap(pg, how);
    return rc;
}

/* --- What is in it */

static int
run_as_superuser(const struct data_dir *dir, const char *database, const char *const *statements,
                 const char *what, struct status *e)
{
    int rc = 0;
    char *conninfo = base_conninfo(dir, LOCAL_PG_SUPERUSER, database, e);
    if (!conninfo)
        return -1;
    PGconn *conn = database_connect(conninfo, e);
    free(conninfo);
    if (!conn)
        return -1;
    for (; rc == 0 && *statements; statements++)
        rc = database_run(conn, *statements, what, e);
    PQfinish(conn);
    return rc;
}

int
local_pg_create_database(const struct data_dir *dir, struct status *e)
{
    static const char *const statements[] = {
        "CREATE DATABASE " LOCAL_PG_DATABASE,
        "REVOKE ALL ON DATABASE " LOCAL_PG_DATABASE " FROM PUBLIC",
        NULL,
    };
    return run_as_superuser(dir, "postgres", statements, "make the database", e);
}

int
local_pg_admit_app(const struct data_dir *dir, struct status *e)
{
    static const char *const statements[] = {
        "ALTER ROLE " DATABASE_APP_ROLE " LOGIN",
        "ALTER ROLE " DATABASE_LOGIN_ROLE " LOGIN",
        "ALTER ROLE " DATABASE_JOB_ROLE " LOGIN",
        "GRANT CONNECT ON DATABASE " LOCAL_PG_DATABASE " TO " DATABASE_APP_ROLE
        ", " DATABASE_LOGIN_ROLE ", " DATABASE_JOB_ROLE,
        DATABASE_SQL_HARDEN,
        NULL,
    };
    return run_as_superuser(dir, LOCAL_PG_DATABASE, statements, "admit the server's role", e);
}

int
local_pg_reset_access(const struct data_dir *dir, struct status *e)
{
    if (write_access(dir, e) < 0 || local_pg_admit_role(dir, DATABASE_LOGIN_ROLE, e) < 0)
        return -1;
    return local_pg_admit_role(dir, DATABASE_JOB_ROLE, e);
}
