#include "server/command/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/printed.h"
#include "common/wipe.h"
#include "server/backup/dump.h"
#include "server/backup/manifest.h"
#include "server/base/child.h"
#include "server/base/privilege.h"
#include "server/command/restore.h"
#include "server/database/database.h"

/** What the child tells of the backup. */
struct report {
    char data[DATA_DIR_BYTES];
    int schema;
    int tables;
    int64_t rows;
};

/** What the child needs; the report is its own. */
struct work {
    const struct backup_options *options;
    int fd;
    struct report *report;
};

static const char sql_begin[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                                "SET LOCAL idle_in_transaction_session_timeout = 0;"
                                "SET LOCAL statement_timeout = 0";
static const char sql_as_owner[] = "SET LOCAL ROLE jiayi_owner";
static const char sql_snapshot[] =
    "SELECT pg_export_snapshot(), max(version),"
    " to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    " FROM jiayi.schema_migration";

/* --- The database */

/** Begins the transaction whose snapshot everything is taken from. */
static int
begin_snapshot(PGconn *conn, struct manifest *m, char snapshot[64], struct status *e)
{
    const char *super = PQparameterStatus(conn, "is_superuser");
    bool as_owner = !super || strcmp(super, "on") != 0;
    if (database_run(conn, sql_begin, "begin the backup", e) < 0 ||
        (as_owner && database_run(conn, sql_as_owner, "act as the schema's owner", e) < 0))
        return -1;
    PGresult *row = database_query(conn, sql_snapshot, 0, NULL, "take a snapshot", e);
    if (!row)
        return -1;
    snprintf(snapshot, 64, "%s", PQgetvalue(row, 0, 0));
    m->schema = (int)strtol(PQgetvalue(row, 0, 1), NULL, 10);
    snprintf(m->made, sizeof m->made, "%s", PQgetvalue(row, 0, 2));
    m->postgresql = PQserverVersion(conn) / 10000;
    PQclear(row);
    return 0;
}

static int
add_database(const struct runtime *rt, struct archive *archive, struct manifest *m,
             struct status *e)
{
    char snapshot[64];
    PGconn *conn = database_connect(rt->admin_conninfo, e);
    if (!conn)
        return -1;
    int rc = begin_snapshot(conn, m, snapshot, e);
    if (rc == 0)
        rc = dump_take(conn, snapshot, rt->stop_fd, archive, e);
    if (rc == 0)
        rc = inventory_take(conn, rt->stop_fd, &m->inventory, e);
    PQfinish(conn);
    return rc;
}

/* --- The files of the data folder */

static int
add_text(struct archive *archive, const char *name, mode_t mode, const char *text, size_t n,
         struct status *e)
{
    if (archive_open_member(archive, name, mode, e) < 0)
        return -1;
    struct status ignored;
    int rc = archive_write(archive, text, n, e);
    return archive_close_member(archive, rc < 0 ? &ignored : e) < 0 ? -1 : rc;
}

static int
add_config(const struct data_dir *dir, struct archive *archive, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    struct stat st;
    struct printed kept = {0};
    data_dir_file(dir, MANIFEST_CONFIG, path);
    char *text = file_load_regular(path, MANIFEST_FILE_BYTES, &st, e);
    if (!text)
        return -1;
    FILE *out = printed_begin(&kept);
    if (out)
        config_print_without_database(out, text);
    wipe_free(text);
    if (printed_end(&kept, out, e) < 0)
        return -1;
    int rc = add_text(archive, MANIFEST_CONFIG, 0600, kept.text, kept.n, e);
    free(kept.text);
    return rc;
}

static int
add_secret_file(const char *folder, const char *below, const char *name, struct archive *archive,
                struct status *e)
{
    char path[DATA_DIR_FILE_BYTES + NAME_MAX + 2];
    char member[NAME_MAX + 16];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(member, sizeof member, "%s/%s", below, name);
    char *text = file_load_regular(path, MANIFEST_FILE_BYTES, &st, e);
    if (!text)
        return -1;
    int rc = add_text(archive, member, st.st_mode & 0644, text, (size_t)st.st_size, e);
    wipe_free(text);
    return rc;
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/** The files of the folder @below; of keys there may be none yet. */
static int
add_folder(const struct data_dir *dir, const char *below, struct archive *archive, struct status *e)
{
    char folder[DATA_DIR_FILE_BYTES];
    struct dirent **names = NULL;
    int rc = 0;
    data_dir_file(dir, below, folder);
    int n = scandir(folder, &names, is_visible, alphasort);
    if (n < 0 && errno == ENOENT && strcmp(below, MANIFEST_KEYS) == 0)
        return 0;
    if (n < 0)
        return status_set(e, STATUS_NOT_FOUND, "cannot read %s: %s", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        if (rc == 0)
            rc = add_secret_file(folder, below, names[i]->d_name, archive, e);
        free(names[i]);
    }
    free(names);
    return rc;
}

static int
add_manifest(const struct manifest *m, struct archive *archive, struct status *e)
{
    struct printed p = {0};
    FILE *out = printed_begin(&p);
    if (out)
        manifest_print(m, archive, out);
    if (printed_end(&p, out, e) < 0)
        return -1;
    int rc = add_text(archive, MANIFEST_NAME, 0600, p.text, p.n, e);
    free(p.text);
    return rc;
}

/* --- The work, as the server's user */

static int
write_backup(const struct runtime *rt, void *arg, struct status *e)
{
    const struct work *w = arg;
    struct report *report = w->report;
    static struct manifest manifest;
    static struct archive archive;
    struct manifest *m = &manifest;
    child_follow();
    snprintf(m->program, sizeof m->program, "%s", JIAYI_VERSION);
    archive_begin(&archive, w->fd, w->options->file);
    int rc = add_database(rt, &archive, m, e);
    if (rc == 0)
        rc = add_config(&rt->dir, &archive, e);
    if (rc == 0)
        rc = add_folder(&rt->dir, MANIFEST_TLS, &archive, e);
    if (rc == 0)
        rc = add_folder(&rt->dir, MANIFEST_KEYS, &archive, e);
    if (rc == 0)
        rc = add_manifest(m, &archive, e);
    if (rc == 0)
        rc = archive_finish(&archive, e);
    snprintf(report->data, sizeof report->data, "%s", rt->dir.path);
    report->schema = m->schema;
    report->tables = (int)m->inventory.n;
    report->rows = inventory_rows(&m->inventory);
    inventory_free(&m->inventory);
    return rc;
}

static int
back_up_as_server_user(void *arg, void *ret, struct status *e)
{
    struct work *w = arg;
    w->report = ret;
    return runtime_visit(&w->options->runtime, "copied", write_backup, w, e);
}

/* --- The file, with the rights of whoever runs the command */

/** Its unfinished form stands beside it. */
struct output {
    const char *path;
    char unfinished[PATH_MAX];
    int fd;
};

static int
check_free(const struct backup_options *o, struct status *e)
{
    struct stat st;
    if (lstat(o->file, &st) < 0)
        return 0;
    if (!S_ISREG(st.st_mode))
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s is there and is no regular file",
                          o->file);
    if (!o->replace)
        return status_set(e, STATUS_ALREADY_EXISTS,
                          "%s is there already; name another file, or add --replace", o->file);
    return 0;
}

static int
open_output(struct output *out, const struct backup_options *o, struct status *e)
{
    out->path = o->file;
    if (check_free(o, e) < 0)
        return -1;
    int n = snprintf(out->unfinished, sizeof out->unfinished, "%s.unfinished-XXXXXX", o->file);
    out->fd = n < (int)sizeof out->unfinished ? mkostemp(out->unfinished, O_CLOEXEC) : -1;
    if (out->fd < 0)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot write %s: %s", o->file,
                          n < (int)sizeof out->unfinished ? strerror(errno)
                                                          : "its name is too long");
    return 0;
}

