/**
 * `jiayi case bundle ID`: all of a case that the caller may read, as one tar: how to check it, its
 * texts, what was handed over as evidence as it was then, the text of the contract as it was
 * signed, the files that were put on it, what the log says of it, and the SHA-256 of each. A case
 * that has not changed gives the same bytes again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/handmade/fetch.h"
#include "client/handmade/handmade.h"
#include "client/output/print.h"
#include "client/run/pages.h"
#include "client/run/request.h"
#include "common/file.h"
#include "common/json.h"
#include "common/printed.h"
#include "common/sha256.h"
#include "common/tar.h"

enum {
    LOG_PAGE = 1000,
};

struct bundle {
    struct client *client;
    long long id;
    /** Where it is to be, where it is meanwhile, and where files come to before they are in it. */
    const char *place;
    char *part, *folder;
    FILE *out;
    /** SHA256SUMS so far. */
    struct printed sums;
    FILE *summed;
    struct status *e;
};

static int
fail_write(const struct bundle *b, const char *path)
{
    return status_set(b->e, STATUS_FAILED_HERE, _("cannot write %s: %s"), path, strerror(errno));
}

/* The tar. */

/** The header of a file: nobody's, of no time. */
static void
put_header(FILE *out, const char *name, size_t bytes)
{
    struct tar_header h;
    tar_make(&h, name, 0644, 0, (off_t)bytes);
    fwrite(&h, 1, sizeof h, out);
}

static void
put_padding(FILE *out, size_t bytes)
{
    static const char zeros[TAR_BLOCK];
    fwrite(zeros, 1, tar_padding((off_t)bytes), out);
}

/** The name of a file in the tar; NULL without memory, or where it is too long for one. */
static const char *
name_in(struct bundle *b, const char *name)
{
    const char *whole = arena_print(b->client->arena, "case-%lld/%s", b->id, name);
    return whole && strlen(whole) < TAR_NAME_BYTES ? whole : NULL;
}

/** Puts the @bytes of @in, or the text where that is NULL, into the tar under @name. */
static int
put_member(struct bundle *b, const char *name, FILE *in, const char *text, size_t bytes)
{
    char piece[16384], digest[SHA256_TEXT];
    const char *whole = name_in(b, name);
    struct sha256 *s = sha256_begin();
    if (!whole || !s) {
        if (s)
            sha256_end(s, digest);
        return failure_memory(b->e);
    }
    put_header(b->out, whole, bytes);
    for (size_t done = 0, n; done < bytes; done += n) {
        n = bytes - done < sizeof piece ? bytes - done : sizeof piece;
        const char *from = in ? piece : text + done;
        if (in && fread(piece, 1, n, in) != n)
            break;
        sha256_add(s, from, n);
        fwrite(from, 1, n, b->out);
    }
    put_padding(b->out, bytes);
    sha256_end(s, digest);
    if (b->summed)
        fprintf(b->summed, "%s  %s\n", digest, name);
    if (in && ferror(in))
        return status_set(b->e, STATUS_FAILED_HERE, _("cannot read %s: %s"), name, strerror(errno));
    return 0;
}

static int
put_text(struct bundle *b, const char *name, const char *text)
{
    if (!name)
        return failure_memory(b->e);
    return text ? put_member(b, name, NULL, text, strlen(text)) : 0;
}

/* What a case has. */

/**
 * The field @text of each row of a list: in a file with its number, with what the field @by has,
 * where that is not NULL, and with @end.
 */
static int
put_texts(struct bundle *b, const ProtobufCMessage *all, const char *list, const char *by,
          const char *text, const char *end)
{
    struct arena *a = b->client->arena;
    const struct schema_field *f = schema_find_field(schema_of(all), list);
    for (size_t i = 0; i < message_count(all, f); i++) {
        const ProtobufCMessage *one = *(ProtobufCMessage *const *)message_value(all, f, i);
        const char *what = by ? message_named_string(one, by) : NULL;
        char *name =
            arena_print(a, "%s/%04zu%s%s%s", list, i + 1, what ? "-" : "", what ? what : "", end);
        /* A reference, deal/7, is no folder. */
        char *at = name ? strchr(name, '/') : NULL;
        while (at && (at = strchr(at + 1, '/')) != NULL)
            *at = '-';
        if (put_text(b, name, message_named_string(one, text)) < 0)
            return -1;
    }
    return 0;
}

