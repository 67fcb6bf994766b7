#include "server/command/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/printed.h"
#include "common/wipe.h"
#include "server/backup/dump.h"
#include "server/backup/manifest.h"
#include "server/cluster/local_pg.h"
#include "server/command/new_dir.h"
#include "server/database/database.h"
#include "server/database/migrate.h"
#include "server/folder/config.h"
#include "server/method/boot_check.h"
#include "server/native/natives.h"

/** What the work needs. */
struct work {
    const char *file;
    int fd;
    const char *database;
    struct new_dir *new_dir;
    struct archive archive;
    struct manifest manifest;
    struct restore_report *report;
    char *admin_conninfo;
    /** Who runs what the file says: in a cluster of our own LOCAL_PG_RESTORER. */
    char *file_conninfo;
    char *app_conninfo;
    char *login_conninfo;
    /** The schema in the database is of our making. */
    bool made_schema;
};

/* --- The backup */

static int
newest_migration(void)
{
    int newest = 0;
    for (const struct embed *m = embed_migrations; m->name; m++)
        newest = (int)strtol(m->name, NULL, 10);
    return newest;
}

static int
check_schema(const struct work *w, struct status *e)
{
    int newest = newest_migration();
    if (w->manifest.schema <= newest)
        return 0;
    return status_set(e, STATUS_FAILED_PRECONDITION,
                      "%s has schema version %d, newer than this program (%d): it was made by "
                      "jiayid %s; install that or a newer one",
                      w->file, w->manifest.schema, newest, w->manifest.program);
}

static int
read_backup(struct work *w, struct status *e)
{
    if (archive_read(&w->archive, w->fd, w->file, e) < 0)
        return -1;
    const struct archive_member *member = archive_find(&w->archive, MANIFEST_NAME);
    if (!member)
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s is no backup of jiayid", w->file);
    char *text = archive_text(&w->archive, member, MANIFEST_LIMIT_BYTES, e);
    if (!text)
        return -1;
    int rc = manifest_parse(&w->manifest, text, &w->archive, e);
    free(text);
    if (rc < 0 || check_schema(w, e) < 0)
        return -1;
    struct restore_report *report = w->report;
    snprintf(report->made, sizeof report->made, "%s", w->manifest.made);
    report->tables = (int)w->manifest.inventory.n;
    report->rows = inventory_rows(&w->manifest.inventory);
    report->from_version = w->manifest.schema;
    return 0;
}

/**
 * A member as a malloced text that is what the manifest says, for wipe_free(); NULL with @e set.
 */
