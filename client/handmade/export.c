/**
 * `jiayi export`: all that a company has into a folder, as CSV and JSON, with a manifest of their
 * SHA-256. The server makes the export first; its files come piece by piece, each whole before it
 * gets its name, into DIR.part, which becomes DIR at the very end. A cut leaves DIR.part behind:
 * the same command goes on with it as long as the server keeps the export.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/handmade/fetch.h"
#include "client/handmade/handmade.h"
#include "client/handmade/written.h"
#include "client/output/print_csv.h"
#include "client/output/progress.h"
#include "client/run/advice.h"
#include "client/run/json_rows.h"
#include "client/run/replay.h"
#include "common/file.h"
#include "common/json_write.h"
#include "common/sha256.h"

enum {
    /** The most memory of one call: a piece, and what is made of it. */
    PIECE_ARENA_BYTES = 64 << 20,
    CALL_MS = 60000,
    /** How long it waits between looks whether the export is made: at first, and at most. */
    FIRST_WAIT_MS = 100,
    MOST_WAIT_MS = 2000,
    /** A number as text. */
    DIGITS = 24,
    /** How deep the folder goes: files/7/offer.pdf. */
    DEPTH = 2,
};

/** The file in DIR.part that says of which export it is. */
#define OWN_NAME ".jiayi-export"

/** A file of the export, as the server says it is. */
struct source {
    int64_t no, rows, bytes, pieces;
    const char *name, *kind;
    const ProtobufCMessage *message;
};

struct exporting {
    struct client *client;
    struct arena *lasting;
    /** Where it is to be, where it is meanwhile, and what holds that. */
    const char *folder, *part;
    int own_fd;
    int64_t id;
    const struct schema_method *start, *show, *piece;
    struct source source;
    struct written csv, json, manifest;
    size_t n_rows;
    /** Of the row at work: its columns' names and cells. */
    const struct schema_field *columns;
    const char **cells;
    /** How many files the manifest has, and the kinds that can be imported. */
    size_t n_noted;
    const char *order;
    struct progress progress;
    struct status *e;
};

static int
fail_write(struct exporting *ex, const char *path)
{
    return status_set(ex->e, STATUS_FAILED_HERE, _("cannot write %s: %s"), path, strerror(errno));
}

static int
fail_malformed(struct exporting *ex)
{
    return status_set(ex->e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
}

/* Files. */

static int
begin_output(struct exporting *ex, struct written *o, const char *name, const char *ending)
{
    const char *path = arena_print(ex->lasting, "%s/%s.%s", ex->part, name, ending);
    return path ? written_begin(ex->lasting, path, o, ex->e) : failure_memory(ex->e);
}

/** As written_find(). */
static int
find_output(struct exporting *ex, const char *name, const char *ending, char digest[SHA256_TEXT])
{
    const char *path = arena_print(ex->lasting, "%s/%s.%s", ex->part, name, ending);
    return path ? written_find(path, digest, ex->e) : failure_memory(ex->e);
}

/** Takes out of a folder of ours what an earlier export left there; @depth: of the folder. */
static int
clear_folder(struct exporting *ex, const char *path, int depth)
{
    DIR *d = opendir(path);
    struct stat st;
    int rc = 0;
    if (!d)
        return fail_write(ex, path);
    for (const struct dirent *one; rc == 0 && (one = readdir(d));) {
        const char *name = one->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, OWN_NAME) == 0)
            continue;
        const char *whole = arena_print(ex->client->arena, "%s/%s", path, name);
        if (!whole) {
            rc = failure_memory(ex->e);
            break;
        }
        bool is_folder = lstat(whole, &st) == 0 && S_ISDIR(st.st_mode);
        if (is_folder && depth < DEPTH)
            rc = clear_folder(ex, whole, depth + 1);
        if (rc == 0 && (is_folder ? rmdir(whole) : unlink(whole)) < 0)
            rc = fail_write(ex, whole);
    }
    closedir(d);
    return rc;
}

/* Calls. */

static ProtobufCMessage *
ask(struct exporting *ex, const struct schema_method *method)
{
    struct arena *a = ex->client->arena;
    ProtobufCMessage *m = message_new(a, method->in);
    const struct schema_field *id = schema_find_field(method->in, "export_id");
    if (m && (!id || message_put_integer(a, m, id, ex->id) == 0))
        return m;
    failure_memory(ex->e);
    return NULL;
}