static int
put_file(struct bundle *b, long long id)
{
    struct client *c = b->client;
    const ProtobufCMessage *file;
    const char *name, *path, *inside;
    struct stat st;
    if (fetch_file(c, id, b->folder, &name, &file, b->e) < 0)
        return -1;
    path = arena_print(c->arena, "%s/%s", b->folder, name);
    inside = arena_print(c->arena, "files/%lld/%s", id, name);
    if (inside && !name_in(b, inside))
        inside = arena_print(c->arena, "files/%lld/file", id);
    if (!path || !inside)
        return failure_memory(b->e);
    FILE *in = fopen(path, "re");
    int rc = -1;
    if (!in || fstat(fileno(in), &st) < 0)
        status_set(b->e, STATUS_FAILED_HERE, _("cannot read %s: %s"), path, strerror(errno));
    else
        rc = put_member(b, inside, in, NULL, (size_t)st.st_size);
    if (in)
        fclose(in);
    unlink(path);
    return rc;
}

static int
put_files(struct bundle *b, const ProtobufCMessage *all)
{
    const struct schema_field *f = schema_find_field(schema_of(all), "files");
    for (size_t i = 0; i < message_count(all, f); i++) {
        const ProtobufCMessage *one = *(ProtobufCMessage *const *)message_value(all, f, i);
        if (put_file(b, message_named_integer(one, "id")) < 0)
            return -1;
    }
    return 0;
}

static int
ask_log(struct bundle *b, const struct schema_method *method, const char *page,
        const ProtobufCMessage **ret)
{
    struct arena *a = b->client->arena;
    ProtobufCMessage *m = message_new(a, method->in);
    const char *id = arena_print(a, "%lld", b->id);
    const char *const given[][2] = {{"object", "case_file"},
                                    {"object_id", id},
                                    {"page_token", page}};
    bool fine =
        m && id &&
        message_put_integer(a, m, schema_find_field(method->in, "page_size"), LOG_PAGE) == 0;
    for (size_t i = 0; fine && i < sizeof given / sizeof *given; i++)
        fine = !given[i][1] || message_put_string(a, m, schema_find_field(method->in, given[i][0]),
                                                  given[i][1], strlen(given[i][1])) == 0;
    if (!fine)
        return failure_memory(b->e);
    *ret = session_call(b->client, method, m, b->e);
    return *ret ? 0 : -1;
}

/** What the log says of it, the newest first, a line each; nothing for who does not read that. */
static int
put_log(struct bundle *b)
{
    const struct schema_method *method =
        schema_find_method(b->client->schema, "AuditService/ListAuditEntries");
    const struct schema_field *f = schema_find_field(method->out, "entries");
    const ProtobufCMessage *answer = NULL;
    const char *page = NULL;
    struct printed text = {0};
    FILE *lines = printed_begin(&text);
    int rc = lines ? 0 : failure_memory(b->e);
    do {
        if (rc < 0 || (rc = ask_log(b, method, page, &answer)) < 0)
            break;
        for (size_t i = 0; rc == 0 && i < message_count(answer, f); i++) {
            const char *line = json_print(b->client->arena,
                                          *(ProtobufCMessage *const *)message_value(answer, f, i),
                                          JSON_ONE_LINE, b->e);
            rc = line ? 0 : -1;
            fprintf(lines, "%s\n", line ? line : "");
        }
        page = message_named_string(answer, "next_page_token");
    } while (rc == 0 && page);
    if (rc < 0 && b->e->code == STATUS_PERMISSION_DENIED) {
        *b->e = (struct status){0};
        rc = 0;
    }
    struct status ended = {0};
    if (printed_end(&text, lines, &ended) < 0 && rc == 0) {
        *b->e = ended;
        rc = -1;
    }
    if (rc == 0 && text.n > 0)
        rc = put_text(b, "log.jsonl", text.text);
    free(text.text);
    return rc;
}