static char *
checked_text(const struct work *w, const struct archive_member *member, struct status *e)
{
    char found[SHA256_TEXT];
    const char *wanted = manifest_sha256(&w->manifest, member->name);
    char *text = archive_text(&w->archive, member, MANIFEST_FILE_BYTES, e);
    if (!text)
        return NULL;
    struct sha256 *digest = sha256_begin();
    if (!digest) {
        status_set(e, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        wipe_free(text);
        return NULL;
    }
    sha256_add(digest, text, (size_t)member->size);
    sha256_end(digest, found);
    if (wanted && strcmp(wanted, found) == 0)
        return text;
    status_set(e, STATUS_INVALID_ARGUMENT, "%s is damaged: the SHA-256 of %s in it is another",
               w->file, member->name);
    wipe_free(text);
    return NULL;
}

/* --- The database */

/** In what pg_restore makes, functions become jiayi_auth's, which may then make things there. */
static const char sql_before[] = "DROP SCHEMA jiayi CASCADE;"
                                 "ALTER DEFAULT PRIVILEGES GRANT CREATE ON SCHEMAS TO jiayi_auth";
static const char sql_after[] =
    "ALTER DEFAULT PRIVILEGES REVOKE CREATE ON SCHEMAS FROM jiayi_auth;"
    "BEGIN; SET LOCAL ROLE jiayi_owner; REVOKE CREATE ON SCHEMA jiayi FROM jiayi_auth; COMMIT";
static const char sql_look[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
static const char sql_as_owner[] = "SET LOCAL ROLE jiayi_owner";
static const char sql_there[] = "SELECT to_regnamespace('jiayi') IS NOT NULL, current_database()";

static int
check_target(const struct work *w, PGconn *conn, struct status *e)
{
    int major = PQserverVersion(conn) / 10000;
    if (major < w->manifest.postgresql)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "the backup comes from PostgreSQL %d, which PostgreSQL %d cannot read; "
                          "install postgresql-%d",
                          w->manifest.postgresql, major, w->manifest.postgresql);
    PGresult *row = database_query(conn, sql_there, 0, NULL, "look at the database", e);
    if (!row)
        return -1;
    int rc = 0;
    if (strcmp(PQgetvalue(row, 0, 0), "t") == 0)
        rc = status_set(e, STATUS_ALREADY_EXISTS,
                        "the database %s has a schema jiayi already; name an empty database, or "
                        "DROP SCHEMA jiayi CASCADE there first",
                        PQgetvalue(row, 0, 1));
    PQclear(row);
    return rc;
}

/**
 * The roles and their memberships are not in the dump, as they are no part of the schema: the
 * migrations make them. Their schema gives way to the dump's.
 */
static int
make_roles(struct work *w, struct status *e)
{
    struct migrate_result result;
    w->made_schema = true;
    if (migrate_run(w->admin_conninfo, embed_migrations, NULL, &result, e) < 0)
        return -1;
    return w->database ? 0 : local_pg_make_restorer(&w->new_dir->dir, e);
}

/** Holds every table against the manifest. */
static int
compare_tables(const struct work *w, PGconn *conn, struct status *e)
{
    struct inventory there = {0};
    struct status why;
    int rc = inventory_take(conn, w->new_dir->stop_fd, &there, e);
    if (rc == 0 && inventory_compare(&there, &w->manifest.inventory, &why) < 0)
        rc = status_set(e, STATUS_INTERNAL, "what was restored is not what was backed up: %s",
                        why.message);
    inventory_free(&there);
    return rc;
}

/** Looks at what is there now, in one transaction as somebody who sees every row. */
static int
look_at_tables(const struct work *w, PGconn *conn, struct status *e)
{
    const char *super = PQparameterStatus(conn, "is_superuser");
    if (database_run(conn, sql_look, "look at what was restored", e) < 0)
        return -1;
    if ((!super || strcmp(super, "on") != 0) &&
        database_run(conn, sql_as_owner, "act as the schema's owner", e) < 0)
        return -1;
    if (compare_tables(w, conn, e) < 0)
        return -1;
    return database_run(conn, "COMMIT", "look at what was restored", e);
}

static int
fill_schema(struct work *w, PGconn *conn, struct status *e)
{
    if (database_run(conn, sql_before, "make room for the backup", e) < 0 ||
        dump_restore(conn, &w->archive, manifest_sha256(&w->manifest, DUMP_NAME),
                     w->new_dir->stop_fd, e) < 0 ||
        database_run(conn, sql_after, "take back a right", e) < 0 || look_at_tables(w, conn, e) < 0)
        return -1;
    /* What the planner knows of the tables is not in a dump. */
    return w->new_dir->scratch ? 0 : database_run(conn, "ANALYZE", "look at the tables", e);
}

/** What was made in a database that is not ours to throw away. */
static void
drop_what_was_made(PGconn *conn)
{
    struct status ignored;
    if (PQtransactionStatus(conn) != PQTRANS_IDLE)
        (void)!database_run(conn, "ROLLBACK", "give up", &ignored);
    (void)!database_run(conn, "DROP SCHEMA IF EXISTS jiayi CASCADE", "clean up", &ignored);
    (void)!database_run(conn, "ALTER DEFAULT PRIVILEGES REVOKE CREATE ON SCHEMAS FROM jiayi_auth",
                        "clean up", &ignored);
}

static int
migrate_and_check(struct work *w, struct status *e)
{
    struct migrate_result result;
    if (migrate_run(w->file_conninfo, embed_migrations, embed_definitions, &result, e) < 0)
        return -1;
    w->report->to_version = result.to_version;
    if (!w->database && local_pg_admit_app(&w->new_dir->dir, e) < 0)
        return -1;
    if (new_dir_is_stopped(w->new_dir))
        return status_set(e, STATUS_CANCELLED, "interrupted");
    return boot_check(natives, w->app_conninfo, w->login_conninfo, NULL, NULL, e);
}

/** What the file says is run by who can do least, and so is all that may meet what it made. */
static int
restore_schema(struct work *w, struct status *e)
{
    PGconn *conn = database_connect(w->file_conninfo, e);
    if (!conn)
        return -1;
    int rc = fill_schema(w, conn, e);
    if (rc == 0)
        rc = migrate_and_check(w, e);
    if (rc < 0 && w->database && w->made_schema)
        drop_what_was_made(conn);
    PQfinish(conn);
    return rc;
}

static int
restore_database(struct work *w, struct status *e)
{
    PGconn *conn = database_connect(w->admin_conninfo, e);
    if (!conn)
        return -1;
    int rc = check_target(w, conn, e);
    if (rc == 0)
        rc = make_roles(w, e);
    if (rc < 0 && w->database && w->made_schema)
        drop_what_was_made(conn);
    PQfinish(conn);
    return rc < 0 ? -1 : restore_schema(w, e);
}

/* --- The cluster */

static int
restore_into_cluster(struct work *w, struct status *e)
{
    const struct data_dir *dir = &w->new_dir->dir;
    struct local_pg pg;
    struct status ignored;
    if (local_pg_make(dir, e) < 0 || local_pg_expect_restorer(dir, e) < 0 ||
        local_pg_start(&pg, dir, w->new_dir->stop_fd, e) < 0)
        return -1;
    int rc = local_pg_create_database(dir, e);
    if (rc == 0)
        rc = local_pg_conninfo(dir, LOCAL_PG_SUPERUSER, &w->admin_conninfo, e);
    if (rc == 0)
        rc = local_pg_conninfo(dir, LOCAL_PG_RESTORER, &w->file_conninfo, e);
    if (rc == 0)
        rc = local_pg_conninfo(dir, DATABASE_APP_ROLE, &w->app_conninfo, e);
    if (rc == 0)
        rc = local_pg_conninfo(dir, DATABASE_LOGIN_ROLE, &w->login_conninfo, e);
    if (rc == 0)
        rc = restore_database(w, e);
    if (rc == 0)
        rc = local_pg_drop_restorer(dir, e);
    return local_pg_stop(&pg, rc < 0 ? &ignored : e) < 0 ? -1 : rc;
}

static int
restore_into_named(struct work *w, struct status *e)
{
    if (database_conninfo(w->database, NULL, &w->admin_conninfo, e) < 0 ||
        database_conninfo(w->database, NULL, &w->file_conninfo, e) < 0 ||
        database_conninfo(w->database, DATABASE_APP_ROLE, &w->app_conninfo, e) < 0 ||
        database_conninfo(w->database, DATABASE_LOGIN_ROLE, &w->login_conninfo, e) < 0)
        return -1;
    return restore_database(w, e);
}

/* --- The files */

static int
write_member(const struct work *w, const struct archive_member *member, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES + ARCHIVE_NAME_BYTES];
    char *text = checked_text(w, member, e);
    if (!text)
        return -1;
    snprintf(path, sizeof path, "%s/%s", w->new_dir->dir.path, member->name);
    int rc = file_store(path, O_EXCL, member->mode & 0644, text, (size_t)member->size, e);
    wipe_free(text);
    return rc;
}

