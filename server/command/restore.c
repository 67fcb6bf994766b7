#include "server/command/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/printed.h"
#include "common/sha256.h"
#include "common/wipe.h"
#include "server/backup/dump.h"
#include "server/backup/manifest.h"
#include "server/backup/restorer.h"
#include "server/backup/shape.h"
#include "server/cluster/local_pg.h"
#include "server/command/new_dir.h"
#include "server/database/database.h"
#include "server/database/migrate.h"
#include "server/folder/config.h"
#include "server/method/boot_check.h"
#include "server/native/natives.h"
#include "server/secret/digest.h"

/** What the work needs. */
struct work {
    const char *file;
    int fd;
    const char *database;
    /** What its SHA-256 must be, or NULL; and whether it is known whose the file is. */
    const char *expect;
    bool is_trusted;
    /** When the file was changed last, before any of it was read. */
    struct timespec changed;
    struct new_dir *new_dir;
    struct archive archive;
    struct manifest manifest;
    struct restore_report *report;
    char *admin_conninfo;
    /** Who runs what the file says: RESTORER_ROLE, which is there then. */
    char *file_conninfo;
    bool has_restorer;
    /** What the schema is like that this program makes; NULL where any will do. */
    char *shape;
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

/** From this schema on no migration gives out a role that logs in: see restorer_make(). */
#define LOGIN_SCHEMA 17

static int
check_schema(const struct work *w, struct status *e)
{
    int newest = newest_migration();
    if (w->database && !w->is_trusted && w->manifest.schema < LOGIN_SCHEMA)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "%s has schema version %d, too old for a database that is not the "
                          "server's own: restore it without --database, or give --expect with its "
                          "SHA-256",
                          w->file, w->manifest.schema);
    if (w->manifest.schema <= newest)
        return 0;
    return status_set(e, STATUS_FAILED_PRECONDITION,
                      "%s has schema version %d, newer than this program (%d): it was made by "
                      "jiayid %s; install that or a newer one",
                      w->file, w->manifest.schema, newest, w->manifest.program);
}

/** What the file is, before any of it counts. */
static int
check_expected(struct work *w, struct status *e)
{
    char found[SHA256_TEXT];
    struct stat st = {0};
    fstat(w->fd, &st);
    w->changed = st.st_ctim;
    if (!w->expect)
        return 0;
    if (archive_sha256(w->fd, w->file, found, e) < 0)
        return -1;
    if (strcasecmp(found, w->expect) == 0)
        return 0;
    return status_set(e, STATUS_INVALID_ARGUMENT,
                      "%s is not the backup that is expected: its SHA-256 is %s", w->file, found);
}

/** Whoever can write the file may have waited until its SHA-256 was taken. */
static int
check_unchanged(const struct work *w, struct status *e)
{
    struct stat st = {0};
    fstat(w->fd, &st);
    if (!w->expect ||
        (st.st_ctim.tv_sec == w->changed.tv_sec && st.st_ctim.tv_nsec == w->changed.tv_nsec))
        return 0;
    return status_set(e, STATUS_FAILED_PRECONDITION,
                      "%s was changed while it was read; copy it to where nobody else writes",
                      w->file);
}

static int
read_backup(struct work *w, struct status *e)
{
    if (check_expected(w, e) < 0 || archive_read(&w->archive, w->fd, w->file, e) < 0)
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

/** Somebody else's database has roles that log in over the network, with passwords. */
static int
make_restorer_by_password(struct work *w, PGconn *conn, struct status *e)
{
    char password[DIGEST_TOKEN_TEXT];
    if (digest_token(password, e) < 0 || restorer_make(conn, password, w->is_trusted, e) < 0)
        return -1;
    w->has_restorer = true;
    w->file_conninfo = restorer_conninfo(w->admin_conninfo, password, e);
    explicit_bzero(password, sizeof password);
    PGconn *test = w->file_conninfo ? database_connect(w->file_conninfo, e) : NULL;
    PQfinish(test);
    return test ? 0 : -1;
}

/** Who reads the file is the URI's user where there can be no other, and where that may be. */
static int
make_restorer_in_named(struct work *w, PGconn *conn, struct status *e)
{
    struct status why;
    if (make_restorer_by_password(w, conn, &why) == 0)
        return 0;
    if (!w->is_trusted)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "what is in %s would run as the database's user %s: give --expect with "
                          "the SHA-256 that 'jiayid backup' printed, or have " RESTORER_ROLE
                          " let in (%s)",
                          w->file, PQuser(conn), why.message);
    wipe_free(w->file_conninfo);
    w->file_conninfo = NULL;
    return database_conninfo(w->database, NULL, &w->file_conninfo, e);
}