static const ProtobufCMessage *
show(struct exporting *ex)
{
    const ProtobufCMessage *request = ask(ex, ex->show);
    return request ? session_call(ex->client, ex->show, request, ex->e) : NULL;
}

static void
tell_wait(void *arg, const struct status *why)
{
    const struct exporting *ex = arg;
    progress_wait(&ex->progress, why->message);
}

/* Rows. */

static int
take_cell(void *arg, const char *name, const char *text)
{
    struct exporting *ex = arg;
    size_t n = message_count(ex->source.message, ex->columns);
    for (size_t i = 0; i < n; i++)
        if (strcmp(*(char *const *)message_value(ex->source.message, ex->columns, i), name) == 0) {
            ex->cells[i] = arena_copy(ex->client->arena, text, strlen(text));
            return ex->cells[i] ? 0 : -1;
        }
    return 0;
}

/** A cell, whole whatever separates columns, with an apostrophe where it looks like a formula. */
static int
write_cell(struct exporting *ex, const char *text, bool first)
{
    struct arena *a = ex->client->arena;
    /* One that begins with apostrophes gets one more, for the import takes one off. */
    if (text && print_csv_is_formula(text + strspn(text, "'")))
        text = arena_print(a, "'%s", text);
    const char *cell = text ? print_csv_cell(a, text, "\",\r\n;\t") : NULL;
    if (!cell)
        return failure_memory(ex->e);
    written_add(&ex->csv, first ? "" : ",");
    written_add(&ex->csv, cell);
    return 0;
}

/** The columns' names, or the cells. */
static int
write_line(struct exporting *ex, bool names)
{
    const ProtobufCMessage *m = ex->source.message;
    for (size_t i = 0; i < message_count(m, ex->columns); i++) {
        const char *text = names          ? *(char *const *)message_value(m, ex->columns, i)
                           : ex->cells[i] ? ex->cells[i]
                                          : "";
        if (write_cell(ex, text, i == 0) < 0)
            return -1;
    }
    written_add(&ex->csv, "\n");
    return 0;
}

/** The rows of a piece, a line each, as the array that they are; in *@ret the place before it. */
static int
begin_rows(struct exporting *ex, const char *data, struct json_rows *ret)
{
    char *array = arena_print(ex->client->arena, "[%s]", data);
    if (!array)
        return failure_memory(ex->e);
    /* There is no other line feed in it: inside of texts it is written otherwise. */
    for (char *at = array; (at = strchr(at, '\n'));)
        *at = ',';
    *ret = json_rows_begin(array, strlen(array));
    ret->takes_nested = true;
    return 0;
}

/** The rows of a piece: as they are, and as lines of CSV. */
static int
write_rows(struct exporting *ex, const char *data)
{
    struct json_rows rows;
    size_t n_columns = message_count(ex->source.message, ex->columns);
    ex->cells = arena_alloc(ex->client->arena, (n_columns + 1) * sizeof *ex->cells);
    if (!ex->cells)
        return failure_memory(ex->e);
    if (begin_rows(ex, data, &rows) < 0)
        return -1;
    for (const char *at = data, *end; *at; at = *end ? end + 1 : end) {
        end = at + strcspn(at, "\n");
        written_add(&ex->json, ex->n_rows++ ? ",\n" : "\n");
        sha256_add(ex->json.sha256, at, (size_t)(end - at));
        fwrite(at, 1, (size_t)(end - at), ex->json.file);
    }
    for (enum json_rows_found found;;) {
        memset(ex->cells, 0, n_columns * sizeof *ex->cells);
        found = json_rows_next(&rows, take_cell, ex);
        if (found == JSON_ROWS_END)
            return 0;
        if (found != JSON_ROWS_ROW)
            return found == JSON_ROWS_SHORT ? failure_memory(ex->e) : fail_malformed(ex);
        if (write_line(ex, false) < 0)
            return -1;
    }
}

