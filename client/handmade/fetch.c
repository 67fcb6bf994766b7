/**
 * `jiayi file get`, in chunks: what is fetched is kept beside its place until it is whole, and gone
 * on with after a cut.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/handmade/fetch.h"
#include "client/handmade/handmade.h"
#include "client/handmade/transfer.h"
#include "client/output/display.h"
#include "client/output/progress.h"
#include "client/run/advice.h"
#include "client/run/pages.h"
#include "client/run/request.h"
#include "common/file.h"
#include "common/sha256.h"
#include "common/text.h"

/** How much of the SHA-256 the name of an unfinished file has. */
enum { PART_DIGITS = 16 };

static int
get_chunk(struct transfer *t, int64_t seq, ProtobufCBinaryData *ret)
{
    struct client *c = t->client;
    const struct schema_method *method = schema_find_method(c->schema, "FileService/GetChunk");
    const struct schema_field *f = schema_find_field(method->out, "data");
    ProtobufCMessage *request = transfer_ask(t, method), *answer;
    if (!request)
        return -1;
    if (transfer_put_number(c->arena, request, "seq", seq) < 0)
        return failure_memory(t->e);
    if (!(answer = session_call(c, method, request, t->e)))
        return -1;
    if (!message_has(answer, f))
        return transfer_malformed(t->e);
    *ret = *(const ProtobufCBinaryData *)message_value(answer, f, 0);
    return ret->len == transfer_chunk_size(t, seq) ? 0 : transfer_malformed(t->e);
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
        return transfer_fail(_("cannot write %s: %s"), t->path, t->e);
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
        return transfer_fail(_("cannot write %s: %s"), t->path, t->e);
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
        return transfer_fail(_("cannot write %s: %s"), t->path, t->e);
    *ret_n = st.st_size == t->bytes  ? t->chunks
             : st.st_size > t->bytes ? 0
                                     : st.st_size / CHUNK_BYTES;
    off_t whole = st.st_size == t->bytes ? st.st_size : (off_t)(*ret_n * CHUNK_BYTES);
    if (ftruncate(t->fd, whole) < 0 || lseek(t->fd, whole, SEEK_SET) < 0)
        return transfer_fail(_("cannot write %s: %s"), t->path, t->e);
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
    int rc = lseek(t->fd, 0, SEEK_SET) < 0 ? transfer_fail(_("cannot read %s: %s"), t->path, t->e)
                                           : transfer_hash(t, s, t->bytes);
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
        return transfer_fail(_("cannot write %s: %s"), t->path, t->e);
    int rc = renameat2(AT_FDCWD, t->path, AT_FDCWD, place, force ? 0 : RENAME_NOREPLACE);
    if (rc < 0 && errno == EINVAL && !is_there(place)) /* a file system that cannot say so */
        rc = rename(t->path, place);
    if (rc < 0 && errno == EEXIST)
        return refuse_to_replace(place, t->e);
    if (rc < 0 || file_sync_folder_of(place) < 0)
        return transfer_fail(_("cannot write %s: %s"), place, t->e);
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
    if (transfer_run(t, first, fetch_chunk) < 0) {
        transfer_say_kept(t);
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
    if (!request ||
        transfer_put_number(c->arena, request, "file_id", transfer_number(asked, "file_id")) < 0) {
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
fetch_run(struct client *c, struct status *e)
{
    struct transfer t = {.client = c, .lasting = c->arena, .e = e};
    const char *given = parse_value(&c->parsed, "PATH"), *force = parse_value(&c->parsed, "force");
    ProtobufCMessage *file = find_file(c, e);
    if (!file || transfer_take(&t, file) < 0)
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
fetch_file(struct client *c, int64_t id, const char *folder, const char **ret_name,
           const ProtobufCMessage **ret_file, struct status *e)
{
    const struct schema_method *method = schema_find_method(c->schema, "FileService/GetFile");
    struct transfer t = {.client = c, .lasting = c->arena, .id = id, .e = e};
    ProtobufCMessage *request = transfer_ask(&t, method), *file;
    if (!request || !(file = session_call(c, method, request, e)) || transfer_take(&t, file) < 0)
        return -1;
    const char *name = message_named_string(file, "name");
    *ret_file = file;
    *ret_name = is_safe_name(name) ? name : "file";
    const char *place = arena_print(c->arena, "%s/%s", folder, *ret_name);
    if (!place)
        return failure_memory(e);
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return transfer_fail(_("cannot write %s: %s"), folder, e);
    t.progress = (struct progress){.arena = c->arena, .label = place, .total = t.bytes};
    return is_there(place) ? 0 : fetch_to(&t, place, false);
}