static int
make_restorer(struct work *w, PGconn *conn, struct status *e)
{
    if (w->database)
        return make_restorer_in_named(w, conn, e);
    if (restorer_make(conn, NULL, true, e) < 0)
        return -1;
    w->has_restorer = true;
    return local_pg_conninfo(&w->new_dir->dir, RESTORER_ROLE, &w->file_conninfo, e);
}

/**
 * The roles and their memberships are not in the dump, as they are no part of the schema: the
 * migrations make them. Their schema gives way to the dump's; what it was like is kept.
 */
static int
make_roles(struct work *w, PGconn *conn, struct status *e)
{
    struct migrate_result result;
    w->made_schema = true;
    if (migrate_run(w->admin_conninfo, embed_migrations, w->is_trusted ? NULL : embed_definitions,
                    &result, e) < 0 ||
        (!w->is_trusted && shape_take(conn, w->new_dir->stop_fd, &w->shape, e) < 0))
        return -1;
    return make_restorer(w, conn, e);
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

/** The file brought rows, and nothing that this program would not have made itself. */
static int
check_shape(const struct work *w, PGconn *conn, struct status *e)
{
    struct status why;
    char *there = NULL;
    if (!w->shape)
        return 0;
    if (shape_take(conn, w->new_dir->stop_fd, &there, e) < 0)
        return -1;
    int rc = shape_compare(there, w->shape, &why);
    free(there);
    if (rc < 0)
        return status_set(e, STATUS_FAILED_PRECONDITION,
                          "%s brings more than rows: its schema is not the one that jiayid makes "
                          "(%s); if it is yours, give --expect with the SHA-256 that 'jiayid "
                          "backup' printed",
                          w->file, why.message);
    return 0;
}

/**
 * What is told from now on has numbers above all that were given since the backup: so whoever
 * watched goes on with the number they had, and misses nothing. They are of the clock, which is far
 * ahead of them.
 */
static const char sql_number_news[] =
    "SELECT setval('jiayi.inbox_id_seq', greatest((SELECT last_value FROM jiayi.inbox_id_seq),"
    " (extract(epoch FROM clock_timestamp()) * 1000)::bigint))";

static int
migrate_and_check(struct work *w, PGconn *conn, struct status *e)
{
    struct migrate_result result;
    if (migrate_run(w->file_conninfo, embed_migrations, embed_definitions, &result, e) < 0 ||
        check_shape(w, conn, e) < 0 || check_unchanged(w, e) < 0 ||
        database_run(conn, sql_number_news, "number what is told from now on", e) < 0)
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
        rc = migrate_and_check(w, conn, e);
    PQfinish(conn);
    return rc;
}

/** What was made in a database that is not ours to throw away. */
static void
drop_what_was_made(const struct work *w, PGconn *conn)
{
    struct status ignored;
    (void)!database_run(conn, "DROP SCHEMA IF EXISTS jiayi CASCADE", "clean up", &ignored);
    if (!w->has_restorer)
        (void)!database_run(conn,
                            "ALTER DEFAULT PRIVILEGES REVOKE CREATE ON SCHEMAS FROM jiayi_auth",
                            "clean up", &ignored);
}

static int
restore_database(struct work *w, struct status *e)
{
    struct status ignored;
    PGconn *conn = database_connect(w->admin_conninfo, e);
    if (!conn)
        return -1;
    int rc = check_target(w, conn, e);
    if (rc == 0)
        rc = make_roles(w, conn, e);
    if (rc == 0)
        rc = restore_schema(w, e);
    if (rc < 0 && w->database && w->made_schema)
        drop_what_was_made(w, conn);
    if (w->has_restorer && restorer_drop(conn, rc < 0 ? &ignored : e) < 0)
        rc = -1;
    PQfinish(conn);
    return rc;
}

/* --- The cluster */

static int
restore_into_cluster(struct work *w, struct status *e)
{
    const struct data_dir *dir = &w->new_dir->dir;
    struct local_pg pg;
    struct status ignored;
    if (local_pg_make(dir, e) < 0 || local_pg_admit_role(dir, RESTORER_ROLE, e) < 0 ||
        local_pg_start(&pg, dir, w->new_dir->stop_fd, e) < 0)
        return -1;
    int rc = local_pg_create_database(dir, e);
    if (rc == 0)
        rc = local_pg_conninfo(dir, LOCAL_PG_SUPERUSER, &w->admin_conninfo, e);
    if (rc == 0)
        rc = local_pg_conninfo(dir, DATABASE_APP_ROLE, &w->app_conninfo, e);
    if (rc == 0)
        rc = local_pg_conninfo(dir, DATABASE_LOGIN_ROLE, &w->login_conninfo, e);
    if (rc == 0)
        rc = restore_database(w, e);
    if (rc == 0)
        rc = local_pg_reset_access(dir, e);
    return local_pg_stop(&pg, rc < 0 ? &ignored : e) < 0 ? -1 : rc;
}

static int
restore_into_named(struct work *w, struct status *e)
{
    if (database_conninfo(w->database, NULL, &w->admin_conninfo, e) < 0 ||
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
is_below(const char *name, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(name, folder, n) == 0 && name[n] == '/' && name[n + 1] && name[n + 1] != '.' &&
           !strchr(name + n + 1, '/');
}

/** Writes what the backup has of the folder @below. */
static int
write_folder(const struct work *w, const char *below, struct status *e)
{
    char folder[DATA_DIR_FILE_BYTES];
    data_dir_file(&w->new_dir->dir, below, folder);
    if (mkdir(folder, 0700) < 0)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot make %s: %s", folder,
                          strerror(errno));
    for (size_t i = 0; i < w->archive.n; i++)
        if (is_below(w->archive.members[i].name, below) &&
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
        rc = write_folder(w, MANIFEST_TLS, e);
    if (rc == 0)
        rc = write_folder(w, MANIFEST_KEYS, e);
    if (rc == 0)
        rc = write_restored_config(w, e);
    if (rc == 0)
        rc = w->database ? restore_into_named(w, e) : restore_into_cluster(w, e);
    inventory_free(&w->manifest.inventory);
    wipe_free(w->admin_conninfo);
    wipe_free(w->file_conninfo);
    wipe_free(w->app_conninfo);
    wipe_free(w->login_conninfo);
    free(w->shape);
    return rc;
}

/* --- The parent */

int
restore_check_expect(const char *expect, struct status *e)
{
    if (strspn(expect, "0123456789abcdefABCDEF") == SHA256_TEXT - 1 &&
        expect[SHA256_TEXT - 1] == '\0')
        return 0;
    return status_set(e, STATUS_INVALID_ARGUMENT,
                      "--expect takes a SHA-256 of 64 hexadecimal digits, as 'jiayid backup' and "
                      "sha256sum print it");
}

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
    w = (struct work){.file = o->file,
                      .database = o->database,
                      .expect = o->expect,
                      .is_trusted = o->expect != NULL,
                      .fd = restore_open(o->file, e)};
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
    if (!o->expect)
        fprintf(out,
                "nothing says whose %s is: its rows, keys and configuration were believed; with "
                "--expect SHA256 only what 'jiayid backup' made is restored\n",
                o->file);
    fprintf(out, "start the server with:   jiayid serve --data %s\n", n.dir.path);
    return 0;
}

int
restore_verify(int fd, const struct restore_options *o, bool is_own, struct restore_report *ret,
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
    if (privilege_resolve(o->user, &n.user, e) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/jiayid-verify.XXXXXX", base && *base ? base : "/var/tmp");
    if (!mkdtemp(path))
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot make a scratch folder %s: %s",
                          path, strerror(errno));
    w = (struct work){.file = o->file,
                      .fd = fd,
                      .expect = o->expect,
                      .is_trusted = is_own || o->expect != NULL};
    int rc = new_dir_make(&n, path, e);
    rmdir(path);
    return rc;
}