static int
put_case(struct bundle *b, const ProtobufCMessage *all)
{
    const char *whole = json_print(b->client->arena, all, JSON_LINES, b->e);
    if (!whole || put_text(b, "README.txt", message_named_string(all, "readme")) < 0 ||
        put_text(b, "case.json", whole) < 0 ||
        put_text(b, "text.txt", message_named_string(all, "text")) < 0 ||
        put_text(b, "decision.txt", message_named_string(all, "resolution")) < 0 ||
        put_text(b, "contract.txt", message_named_string(all, "contract_text")) < 0 ||
        put_texts(b, all, "statements", NULL, "text", ".txt") < 0 ||
        put_texts(b, all, "statements", NULL, "lines", ".lines.txt") < 0 ||
        put_texts(b, all, "evidence", "on", "text", ".txt") < 0 || put_files(b, all) < 0 ||
        put_log(b) < 0)
        return -1;
    int rc = printed_end(&b->sums, b->summed, b->e);
    b->summed = NULL;
    return rc < 0 ? -1 : put_text(b, "SHA256SUMS", b->sums.text);
}

/* The file. */

/** Opens what is written meanwhile, beside the place, and the folder for files. */
static int
open_bundle(struct bundle *b)
{
    struct arena *a = b->client->arena;
    b->part = arena_print(a, "%s.XXXXXX", b->place);
    b->folder = arena_print(a, "%s.XXXXXX", b->place);
    b->summed = printed_begin(&b->sums);
    if (!b->part || !b->folder || !b->summed)
        return failure_memory(b->e);
    int fd = mkostemp(b->part, O_CLOEXEC);
    if (fd < 0) {
        b->part = b->folder = NULL;
        return fail_write(b, b->place);
    }
    b->out = fdopen(fd, "w");
    if (!b->out)
        close(fd);
    if (!b->out || !mkdtemp(b->folder)) {
        b->folder = NULL;
        return fail_write(b, b->place);
    }
    return 0;
}

/** Ends the tar, and gives it its name. */
static int
keep_bundle(struct bundle *b, bool force)
{
    static const char end[2 * TAR_BLOCK];
    mode_t mask = umask(0);
    umask(mask);
    fwrite(end, 1, sizeof end, b->out);
    if (fflush(b->out) != 0 || ferror(b->out) || fchmod(fileno(b->out), 0666 & ~mask) < 0 ||
        fsync(fileno(b->out)) < 0)
        return fail_write(b, b->part);
    int rc = renameat2(AT_FDCWD, b->part, AT_FDCWD, b->place, force ? 0 : RENAME_NOREPLACE);
    if (rc < 0 && errno == EEXIST)
        return status_set(b->e, STATUS_FAILED_HERE, _("%s is there already; --force replaces it"),
                          b->place);
    if (rc < 0 || file_sync_folder_of(b->place) < 0)
        return fail_write(b, b->place);
    b->part = NULL;
    return 0;
}

/** Takes away what is not kept. */
static void
close_bundle(struct bundle *b)
{
    struct status none;
    if (b->summed && printed_end(&b->sums, b->summed, &none) < 0)
        b->sums.text = NULL;
    if (b->out)
        fclose(b->out);
    if (b->part)
        unlink(b->part);
    if (b->folder)
        rmdir(b->folder);
    free(b->sums.text);
}

int
cases_bundle(struct client *c, struct status *e)
{
    struct bundle b = {.client = c, .e = e};
    const struct schema_method *method = c->parsed.command->method;
    ProtobufCMessage *request = request_make(c, e), *all;
    if (!request || session_open(c, e) < 0 || !(all = session_call(c, method, request, e)))
        return -1;
    struct print_options o = pages_options(c);
    if (o.output != OUTPUT_DEFAULT)
        return print_answer(c->arena, all, &o, e);
    b.id = message_named_integer(all, "id");
    b.place = parse_value(&c->parsed, "PATH");
    if (!b.place && !(b.place = arena_print(c->arena, "case-%lld.tar", b.id)))
        return failure_memory(e);
    int rc = open_bundle(&b);
    if (rc == 0)
        rc = put_case(&b, all);
    if (rc == 0)
        rc = keep_bundle(&b, parse_value(&c->parsed, "force") != NULL);
    close_bundle(&b);
    if (rc == 0)
        puts(b.place);
    return rc;
}