/** A piece's rows, a line each; NULL with the error set. */
static const char *
read_piece(struct exporting *ex, int64_t seq)
{
    struct client *c = ex->client;
    ProtobufCMessage *request = ask(ex, ex->piece), *answer;
    const struct schema_message *in = ex->piece->in;
    if (!request)
        return NULL;
    if (message_put_integer(c->arena, request, schema_find_field(in, "no"), ex->source.no) < 0 ||
        message_put_integer(c->arena, request, schema_find_field(in, "seq"), seq) < 0) {
        failure_memory(ex->e);
        return NULL;
    }
    if (!(answer = session_call(c, ex->piece, request, ex->e)))
        return NULL;
    const char *data = message_named_string(answer, "data");
    if (!data)
        fail_malformed(ex);
    return data;
}

static int
write_piece(struct exporting *ex, int64_t seq)
{
    const char *data = read_piece(ex, seq);
    if (!data)
        return -1;
    ex->progress.done += (int64_t)strlen(data);
    return write_rows(ex, data);
}

/** Does @work in an arena of its own, so that memory does not grow with what there is. */
static int
step(struct exporting *ex, int (*work)(struct exporting *ex, int64_t seq), int64_t seq)
{
    struct client *c = ex->client;
    int rc;
    if (!(c->arena = arena_new(PIECE_ARENA_BYTES))) {
        c->arena = ex->lasting;
        return failure_memory(ex->e);
    }
    ex->progress.arena = c->arena;
    progress_show(&ex->progress);
    rc = work(ex, seq);
    arena_free(c->arena);
    ex->progress.arena = c->arena = ex->lasting;
    return rc;
}

/* The export's files. */

static int
note_file(struct exporting *ex, const char *name, const char *ending, const char *digest)
{
    const struct source *s = &ex->source;
    const char *line =
        arena_print(ex->lasting,
                    "%s\n    {\"file\": \"%s.%s\", \"sha256\": \"%s\", \"rows\": %lld%s%s%s}",
                    ex->n_noted++ ? "," : "", name, ending, digest, (long long)s->rows,
                    s->kind ? ", \"kind\": \"" : "", s->kind ? s->kind : "", s->kind ? "\"" : "");
    if (!line)
        return failure_memory(ex->e);
    written_add(&ex->manifest, line);
    return 0;
}

static int
write_file(struct exporting *ex, const char *name)
{
    int rc = -1;
    ex->n_rows = 0;
    if (begin_output(ex, &ex->csv, name, "csv") == 0 &&
        begin_output(ex, &ex->json, name, "json") == 0) {
        written_add(&ex->json, "[");
        rc = write_line(ex, true);
        for (int64_t seq = 0; rc == 0 && seq < ex->source.pieces; seq++)
            rc = step(ex, write_piece, seq);
        written_add(&ex->json, "\n]\n");
        if (rc == 0 && (int64_t)ex->n_rows != ex->source.rows)
            rc = fail_malformed(ex);
    }
    bool whole = rc == 0;
    /* The CSV first: where both are there, both are whole. */
    if (written_end(&ex->csv, whole, ex->e) < 0)
        rc = -1;
    if (written_end(&ex->json, whole && rc == 0, ex->e) < 0)
        rc = -1;
    return rc;
}

/** Whether what the server calls a file can be one here. */
static bool
is_name(const char *name)
{
    return name && *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == 0;
}

static struct source
read_source(const ProtobufCMessage *m)
{
    return (struct source){.no = message_named_integer(m, "no"),
                           .rows = message_named_integer(m, "rows"),
                           .bytes = message_named_integer(m, "bytes"),
                           .pieces = message_named_integer(m, "pieces"),
                           .name = message_named_string(m, "name"),
                           .kind = message_named_string(m, "kind"),
                           .message = m};
}

static int
take_file(struct exporting *ex, const ProtobufCMessage *m)
{
    struct source *s = &ex->source;
    *s = read_source(m);
    ex->columns = schema_find_field(schema_of(m), "columns");
    if (!is_name(s->name) || (s->kind && !is_name(s->kind)))
        return fail_malformed(ex);
    const char *name = s->kind ? s->name : arena_print(ex->lasting, "tables/%s", s->name);
    if (s->kind)
        ex->order =
            arena_print(ex->lasting, "%s%s\"%s\"", ex->order, *ex->order ? ", " : "", s->kind);
    if (!name || !ex->order)
        return failure_memory(ex->e);
    int csv = find_output(ex, name, "csv", ex->csv.digest);
    int json = csv > 0 ? find_output(ex, name, "json", ex->json.digest) : 0;
    if (csv < 0 || json < 0 || (json == 0 && write_file(ex, name) < 0))
        return -1;
    if (json > 0)
        ex->progress.done += s->bytes;
    return note_file(ex, name, "csv", ex->csv.digest) < 0
               ? -1
               : note_file(ex, name, "json", ex->json.digest);
}

