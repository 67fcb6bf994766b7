#include "server/command/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/printed.h"
#include "common/wipe.h"
#include "server/cluster/local_pg.h"
#include "server/command/new_dir.h"
#include "server/command/operator.h"
#include "server/database/database.h"
#include "server/database/migrate.h"
#include "server/folder/certs.h"
#include "server/folder/config.h"
#include "server/secret/password.h"
#include "server/secret/password_file.h"

/** What the work needs. */
struct work {
    const struct init_options *options;
    struct new_dir *new_dir;
    const struct data_dir *dir;
    struct local_pg pg;
    char password[PASSWORD_FILE_BYTES];
};

/** What a child tells its parent about its end. */
struct report {
    /** The operator was there before, in a database of --database. */
    int operator_existed;
};

/* --- The arguments */

int
init_check_options(const struct init_options *o, struct status *e)
{
    struct status why;
    if (operator_check_email(o->operator_email, e) < 0 ||
        operator_check_name(o->operator_name, e) < 0)
        return -1;
    for (size_t i = 0; i < o->n_hostnames; i++)
        if (certs_check_name(o->hostnames[i], &why) < 0)
            return status_set(e, STATUS_INVALID_ARGUMENT, "--hostname: %s", why.message);
    return 0;
}

/* --- The work, as the server's user */

static int
make_certificates(struct work *w, struct status *e)
{
    char folder[DATA_DIR_FILE_BYTES];
    data_dir_file(w->dir, "tls", folder);
    if (mkdir(folder, 0700) < 0)
        return status_set(e, STATUS_FAILED_PRECONDITION, "cannot make %s: %s", folder,
                          strerror(errno));
    return certs_make(folder, w->options->hostnames, w->options->n_hostnames, e);
}

static int
create_operator(struct work *w, const char *conninfo, struct report *report, struct status *e)
{
    const struct init_options *o = w->options;
    char phc[PASSWORD_PHC_MAX];
    bool created = false;
    int rc = password_hash(w->password, phc, e);
    if (rc == 0)
        rc = migrate_create_operator(conninfo, o->operator_email,
                                     o->operator_name ? o->operator_name : OPERATOR_NAME, phc,
                                     &created, e);
    report->operator_existed = rc == 0 && !created;
    explicit_bzero(phc, sizeof phc);
    return rc;
}

/** Fills the database that @conninfo leads to. */
static int
fill_database(struct work *w, const char *conninfo, struct report *report, struct status *e)
{
    struct migrate_result result;
    int rc = migrate_run(conninfo, embed_migrations, embed_definitions, &result, e);
    if (rc == 0 && new_dir_is_stopped(w->new_dir))
        rc = status_set(e, STATUS_CANCELLED, "interrupted");
    if (rc == 0)
        rc = create_operator(w, conninfo, report, e);
    return rc;
}

static int
fill_cluster(struct work *w, struct report *report, struct status *e)
{
    if (local_pg_create_database(w->dir, e) < 0)
        return -1;
    char *conninfo = NULL;
    int rc = local_pg_conninfo(w->dir, LOCAL_PG_SUPERUSER, &conninfo, e);
    if (rc == 0)
        rc = fill_database(w, conninfo, report, e);
    wipe_free(conninfo);
    return rc < 0 ? -1 : local_pg_admit_app(w->dir, e);
}

static int
make_cluster(struct work *w, struct report *report, struct status *e)
{
    struct status ignored;
    if (local_pg_make(w->dir, e) < 0 || local_pg_start(&w->pg, w->dir, w->new_dir->stop_fd, e) < 0)
        return -1;
    int rc = fill_cluster(w, report, e);
    return local_pg_stop(&w->pg, rc < 0 ? &ignored : e) < 0 ? -1 : rc;
}

static int
fill_named(struct work *w, struct report *report, struct status *e)
{
    char *conninfo = NULL;
    int rc = database_conninfo(w->options->database, NULL, &conninfo, e);
    if (rc == 0)
        rc = fill_database(w, conninfo, report, e);
    wipe_free(conninfo);
    return rc;
}

static int
write_config(struct work *w, struct status *e)
{
    char path[DATA_DIR_FILE_BYTES];
    struct printed text = {0};
    FILE *out = printed_begin(&text);
    if (out)
        config_print_file(out, w->options->database);
    if (printed_end(&text, out, e) < 0)
        return -1;
    data_dir_file(w->dir, "jiayid.conf", path);
    int rc = file_store(path, O_EXCL, 0600, text.text, text.n, e);
    free(text.text);
    return rc;
}

static int
fill_new_folder(struct new_dir *n, void *arg, void *ret, struct status *e)
{
    struct work *w = arg;
    w->dir = &n->dir;
    int rc = make_certificates(w, e);
    if (rc == 0)
        rc = w->options->database ? fill_named(w, ret, e) : make_cluster(w, ret, e);
    explicit_bzero(w->password, sizeof w->password);
    return rc < 0 ? -1 : write_config(w, e);
}

/* --- The parent */

static void
say_what_next(const struct new_dir *n, const struct init_options *o, const struct report *report,
              FILE *out)
{
    fprintf(out, "initialised %s\n", n->dir.path);
    if (report->operator_existed)
        fprintf(out, "%s was an operator of the database already; the password is unchanged\n",
                o->operator_email);
    fprintf(out, "start the server with:   jiayid serve --data %s\n", n->dir.path);
    fprintf(out, "clients trust its CA by: --ca %s/tls/ca.pem\n", n->dir.path);
}

int
init_run(const struct init_options *o, FILE *out, struct status *e)
{
    struct report report = {0};
    struct new_dir n = {.fill = fill_new_folder,
                        .ret = &report,
                        .n_ret = sizeof report,
                        .doing = "initialised"};
    struct work w = {.options = o, .new_dir = &n, .pg = {.pidfd = -1}};
    n.arg = &w;
    privilege_harden();
    if (privilege_resolve(o->user, &n.user, e) < 0 || data_dir_check_new(o->data, e) < 0)
        return -1;
    int rc = password_file_read(o->password_file, w.password, e);
    if (rc == 0)
        rc = new_dir_make(&n, o->data, e);
    explicit_bzero(w.password, sizeof w.password);
    if (rc == 0)
        say_what_next(&n, o, &report, out);
    return rc;
}
