/**
 * `jiayi file put` and `file get`: files go and come in chunks, a call for each. And what goes with
 * a report: `--attach`. What a cut left
 * behind is gone on with: the server knows which chunks of an upload it has, and what is fetched is
 * kept beside its place until it is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/handmade/files.h"
#include "client/handmade/handmade.h"
#include "client/output/display.h"
#include "client/output/progress.h"
#include "client/run/advice.h"
#include "client/run/pages.h"
#include "client/run/replay.h"
#include "client/run/request.h"
#include "common/file.h"
#include "common/sha256.h"
#include "common/text.h"

enum {
    /** The bytes of a chunk; the last one has what is left. */
    CHUNK_BYTES = 262144,
    /** The most memory of one chunk's call. */
    CHUNK_ARENA_BYTES = 8 << 20,
    /** How much of the SHA-256 the name of an unfinished file has. */
    PART_DIGITS = 16,
};

/** A file on its way. */
struct transfer {
    struct client *client;
    /** What lasts as long as the command; the client's arena is a chunk's. */
    struct arena *lasting;
    /** The file here: open, and what it is called. */
    int fd;
    const char *path;
    /** Its number there, its length, how many chunks it has. */
    int64_t id, bytes, chunks;
    const char *sha256;
    struct progress progress;
    struct status *e;
};

/* What both have in common. */

/** A number of the message; -1 where it is absent. */
static int64_t
number_of(const ProtobufCMessage *m, const char *field)
{
    const struct schema_field *f = schema_find_field(schema_of(m), field);
    return f && message_has(m, f) ? message_integer(m, f, 0) : -1;
}

static int
put_number(struct arena *a, ProtobufCMessage *m, const char *field, int64_t value)
{
    return message_put_integer(a, m, schema_find_field(schema_of(m), field), value);
}

static int
fail_malformed(struct status *e)
{
    return status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
}

static int
fail_to(const char *template, const char *path, struct status *e)
{
    return status_set(e, STATUS_FAILED_HERE, template, path, strerror(errno));
}

static void
tell_wait(void *arg, const struct status *why)
{
    const struct transfer *t = arg;
    progress_wait(&t->progress, why->message);
}

static size_t
chunk_size(const struct transfer *t, int64_t seq)
{
    int64_t left = t->bytes - seq * CHUNK_BYTES;
    return (size_t)(left < CHUNK_BYTES ? left : CHUNK_BYTES);
}

/** Takes what the server says of the file; -1 where it makes no sense. */
static int
take_file(struct transfer *t, const ProtobufCMessage *file)
{
    t->id = number_of(file, "id");
    t->bytes = number_of(file, "bytes");
    t->chunks = number_of(file, "chunks");
    t->sha256 = message_named_string(file, "sha256");
    bool fine = t->id > 0 && t->bytes > 0 && t->chunks == (t->bytes - 1) / CHUNK_BYTES + 1 &&
                t->sha256 && strlen(t->sha256) == SHA256_TEXT - 1 &&
                strspn(t->sha256, "0123456789abcdef") == SHA256_TEXT - 1;
    t->progress.total = t->bytes;
    return fine ? 0 : fail_malformed(t->e);
}

/** A request about the file; NULL without memory. In the client's arena. */
static ProtobufCMessage *
ask_of(struct transfer *t, const struct schema_method *method)
{
    ProtobufCMessage *m = message_new(t->client->arena, method->in);
    if (m && put_number(t->client->arena, m, "file_id", t->id) == 0)
        return m;
    failure_memory(t->e);
    return NULL;
}

/** The failure of a transfer that has begun: what has come over stays. */
static void
say_kept(struct transfer *t)
{
    struct status *e = t->e, before = *e;
    /* Whether this chunk was done makes no difference. */
    t->client->fate = FATE_ANSWERED;
    if (before.code == STATUS_UNAVAILABLE || before.code == STATUS_DEADLINE_EXCEEDED ||
        before.code == STATUS_RESOURCE_EXHAUSTED)
        status_set(e, before.code,
                   _("%s (what has come over is kept, and the same command goes on from there)"),
                   before.message);
}

