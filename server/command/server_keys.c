#include "server/command/server_keys.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <string.h>

#include "common/file.h"
#include "common/wipe.h"
#include "server/base/child.h"
#include "server/base/privilege.h"
#include "server/database/database.h"

enum { FILE_BYTES = KEYRING_MAX_KEYS * KEYRING_KEY_TEXT + 1 };

/* --- The folder and the database */

/** Of several servers that begin with a new database at once, one makes the key. */
static const char sql_begin[] =
    "BEGIN; SET LOCAL ROLE jiayi_owner; LOCK TABLE jiayi.server_key IN EXCLUSIVE MODE";
static const char sql_look[] = "SELECT id FROM jiayi.server_key ORDER BY made_at DESC, id";
static const char sql_add[] = "INSERT INTO jiayi.server_key (id) VALUES ($1)";

static int
add_first_key(const char *folder, struct keyring *k, PGconn *conn, struct status *e)
{
    /* One that is there was brought along, or is left of a start that did not come this far. */
    const struct keyring_key *key = k->n ? &k->keys[0] : keyring_make(k, e);
    if (!key || keyring_store(folder, key, e) < 0)
        return -1;
    const char *const values[] = {key->id};
    PGresult *row = database_query(conn, sql_add, 1, values, "note the server's key", e);
    PQclear(row);
    k->sealing = row ? key : NULL;
    return row ? 0 : -1;
}

static int
find_keys(const struct data_dir *dir, struct keyring *k, const PGresult *ids, struct status *e)
{
    for (int i = PQntuples(ids) - 1; i >= 0; i--) {
        const char *id = PQgetvalue(ids, i, 0);
        if (!(k->sealing = keyring_find(k, id)))
            return status_set(e, STATUS_FAILED_PRECONDITION,
                              "the database needs the key %s, which %s/keys lacks; where it is, "
                              "jiayid key export FILE --data DIR, and here, jiayid key import FILE "
                              "--data %s",
                              id, dir->path, dir->path);
    }
    return 0;
}

static int
agree(const struct data_dir *dir, const char *folder, struct keyring *k, PGconn *conn,
      struct status *e)
{
    if (database_run(conn, sql_begin, "look at the server's keys", e) < 0)
        return -1;
    PGresult *ids = database_query(conn, sql_look, 0, NULL, "look at the server's keys", e);
    if (!ids)
        return -1;
    int rc = PQntuples(ids) ? find_keys(dir, k, ids, e) : add_first_key(folder, k, conn, e);
    PQclear(ids);
    return rc < 0 ? -1 : database_run(conn, "COMMIT", "note the server's key", e);
}

int
server_keys_open(const struct runtime *rt, struct keyring *k, struct status *e)
{
    char folder[DATA_DIR_FILE_BYTES];
    data_dir_file(&rt->dir, "keys", folder);
    if (keyring_load(folder, k, e) < 0)
        return -1;
    PGconn *conn = database_connect(rt->admin_conninfo, e);
    int rc = conn ? agree(&rt->dir, folder, k, conn, e) : -1;
    PQfinish(conn);
    return rc;
}

/* --- From one folder to another */

/** What the child needs, and where it works. */
struct work {
    const struct server_keys_options *options;
    struct keyring keys;
};

/** Becomes the server's user and finds the folder of its keys. */
static int
enter(const struct work *w, struct runtime *rt, char folder[DATA_DIR_FILE_BYTES], struct status *e)
{
    child_follow();
    if (runtime_open(rt, &w->options->runtime, e) < 0)
        return -1;
    data_dir_file(&rt->dir, "keys", folder);
    return 0;
}

static int
load_as_server_user(void *arg, void *ret, struct status *e)
{
    struct runtime rt;
    char folder[DATA_DIR_FILE_BYTES];
    if (enter(arg, &rt, folder, e) < 0)
        return -1;
    int rc = keyring_load(folder, ret, e);
    return runtime_close(&rt, rc, e);
}

static int
store_as_server_user(void *arg, void *ret, struct status *e)
{
    struct work *w = arg;
    struct runtime rt;
    char folder[DATA_DIR_FILE_BYTES];
    int rc = 0;
    (void)ret;
    if (enter(w, &rt, folder, e) < 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < w->keys.n; i++)
        rc = keyring_store(folder, &w->keys.keys[i], e);
    return runtime_close(&rt, rc, e);
}

/** Writes them, a line each. */
static int
write_keys(const char *file, const struct keyring *k, struct status *e)
{
    char text[FILE_BYTES] = "";
    for (size_t i = 0; i < k->n; i++) {
        keyring_print(&k->keys[i], text + i * KEYRING_KEY_TEXT);
        text[(i + 1) * KEYRING_KEY_TEXT - 1] = '\n';
    }
    int rc = file_store(file, O_EXCL, 0600, text, k->n * KEYRING_KEY_TEXT, e);
    explicit_bzero(text, sizeof text);
    return rc;
}

static int
read_keys(const char *file, struct keyring *k, struct status *e)
{
    struct stat st;
    char *text = file_load_regular(file, FILE_BYTES, &st, e), *rest = text;
    if (!text)
        return -1;
    int rc = 0;
    for (char *line; rc == 0 && (line = strsep(&rest, "\n"));)
        if (*line && !keyring_add(k, line, e))
            rc = -1;
    wipe_free(text);
    if (rc < 0 || k->n == 0)
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s is no file of jiayid key export", file);
    return 0;
}

int
server_keys_export(const struct server_keys_options *o, FILE *out, struct status *e)
{
    static struct work w;
    w = (struct work){.options = o};
    privilege_harden();
    if (child_hold_signals(e) < 0 ||
        child_run(load_as_server_user, &w, &w.keys, sizeof w.keys, e) < 0)
        return -1;
    int rc = w.keys.n ? write_keys(o->file, &w.keys, e)
                      : status_set(e, STATUS_NOT_FOUND,
                                   "%s/keys has no key; the first start of the server makes one",
                                   o->runtime.data);
    if (rc == 0)
        fprintf(out, "%zu keys are in %s: keep it as safe as the server itself\n", w.keys.n,
                o->file);
    keyring_wipe(&w.keys);
    return rc;
}

int
server_keys_import(const struct server_keys_options *o, FILE *out, struct status *e)
{
    static struct work w;
    char nothing;
    w = (struct work){.options = o};
    privilege_harden();
    int rc = child_hold_signals(e) < 0 ? -1 : read_keys(o->file, &w.keys, e);
    if (rc == 0)
        rc = child_run(store_as_server_user, &w, &nothing, 0, e);
    if (rc == 0)
        fprintf(out, "%zu keys are in %s/keys\n", w.keys.n, o->runtime.data);
    keyring_wipe(&w.keys);
    return rc;
}