/** Gives the file its name; one that appeared meanwhile is kept, unless it may be replaced. */
static int
name_output(const struct output *out, bool replace)
{
    if (replace)
        return rename(out->unfinished, out->path);
    if (renameat2(AT_FDCWD, out->unfinished, AT_FDCWD, out->path, RENAME_NOREPLACE) == 0)
        return 0;
    /* Not every file system knows that flag. */
    if (errno != EINVAL || link(out->unfinished, out->path) < 0)
        return -1;
    return unlink(out->unfinished);
}

static int
close_output(struct output *out, bool replace, int rc, struct status *e)
{
    if (rc == 0 && name_output(out, replace) < 0)
        rc = status_set(e, STATUS_FAILED_PRECONDITION, "cannot write %s: %s", out->path,
                        strerror(errno));
    if (rc == 0)
        (void)!file_sync_folder_of(out->path); /* not every file system can */
    else
        unlink(out->unfinished);
    close(out->fd);
    return rc;
}

/** The last line is as sha256sum prints it. */
static void
say_what_is_in(const struct backup_options *o, const struct report *report, off_t size,
               const char *sha256, FILE *out)
{
    fprintf(out, "backed up %s to %s: schema %d, %d tables, %lld rows, %lld bytes\n%s  %s\n",
            report->data, o->file, report->schema, report->tables, (long long)report->rows,
            (long long)size, sha256, o->file);
}

static int
verify_file(const struct backup_options *o, int fd, bool is_own, FILE *out, struct status *e)
{
    const struct restore_options restore = {.file = o->file,
                                            .user = o->runtime.user,
                                            .expect = o->expect};
    struct restore_report report = {0};
    if (restore_verify(fd, &restore, is_own, &report, e) < 0)
        return -1;
    fprintf(out, "%s is whole: restored into a scratch cluster, %d tables and %lld rows as of %s\n",
            o->file, report.tables, (long long)report.rows, report.made);
    return 0;
}

static int
verify_existing(const struct backup_options *o, FILE *out, struct status *e)
{
    int fd = restore_open(o->file, e);
    if (fd < 0)
        return -1;
    int rc = verify_file(o, fd, false, out, e);
    close(fd);
    return rc;
}

int
backup_run(const struct backup_options *o, FILE *out, struct status *e)
{
    struct report report = {0};
    struct output output = {.fd = -1};
    struct stat st = {0};
    char sha256[SHA256_TEXT];
    privilege_harden();
    if (!o->runtime.data)
        return verify_existing(o, out, e);
    if (child_hold_signals(e) < 0 || open_output(&output, o, e) < 0)
        return -1;
    struct work w = {.options = o, .fd = output.fd};
    int rc = child_run(back_up_as_server_user, &w, &report, sizeof report, e);
    fstat(output.fd, &st);
    if (rc == 0)
        rc = archive_sha256(output.fd, o->file, sha256, e);
    if (rc == 0 && o->verify)
        rc = verify_file(o, output.fd, true, out, e);
    rc = close_output(&output, o->replace, rc, e);
    if (rc == 0)
        say_what_is_in(o, &report, st.st_size, sha256, out);
    return rc;
}