/* Files that were put on things: each whole, as it was put there. */

/** Fetches one, and notes it; one that is not shown any more is told of, and left out. */
static int
fetch_one(struct exporting *ex, int64_t id)
{
    struct arena *a = ex->client->arena;
    const ProtobufCMessage *file;
    const char *name, *folder = arena_print(a, "%s/files/%lld", ex->part, (long long)id);
    if (!folder)
        return failure_memory(ex->e);
    if (fetch_file(ex->client, id, folder, &name, &file, ex->e) < 0) {
        if (ex->e->code != STATUS_NOT_FOUND)
            return -1;
        progress_end(&ex->progress);
        fprintf(stderr, "file/%lld: %s\n", (long long)id, ex->e->message);
        *ex->e = (struct status){0};
        return 0;
    }
    const char *quoted = json_write(a, file, schema_find_field(schema_of(file), "name"), false);
    const char *sha256 = message_named_string(file, "sha256");
    const char *line =
        !quoted || !sha256
            ? NULL
            : arena_print(a, "%s\n    {\"file\": \"files/%lld/%s, \"sha256\": \"%s\"}",
                          ex->n_noted++ ? "," : "", (long long)id,
                          strcmp(name, "file") == 0 ? "file\"" : quoted + 1, sha256);
    if (!line)
        return failure_memory(ex->e);
    written_add(&ex->manifest, line);
    return 0;
}

static int
take_id(void *arg, const char *name, const char *text)
{
    if (strcmp(name, "id") == 0)
        *(int64_t *)arg = strtoll(text, NULL, 10);
    return 0;
}

/** Fetches the files that a piece of the table of files has. */
static int
fetch_piece(struct exporting *ex, int64_t seq)
{
    struct client *c = ex->client;
    struct arena *piece = c->arena;
    const char *data = read_piece(ex, seq);
    struct json_rows rows;
    int rc = data ? begin_rows(ex, data, &rows) : -1;
    for (int64_t id = 0; rc == 0; id = 0) {
        enum json_rows_found found = json_rows_next(&rows, take_id, &id);
        if (found == JSON_ROWS_END)
            break;
        if (found != JSON_ROWS_ROW || id <= 0)
            return fail_malformed(ex);
        c->arena = arena_new(PIECE_ARENA_BYTES);
        rc = c->arena ? fetch_one(ex, id) : failure_memory(ex->e);
        if (c->arena)
            arena_free(c->arena);
        ex->progress.arena = c->arena = piece;
        c->on_wait = tell_wait;
    }
    return rc;
}

static int
fetch_files(struct exporting *ex, const ProtobufCMessage *m)
{
    const char *folder = arena_print(ex->lasting, "%s/files", ex->part);
    int rc = 0;
    ex->source = read_source(m);
    if (!folder)
        return failure_memory(ex->e);
    if (ex->source.rows > 0 && mkdir(folder, 0700) < 0 && errno != EEXIST)
        return fail_write(ex, folder);
    for (int64_t seq = 0; rc == 0 && seq < ex->source.pieces; seq++)
        rc = step(ex, fetch_piece, seq);
    return rc;
}

static int
end_manifest(struct exporting *ex, const ProtobufCMessage *export)
{
    const struct profile *p = &ex->client->profile;
    const struct schema_field *moment = schema_find_field(schema_of(export), "as_of");
    const char *at =
        message_has(export, moment) ? json_write(ex->lasting, export, moment, false) : "null";
    const char *text =
        arena_print(ex->lasting,
                    "\n  ],\n  \"company\": \"%s\",\n  \"export\": %lld,\n"
                    "  \"as_of\": %s,\n  \"source\": \"jiayi\",\n"
                    "  \"import\": [%s]\n}\n",
                    p->company ? p->company : "", (long long)ex->id, at ? at : "null", ex->order);
    if (!text)
        return failure_memory(ex->e);
    written_add(&ex->manifest, text);
    return 0;
}