/** Goes through the chunks from @first on; @move does one, in an arena of its own. */
static int
move_chunks(struct transfer *t, int64_t first,
            int (*move)(struct transfer *t, int64_t seq, int64_t *ret_next))
{
    struct client *c = t->client;
    int rc = 0;
    for (int64_t seq = first, next; rc == 0 && seq >= 0 && seq < t->chunks; seq = next) {
        next = -1;
        t->progress.done = seq * CHUNK_BYTES;
        t->progress.arena = c->arena = arena_new(CHUNK_ARENA_BYTES);
        if (c->arena) {
            progress_show(&t->progress);
            rc = move(t, seq, &next);
        } else {
            rc = failure_memory(t->e);
        }
        if (rc == 0 && next >= 0 && next <= seq)
            rc = fail_malformed(t->e);
        arena_free(c->arena);
        t->progress.arena = c->arena = t->lasting;
    }
    return rc;
}

/** Runs the transfer with the bar. */
static int
transfer(struct transfer *t, int64_t first,
         int (*move)(struct transfer *t, int64_t seq, int64_t *ret_next))
{
    t->client->on_wait = tell_wait;
    t->client->wait_arg = t;
    int rc = move_chunks(t, first, move);
    progress_end(&t->progress);
    t->client->on_wait = NULL;
    return rc;
}