static bool
is_tls_file(const char *name)
{
    size_t n = strlen(MANIFEST_TLS);
    return strncmp(name, MANIFEST_TLS, n) == 0 && name[n] && name[n] != '.' &&
           !strchr(name + n, '/');
}

static int
write_tls(const struct work *w, struct status *e)
{
    char folder[DATA_DIR_FILE_BYTES];
    data_dir_file(&w->new_dir->dir, "tls", folder);
    if (mkdir(folder, 0700) < 0)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot make %s: %s", folder,
                          strerror(errno));
    for (size_t i = 0; i < w->archive.n; i++)
        if (is_tls_file(w->archive.members[i].name) &&
            write_member(w, &w->archive.members[i], e) < 0)
            return -1;
    return 0;
}

/** The configuration, with the database that it is to use now. */
static int
write_restored_config(const struct work *w, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    struct printed all = {0};
    static struct config config;
    const struct archive_member *member = archive_find(&w->archive, MANIFEST_CONFIG);
    char *text = member ? checked_text(w, member, e) : NULL;
    if (!text)
        return member ? -1
                      : status_set(e, STATUS_INVALID_ARGUMENT, "%s has no %s in it", w->file,
                                   MANIFEST_CONFIG);
    FILE *out = printed_begin(&all);
    if (out) {
        fputs(text, out);
        if (w->database)
            fprintf(out, "\n# Set by jiayid restore.\ndatabase = %s\n", w->database);
    }
    wipe_free(text);
    if (printed_end(&all, out, e) < 0)
        return -1;
    data_dir_file(&w->new_dir->dir, MANIFEST_CONFIG, path);
    int rc = file_store(path, O_EXCL, 0600, all.text, all.n, e);
    wipe_free(all.text);
    config_default(&config);
    if (rc == 0)
        rc = config_read(&config, path, e);
    if (rc == 0)
        rc = config_check(&config, e);
    config_wipe(&config);
    return rc;
}

