/**
 * `jiayi file put`, in chunks: what a cut left behind is gone on with, for the server knows which
 * chunks of an upload it has. And what goes with a report: `--attach`.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/handmade/files.h"
#include "client/handmade/handmade.h"
#include "client/handmade/transfer.h"
#include "client/output/progress.h"
#include "client/run/advice.h"
#include "client/run/pages.h"
#include "client/run/replay.h"
#include "client/run/request.h"
#include "common/file.h"
#include "common/sha256.h"
#include "common/text.h"

/** The chunk @seq of the file here, in the client's arena. */
static int
read_chunk(struct transfer *t, int64_t seq, ProtobufCBinaryData *ret)
{
    ret->len = transfer_chunk_size(t, seq);
    ret->data = arena_alloc(t->client->arena, ret->len);
    if (!ret->data)
        return failure_memory(t->e);
    if (lseek(t->fd, (off_t)(seq * CHUNK_BYTES), SEEK_SET) < 0)
        return transfer_fail(_("cannot read %s: %s"), t->path, t->e);
    ssize_t got = file_read_all(t->fd, ret->data, ret->len);
    if (got < 0)
        return transfer_fail(_("cannot read %s: %s"), t->path, t->e);
    if ((size_t)got < ret->len)
        return status_set(t->e, STATUS_FAILED_HERE, _("%s changes while it is read"), t->path);
    return 0;
}

static int
put_chunk(struct transfer *t, int64_t seq, int64_t *ret_next)
{
    struct client *c = t->client;
    const struct schema_method *method = schema_find_method(c->schema, "FileService/PutChunk");
    ProtobufCMessage *request = transfer_ask(t, method), *answer;
    ProtobufCBinaryData data;
    if (!request || read_chunk(t, seq, &data) < 0)
        return -1;
    if (transfer_put_number(c->arena, request, "seq", seq) < 0 ||
        message_put(c->arena, request, schema_find_field(method->in, "data"), &data) < 0)
        return failure_memory(t->e);
    call_new_id(c->own_id);
    if (!(answer = replay_call(c, method, request, t->e)))
        return -1;
    *ret_next = transfer_number(answer, "next_chunk");
    return 0;
}

/** Opens the file at t->path, and works out its length and SHA-256. */
static int
open_source(struct transfer *t, char sha256[SHA256_TEXT])
{
    struct stat st;
    t->fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (t->fd < 0 || fstat(t->fd, &st) < 0)
        return transfer_fail(_("cannot read %s: %s"), t->path, t->e);
    if (!S_ISREG(st.st_mode))
        return status_set(t->e, STATUS_FAILED_HERE, _("%s is not a regular file"), t->path);
    t->bytes = st.st_size;
    if (t->bytes == 0)
        return status_set(t->e, STATUS_FAILED_HERE, _("%s is empty"), t->path);
    struct sha256 *s = sha256_begin();
    if (!s)
        return failure_memory(t->e);
    int rc = transfer_hash(t, s, t->bytes);
    sha256_end(s, sha256);
    return rc;
}

static int
put_text(struct arena *a, ProtobufCMessage *m, const char *field, const char *value)
{
    return message_put_string(a, m, schema_find_field(schema_of(m), field), value, strlen(value));
}

/** The file's own name. */
static const char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/** Puts what is known of the file here into the request @m to begin with. */
static int
describe_source(struct transfer *t, ProtobufCMessage *m, const char *name, const char *sha256)
{
    struct arena *a = t->client->arena;
    bool fine = transfer_put_number(a, m, "bytes", t->bytes) == 0 &&
                put_text(a, m, "name", name) == 0 && put_text(a, m, "sha256", sha256) == 0;
    return fine ? 0 : failure_memory(t->e);
}

/** The request to begin, of the command line and the file here. */
static ProtobufCMessage *
make_request(struct transfer *t, const char *sha256)
{
    struct client *c = t->client;
    const char *name = parse_value(&c->parsed, "name");
    ProtobufCMessage *m = request_make(c, t->e);
    if (!m || request_check(c, m, t->e) < 0)
        return NULL;
    name = name ? name : name_of(t->path);
    if (!text_valid(name, strlen(name))) {
        status_set(t->e, STATUS_USAGE, "%s",
                   _("the file's name is no UTF-8; give another with --name"));
        return NULL;
    }
    return describe_source(t, m, name, sha256) < 0 ? NULL : m;
}

/** Sends the chunks that are missing, and completes the file; NULL with the error set. */
static const ProtobufCMessage *
send_file(struct transfer *t, const ProtobufCMessage *file)
{
    const struct schema_method *method =
        schema_find_method(t->client->schema, "FileService/CompleteFile");
    const char *state = message_named_string(file, "state");
    if (transfer_take(t, file) < 0)
        return NULL;
    if (state && strcmp(state, "complete") == 0)
        return file;
    if (transfer_run(t, transfer_number(file, "next_chunk"), put_chunk) < 0)
        return NULL;
    ProtobufCMessage *request = transfer_ask(t, method);
    call_new_id(t->client->own_id);
    return request ? replay_call(t->client, method, request, t->e) : NULL;
}