/** The files, and the manifest of them. */
static int
write_files(struct exporting *ex, const ProtobufCMessage *export)
{
    const struct schema_field *files = schema_find_field(ex->show->out, "files");
    const char *tables = arena_print(ex->lasting, "%s/tables", ex->part);
    int rc = 0;
    if (!tables)
        return failure_memory(ex->e);
    if (mkdir(tables, 0700) < 0 && errno != EEXIST)
        rc = fail_write(ex, tables);
    if (rc == 0)
        rc = begin_output(ex, &ex->manifest, "manifest", "json");
    if (rc == 0)
        written_add(&ex->manifest, "{\n  \"files\": [");
    for (size_t i = 0; rc == 0 && i < message_count(export, files); i++) {
        const ProtobufCMessage *one = *(ProtobufCMessage *const *)message_value(export, files, i);
        rc = take_file(ex, one);
        if (rc == 0 && ex->source.name && strcmp(ex->source.name, "file") == 0)
            rc = fetch_files(ex, one);
    }
    if (rc == 0)
        rc = end_manifest(ex, export);
    return written_end(&ex->manifest, rc == 0, ex->e) < 0 ? -1 : rc;
}

/* The folder. */

/** Opens DIR.part, for one jiayi alone. */
static int
open_folder(struct exporting *ex)
{
    struct arena *a = ex->lasting;
    size_t n = strlen(ex->folder);
    struct stat st;
    while (n > 1 && ex->folder[n - 1] == '/')
        n--;
    ex->folder = arena_copy(a, ex->folder, n);
    ex->part = ex->folder ? arena_print(a, "%s.part", ex->folder) : NULL;
    const char *own = ex->part ? arena_print(a, "%s/" OWN_NAME, ex->part) : NULL;
    if (!own)
        return failure_memory(ex->e);
    if (lstat(ex->folder, &st) == 0)
        return status_set(ex->e, STATUS_FAILED_HERE,
                          _("%s is there already; give another folder, or remove it first"),
                          ex->folder);
    if (mkdir(ex->part, 0700) < 0 && errno != EEXIST)
        return fail_write(ex, ex->part);
    ex->own_fd = open(own, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (ex->own_fd < 0)
        return fail_write(ex, own);
    if (flock(ex->own_fd, LOCK_EX | LOCK_NB) < 0)
        return status_set(ex->e, STATUS_FAILED_HERE, _("another jiayi is exporting into %s"),
                          ex->folder);
    return 0;
}

/** Which export DIR.part is of, where the server keeps it: 1; 0: a new one is to be made; -1. */
static int
find_export(struct exporting *ex)
{
    char text[DIGITS] = "";
    ssize_t n = pread(ex->own_fd, text, sizeof text - 1, 0);
    ex->id = n > 0 ? strtoll(text, NULL, 10) : 0;
    if (ex->id <= 0)
        return 0;
    const ProtobufCMessage *export = show(ex);
    const char *state = export ? message_named_string(export, "state") : NULL;
    if (export)
        return state && (strcmp(state, "running") == 0 || strcmp(state, "done") == 0);
    return ex->e->code == STATUS_NOT_FOUND ? 0 : -1;
}

static int
start_export(struct exporting *ex)
{
    struct client *c = ex->client;
    char text[DIGITS];
    ProtobufCMessage *request = ask(ex, ex->start), *answer;
    *ex->e = (struct status){0};
    call_new_id(c->own_id);
    if (!request || !(answer = replay_call(c, ex->start, request, ex->e)))
        return -1;
    ex->id = message_named_integer(answer, "id");
    int n = snprintf(text, sizeof text, "%lld\n", (long long)ex->id);
    if (clear_folder(ex, ex->part, 0) < 0)
        return -1;
    if (ftruncate(ex->own_fd, 0) < 0 || pwrite(ex->own_fd, text, (size_t)n, 0) != n)
        return fail_write(ex, ex->part);
    return 0;
}

/** Waits until the server has made the export; it in the lasting arena, or NULL. */
static const ProtobufCMessage *
await_export(struct exporting *ex)
{
    struct client *c = ex->client;
    for (long ms = FIRST_WAIT_MS;; ms = ms * 2 < MOST_WAIT_MS ? ms * 2 : MOST_WAIT_MS) {
        struct arena *a = arena_new(PIECE_ARENA_BYTES);
        char text[100];
        if (!a) {
            failure_memory(ex->e);
            return NULL;
        }
        c->arena = a;
        const ProtobufCMessage *export = show(ex);
        const char *state = export ? message_named_string(export, "state") : NULL;
        bool waits = state && strcmp(state, "running") == 0,
             done = state && !waits && strcmp(state, "done") == 0;
        snprintf(text, sizeof text, _("the server makes it: %lld rows"),
                 export ? (long long)message_named_integer(export, "rows") : 0);
        arena_free(a);
        ex->progress.arena = c->arena = ex->lasting;
        if (done)
            return show(ex);
        if (!waits) {
            if (export)
                status_set(ex->e, STATUS_INTERNAL, "%s",
                           _("the server could not make the export; its log says why"));
            return NULL;
        }
        progress_wait(&ex->progress, text);
        nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
    }
}

/** The folder, which is whole, gets its name. */
static int
keep_folder(struct exporting *ex)
{
    const char *own = arena_print(ex->lasting, "%s/" OWN_NAME, ex->part);
    if (!own)
        return failure_memory(ex->e);
    if (unlink(own) < 0)
        return fail_write(ex, own);
    if (rename(ex->part, ex->folder) < 0 || file_sync_folder_of(ex->folder) < 0)
        return fail_write(ex, ex->folder);
    return 0;
}

static int
fetch(struct exporting *ex)
{
    const ProtobufCMessage *export = await_export(ex);
    const struct schema_field *files = schema_find_field(ex->show->out, "files");
    int rc = export ? 0 : -1;
    for (size_t i = 0; export && i < message_count(export, files); i++)
        ex->progress.total +=
            message_named_integer(*(ProtobufCMessage *const *)message_value(export, files, i),
                                  "bytes");
    if (rc == 0)
        rc = write_files(ex, export);
    progress_end(&ex->progress);
    return rc == 0 ? keep_folder(ex) : -1;
}

/** What a failure leaves behind: nothing where nothing has begun. */
static void
say_kept(struct exporting *ex)
{
    const char *own = arena_print(ex->lasting, "%s/" OWN_NAME, ex->part);
    if (ex->id == 0 && own && unlink(own) == 0)
        rmdir(ex->part);
    ex->client->fate = FATE_ANSWERED;
    if (ex->e->code == STATUS_UNAVAILABLE || ex->e->code == STATUS_DEADLINE_EXCEEDED ||
        ex->e->code == STATUS_RESOURCE_EXHAUSTED)
        ex->client->go_on = advice_again(ex->client);
}

/** The whole of it: the folder, the export, its files. */
static int
run_export(struct exporting *ex)
{
    struct client *c = ex->client;
    if (session_open(c, ex->e) < 0 || session_check(c, ex->start, ex->e) < 0 || open_folder(ex) < 0)
        return -1;
    if (c->parsed.timeout_ms == 0)
        c->parsed.timeout_ms = CALL_MS;
    c->on_wait = tell_wait;
    c->wait_arg = ex;
    int rc = find_export(ex);
    if (rc == 0)
        rc = start_export(ex);
    if (rc >= 0)
        rc = fetch(ex);
    c->on_wait = NULL;
    if (rc == 0)
        puts(ex->folder);
    else
        say_kept(ex);
    close(ex->own_fd);
    return rc;
}

int
export_run(struct client *c, struct status *e)
{
    struct exporting ex = {
        .client = c,
        .lasting = c->arena,
        .e = e,
        .order = "",
        .own_fd = -1,
        .folder = parse_value(&c->parsed, "DIR"),
        .start = schema_find_method(c->schema, "ExportService/StartExport"),
        .show = schema_find_method(c->schema, "ExportService/GetExport"),
        .piece = schema_find_method(c->schema, "ExportService/GetExportPiece"),
    };
    ex.progress = (struct progress){.arena = c->arena, .label = ex.folder};
    return run_export(&ex);
}