/* --- The work, as the server's user */

static int
restore_folder(struct new_dir *n, void *arg, void *ret, struct status *e)
{
    struct work *w = arg;
    w->new_dir = n;
    w->report = ret;
    int rc = read_backup(w, e);
    if (rc == 0)
        rc = write_tls(w, e);
    if (rc == 0)
        rc = write_restored_config(w, e);
    if (rc == 0)
        rc = w->database ? restore_into_named(w, e) : restore_into_cluster(w, e);
    inventory_free(&w->manifest.inventory);
    wipe_free(w->admin_conninfo);
    wipe_free(w->file_conninfo);
    wipe_free(w->app_conninfo);
    wipe_free(w->login_conninfo);
    return rc;
}

/* --- The parent */

int
restore_open(const char *file, struct status *e)
{
    struct stat st;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0) {
        status_set(e, STATUS_NOT_FOUND, "cannot read %s: %s", file, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        status_set(e, STATUS_INVALID_ARGUMENT, "%s is no regular file", file);
        close(fd);
        fd = -1;
    }
    return fd;
}

int
restore_run(const struct restore_options *o, FILE *out, struct status *e)
{
    static struct work w;
    struct restore_report report = {0};
    struct new_dir n = {.fill = restore_folder,
                        .arg = &w,
                        .ret = &report,
                        .n_ret = sizeof report,
                        .doing = "restored"};
    privilege_harden();
    if (privilege_resolve(o->user, &n.user, e) < 0 || data_dir_check_new(o->data, e) < 0)
        return -1;
    w = (struct work){.file = o->file, .database = o->database, .fd = restore_open(o->file, e)};
    if (w.fd < 0)
        return -1;
    int rc = new_dir_make(&n, o->data, e);
    close(w.fd);
    if (rc < 0)
        return -1;
    fprintf(out, "restored %s: as of %s, %d tables, %lld rows, every one as it was backed up\n",
            n.dir.path, report.made, report.tables, (long long)report.rows);
    if (report.from_version < report.to_version)
        fprintf(out, "migrated from schema %d to %d\n", report.from_version, report.to_version);
    fprintf(out, "start the server with:   jiayid serve --data %s\n", n.dir.path);
    return 0;
}

int
restore_verify(int fd, const char *file, const char *user, struct restore_report *ret,
               struct status *e)
{
    static struct work w;
    char path[DATA_DIR_BYTES];
    const char *base = getenv("TMPDIR");
    struct new_dir n = {.fill = restore_folder,
                        .arg = &w,
                        .ret = ret,
                        .n_ret = sizeof *ret,
                        .doing = "verified",
                        .scratch = true};
    if (privilege_resolve(user, &n.user, e) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/jiayid-verify.XXXXXX", base && *base ? base : "/var/tmp");
    if (!mkdtemp(path))
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot make a scratch folder %s: %s",
                          path, strerror(errno));
    w = (struct work){.file = file, .fd = fd};
    int rc = new_dir_make(&n, path, e);
    rmdir(path);
    return rc;
}