int
files_put(struct client *c, struct status *e)
{
    char sha256[SHA256_TEXT];
    const struct schema_method *method = c->parsed.command->method;
    struct transfer t = {.client = c, .lasting = c->arena, .e = e};
    t.path = parse_value(&c->parsed, "PATH");
    t.progress = (struct progress){.arena = c->arena, .label = t.path};
    if (open_source(&t, sha256) < 0)
        return -1;
    ProtobufCMessage *request = make_request(&t, sha256), *begun;
    if (!request || session_open(c, e) < 0 || session_check(c, method, e) < 0 ||
        !(begun = replay_call(c, method, request, e)))
        return -1;
    const ProtobufCMessage *file = send_file(&t, begun);
    if (!file) {
        transfer_say_kept(&t);
        return -1;
    }
    struct print_options o = pages_options(c);
    return print_answer(c->arena, file, &o, e);
}

/* Attach. */

/** The most characters of a name, as the server takes it; more than 255 bytes no file has. */
enum { NAME_CHARACTERS = 200 };

/** A file that is to go with something that is not there yet. */
struct attachment {
    struct transfer transfer;
    /** FileService/CreateFile's, but for what it is put on. */
    ProtobufCMessage *request;
};

/** Refuses what the server would not take: it would be told only when the other change is done. */
static int
check_attachment(const struct transfer *t, const ProtobufCMessage *request)
{
    const struct schema_field *bytes = schema_find_field(schema_of(request), "bytes");
    const char *name = name_of(t->path);
    size_t n = strlen(name);
    bool fine = text_length(name) <= NAME_CHARACTERS;
    for (size_t at = 0, step; fine && at < n; at += step)
        fine = !text_is_deceptive(text_decode(name + at, n - at, &step));
    if (!fine)
        return status_set(t->e, STATUS_FAILED_HERE,
                          _("%s has a name that cannot be kept; rename it"), t->path);
    if (t->bytes > bytes->option->maximum)
        return status_set(t->e, STATUS_FAILED_HERE, _("%s is longer than %lld bytes"), t->path,
                          (long long)bytes->option->maximum);
    return 0;
}

static int
open_attachment(struct client *c, const char *path, struct attachment *one, struct status *e)
{
    char sha256[SHA256_TEXT];
    const struct schema_method *method = schema_find_method(c->schema, "FileService/CreateFile");
    one->transfer = (struct transfer){.client = c, .lasting = c->arena, .path = path, .e = e};
    one->transfer.progress = (struct progress){.arena = c->arena, .label = path};
    one->request = message_new(c->arena, method->in);
    if (!one->request)
        return failure_memory(e);
    if (open_source(&one->transfer, sha256) < 0 ||
        describe_source(&one->transfer, one->request, name_of(path), sha256) < 0)
        return -1;
    return check_attachment(&one->transfer, one->request);
}

int
files_open(struct client *c, const struct values *paths, struct attachments *ret, struct status *e)
{
    *ret = (struct attachments){0};
    if (paths->n && !(ret->all = arena_alloc(c->arena, paths->n * sizeof *ret->all)))
        return failure_memory(e);
    for (; ret->n < paths->n; ret->n++)
        if (open_attachment(c, paths->all[ret->n], &ret->all[ret->n], e) < 0)
            return -1;
    return 0;
}

static int
attach_one(struct attachment *one, const char *on)
{
    struct transfer *t = &one->transfer;
    struct client *c = t->client;
    const struct schema_method *method = schema_find_method(c->schema, "FileService/CreateFile");
    const ProtobufCMessage *begun;
    if (put_text(c->arena, one->request, "on", on) < 0)
        return failure_memory(t->e);
    call_new_id(c->own_id);
    return (begun = replay_call(c, method, one->request, t->e)) && send_file(t, begun) ? 0 : -1;
}

/** The commands that put what is missing from @first on; NULL without memory. */
static const char *
commands_for(struct client *c, const struct attachments *a, size_t first, const char *on)
{
    const char *line = NULL;
    for (size_t i = first; i < a->n; i++) {
        const char *path = a->all[i].transfer.path;
        /* A path is no flag. */
        const char *words[] = {"file", "put", on, *path == '-' ? "--" : path, path};
        const char *one = advice_command(c, *path == '-' ? 5 : 4, words);
        line = one && line ? arena_print(c->arena, "%s && %s", line, one) : one;
        if (!line)
            return NULL;
    }
    return line;
}

int
files_attach(struct client *c, const struct attachments *a, const char *on, struct status *e)
{
    for (size_t i = 0; i < a->n; i++) {
        if (attach_one(&a->all[i], on) == 0)
            continue;
        struct status before = *e;
        status_set(e, before.code, _("%s is there, and %s is missing: %s"), on,
                   a->all[i].transfer.path, before.message);
        /* What it is on is done, whatever became of this. */
        c->fate = FATE_ANSWERED;
        c->go_on = commands_for(c, a, i, on);
        return -1;
    }
    return 0;
}