/** Adds the @n bytes at @at of the file here; -1 where they cannot be read. */
static int
hash_part(struct transfer *t, struct sha256 *s, int64_t n)
{
    char piece[16384];
    while (n > 0) {
        ssize_t got = read(t->fd, piece, n < (int64_t)sizeof piece ? (size_t)n : sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_to(_("cannot read %s: %s"), t->path, t->e);
        if (got == 0)
            return status_set(t->e, STATUS_FAILED_HERE, _("%s changes while it is read"), t->path);
        sha256_add(s, piece, (size_t)got);
        n -= got;
    }
    return 0;
}

/* Put. */

/** The chunk @seq of the file here, in the client's arena. */
static int
read_chunk(struct transfer *t, int64_t seq, ProtobufCBinaryData *ret)
{
    ret->len = chunk_size(t, seq);
    ret->data = arena_alloc(t->client->arena, ret->len);
    if (!ret->data)
        return failure_memory(t->e);
    if (lseek(t->fd, (off_t)(seq * CHUNK_BYTES), SEEK_SET) < 0)
        return fail_to(_("cannot read %s: %s"), t->path, t->e);
    ssize_t got = file_read_all(t->fd, ret->data, ret->len);
    if (got < 0)
        return fail_to(_("cannot read %s: %s"), t->path, t->e);
    if ((size_t)got < ret->len)
        return status_set(t->e, STATUS_FAILED_HERE, _("%s changes while it is read"), t->path);
    return 0;
}

static int
put_chunk(struct transfer *t, int64_t seq, int64_t *ret_next)
{
    struct client *c = t->client;
    const struct schema_method *method = schema_find_method(c->schema, "FileService/PutChunk");
    ProtobufCMessage *request = ask_of(t, method), *answer;
    ProtobufCBinaryData data;
    if (!request || read_chunk(t, seq, &data) < 0)
        return -1;
    if (put_number(c->arena, request, "seq", seq) < 0 ||
        message_put(c->arena, request, schema_find_field(method->in, "data"), &data) < 0)
        return failure_memory(t->e);
    call_new_id(c->own_id);
    if (!(answer = replay_call(c, method, request, t->e)))
        return -1;
    *ret_next = number_of(answer, "next_chunk");
    return 0;
}

/** Opens the file at t->path, and works out its length and SHA-256. */
static int
open_source(struct transfer *t, char sha256[SHA256_TEXT])
{
    struct stat st;
    t->fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (t->fd < 0 || fstat(t->fd, &st) < 0)
        return fail_to(_("cannot read %s: %s"), t->path, t->e);
    if (!S_ISREG(st.st_mode))
        return status_set(t->e, STATUS_FAILED_HERE, _("%s is not a regular file"), t->path);
    t->bytes = st.st_size;
    if (t->bytes == 0)
        return status_set(t->e, STATUS_FAILED_HERE, _("%s is empty"), t->path);
    struct sha256 *s = sha256_begin();
    if (!s)
        return failure_memory(t->e);
    int rc = hash_part(t, s, t->bytes);
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
    bool fine = put_number(a, m, "bytes", t->bytes) == 0 && put_text(a, m, "name", name) == 0 &&
                put_text(a, m, "sha256", sha256) == 0;
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
    if (take_file(t, file) < 0)
        return NULL;
    if (state && strcmp(state, "complete") == 0)
        return file;
    if (transfer(t, number_of(file, "next_chunk"), put_chunk) < 0)
        return NULL;
    ProtobufCMessage *request = ask_of(t, method);
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
        say_kept(&t);
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

/* Get. */

static int
get_chunk(struct transfer *t, int64_t seq, ProtobufCBinaryData *ret)
{
    struct client *c = t->client;
    const struct schema_method *method = schema_find_method(c->schema, "FileService/GetChunk");
    const struct schema_field *f = schema_find_field(method->out, "data");
    ProtobufCMessage *request = ask_of(t, method), *answer;
    if (!request)
        return -1;
    if (put_number(c->arena, request, "seq", seq) < 0)
        return failure_memory(t->e);
    if (!(answer = session_call(c, method, request, t->e)))
        return -1;
    if (!message_has(answer, f))
        return fail_malformed(t->e);
    *ret = *(const ProtobufCBinaryData *)message_value(answer, f, 0);
    return ret->len == chunk_size(t, seq) ? 0 : fail_malformed(t->e);
}

/** Fetches one chunk behind those that are here. */
static int
fetch_chunk(struct transfer *t, int64_t seq, int64_t *ret_next)
{
    ProtobufCBinaryData data = {0};
    if (get_chunk(t, seq, &data) < 0)
        return -1;
    *ret_next = seq + 1;
    if (file_write_all(t->fd, data.data, data.len) < 0)
        return fail_to(_("cannot write %s: %s"), t->path, t->e);
    return 0;
}

/** Whether a name from the server is one of a file in a folder, which shows there. */
static bool
is_safe_name(const char *name)
{
    if (!name || !*name || *name == '.' || strchr(name, '/') || !text_valid(name, strlen(name)))
        return false;
    for (size_t n, left = strlen(name); left > 0; name += n, left -= n)
        if (text_is_deceptive(text_decode(name, left, &n)))
            return false;
    return true;
}

/** Where the file goes: the path that was given, or its own name in the folder that was. */
static const char *
place_for(struct transfer *t, const char *given, const char *name)
{
    struct arena *a = t->lasting;
    struct stat st;
    bool is_folder = given && stat(given, &st) == 0 && S_ISDIR(st.st_mode);
    if (given && !is_folder)
        return given;
    if (!is_safe_name(name)) {
        status_set(t->e, STATUS_FAILED_HERE,
                   _("\"%s\" is not taken for the name of a file; say where to keep it: jiayi file "
                     "get %lld PATH"),
                   name ? name : "", (long long)t->id);
        return NULL;
    }
    const char *place = given ? arena_print(a, "%s/%s", given, name) : name;
    if (!place)
        failure_memory(t->e);
    return place;
}

/** The unfinished file beside @place, known by the SHA-256 of what it is to become. */
static const char *
part_beside(const struct transfer *t, const char *place)
{
    const char *slash = strrchr(place, '/');
    return arena_print(t->lasting, "%.*s.jiayi-%.*s.part", slash ? (int)(slash - place + 1) : 0,
                       place, PART_DIGITS, t->sha256);
}

/** Opens the unfinished file, of nobody else and for nobody else. */
static int
open_part(struct transfer *t)
{
    struct stat st;
    t->fd = open(t->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (t->fd < 0 || fstat(t->fd, &st) < 0)
        return fail_to(_("cannot write %s: %s"), t->path, t->e);
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
        return status_set(t->e, STATUS_FAILED_HERE, _("%s is not mine; remove it"), t->path);
    if (flock(t->fd, LOCK_EX | LOCK_NB) < 0)
        return status_set(t->e, STATUS_FAILED_HERE,
                          _("another jiayi is fetching this file into %s"), t->path);
    return 0;
}

/** Cuts the unfinished file to whole chunks; *@ret_n says how many. */
static int
count_part(struct transfer *t, int64_t *ret_n)
{
    struct stat st;
    if (fstat(t->fd, &st) < 0)
        return fail_to(_("cannot write %s: %s"), t->path, t->e);
    *ret_n = st.st_size == t->bytes  ? t->chunks
             : st.st_size > t->bytes ? 0
                                     : st.st_size / CHUNK_BYTES;
    off_t whole = st.st_size == t->bytes ? st.st_size : (off_t)(*ret_n * CHUNK_BYTES);
    if (ftruncate(t->fd, whole) < 0 || lseek(t->fd, whole, SEEK_SET) < 0)
        return fail_to(_("cannot write %s: %s"), t->path, t->e);
    return 0;
}

/** Whether what is here is what was put there. */
static int
check_part(struct transfer *t)
{
    char found[SHA256_TEXT];
    struct sha256 *s = sha256_begin();
    if (!s)
        return failure_memory(t->e);
    int rc = lseek(t->fd, 0, SEEK_SET) < 0 ? fail_to(_("cannot read %s: %s"), t->path, t->e)
                                           : hash_part(t, s, t->bytes);
    sha256_end(s, found);
    if (rc < 0 || strcmp(found, t->sha256) == 0)
        return rc;
    unlink(t->path);
    return status_set(t->e, STATUS_FAILED_HERE, "%s",
                      _("what came does not have the file's SHA-256, and was not kept; try again"));
}

static bool
is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static int
refuse_to_replace(const char *place, struct status *e)
{
    return status_set(e, STATUS_FAILED_HERE, _("%s is there already; --force replaces it"), place);
}

/** Gives the file, which is whole, its name; another is replaced only where that was asked for. */
static int
keep_part(struct transfer *t, const char *place, bool force)
{
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(t->fd, 0666 & ~mask) < 0 || fsync(t->fd) < 0)
        return fail_to(_("cannot write %s: %s"), t->path, t->e);
    int rc = renameat2(AT_FDCWD, t->path, AT_FDCWD, place, force ? 0 : RENAME_NOREPLACE);
    if (rc < 0 && errno == EINVAL && !is_there(place)) /* a file system that cannot say so */
        rc = rename(t->path, place);
    if (rc < 0 && errno == EEXIST)
        return refuse_to_replace(place, t->e);
    if (rc < 0 || file_sync_folder_of(place) < 0)
        return fail_to(_("cannot write %s: %s"), place, t->e);
    return 0;
}

/** Fetches the file to @place, or what of it is missing. */
static int
fetch_to(struct transfer *t, const char *place, bool force)
{
    int64_t first = 0;
    if (!force && is_there(place))
        return refuse_to_replace(place, t->e);
    if (!(t->path = part_beside(t, place)))
        return failure_memory(t->e);
    if (open_part(t) < 0 || count_part(t, &first) < 0)
        return -1;
    if (transfer(t, first, fetch_chunk) < 0) {
        say_kept(t);
        return -1;
    }
    return check_part(t) < 0 ? -1 : keep_part(t, place, force);
}

/** To standard output: what does not fit is told at its end. */
static int
fetch_out(struct transfer *t)
{
    char found[SHA256_TEXT] = "";
    struct sha256 *s = sha256_begin();
    struct client *c = t->client;
    int rc = s ? 0 : failure_memory(t->e);
    for (int64_t seq = 0; rc == 0 && seq < t->chunks; seq++) {
        ProtobufCBinaryData data = {0};
        c->arena = arena_new(CHUNK_ARENA_BYTES);
        rc = c->arena ? get_chunk(t, seq, &data) : failure_memory(t->e);
        if (rc == 0 && fwrite(data.data, 1, data.len, stdout) != data.len)
            rc = status_set(t->e, STATUS_FAILED_HERE, "%s",
                            _("the answer could not be written to standard output"));
        if (rc == 0)
            sha256_add(s, data.data, data.len);
        arena_free(c->arena);
        c->arena = t->lasting;
    }
    if (s)
        sha256_end(s, found);
    if (rc < 0 || strcmp(found, t->sha256) == 0)
        return rc;
    return status_set(t->e, STATUS_FAILED_HERE, "%s",
                      _("what came does not have the file's SHA-256; use none of it"));
}

/** What the server says of the file to fetch. */
static ProtobufCMessage *
find_file(struct client *c, struct status *e)
{
    const struct schema_method *show = schema_find_method(c->schema, "FileService/GetFile");
    ProtobufCMessage *asked = request_make(c, e), *request = message_new(c->arena, show->in);
    if (!asked)
        return NULL;
    if (!request || put_number(c->arena, request, "file_id", number_of(asked, "file_id")) < 0) {
        failure_memory(e);
        return NULL;
    }
    return session_open(c, e) < 0 ? NULL : session_call(c, show, request, e);
}

/** Says where it is; whoever wants it as data gets all that is known of it. */
static int
tell_kept(struct client *c, const ProtobufCMessage *file, const char *place, struct status *e)
{
    struct print_options o = pages_options(c);
    if (o.output != OUTPUT_DEFAULT)
        return print_answer(c->arena, file, &o, e);
    const char *shown =
        display_is_terminal(stdout) ? display_clean(c->arena, place, DISPLAY_ONE_LINE) : place;
    puts(shown ? shown : place);
    return 0;
}

int
files_get(struct client *c, struct status *e)
{
    struct transfer t = {.client = c, .lasting = c->arena, .e = e};
    const char *given = parse_value(&c->parsed, "PATH"), *force = parse_value(&c->parsed, "force");
    ProtobufCMessage *file = find_file(c, e);
    if (!file || take_file(&t, file) < 0)
        return -1;
    if (given && strcmp(given, "-") == 0)
        return fetch_out(&t);
    const char *place = place_for(&t, given, message_named_string(file, "name"));
    if (!place)
        return -1;
    t.progress = (struct progress){.arena = c->arena, .label = place, .total = t.bytes};
    return fetch_to(&t, place, force != NULL) < 0 ? -1 : tell_kept(c, file, place, e);
}

int
files_fetch(struct client *c, int64_t id, const char *folder, const char **ret_name,
            const ProtobufCMessage **ret_file, struct status *e)
{
    const struct schema_method *method = schema_find_method(c->schema, "FileService/GetFile");
    struct transfer t = {.client = c, .lasting = c->arena, .id = id, .e = e};
    ProtobufCMessage *request = ask_of(&t, method), *file;
    if (!request || !(file = session_call(c, method, request, e)) || take_file(&t, file) < 0)
        return -1;
    const char *name = message_named_string(file, "name");
    *ret_file = file;
    *ret_name = is_safe_name(name) ? name : "file";
    const char *place = arena_print(c->arena, "%s/%s", folder, *ret_name);
    if (!place)
        return failure_memory(e);
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return fail_to(_("cannot write %s: %s"), folder, e);
    t.progress = (struct progress){.arena = c->arena, .label = place, .total = t.bytes};
    return is_there(place) ? 0 : fetch_to(&t, place, false);
}
