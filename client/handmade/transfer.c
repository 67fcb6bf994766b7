#include "client/handmade/transfer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/run/advice.h"
#include "client/run/request.h"
#include "common/sha256.h"

/** A number of the message; -1 where it is absent. */
int64_t
transfer_number(const ProtobufCMessage *m, const char *field)
{
    const struct schema_field *f = schema_find_field(schema_of(m), field);
    return f && message_has(m, f) ? message_integer(m, f, 0) : -1;
}

int
transfer_put_number(struct arena *a, ProtobufCMessage *m, const char *field, int64_t value)
{
    return message_put_integer(a, m, schema_find_field(schema_of(m), field), value);
}

int
transfer_malformed(struct status *e)
{
    return status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
}

int
transfer_fail(const char *template, const char *path, struct status *e)
{
    return status_set(e, STATUS_FAILED_HERE, template, path, strerror(errno));
}

static void
tell_wait(void *arg, const struct status *why)
{
    const struct transfer *t = arg;
    progress_wait(&t->progress, why->message);
}

size_t
transfer_chunk_size(const struct transfer *t, int64_t seq)
{
    int64_t left = t->bytes - seq * CHUNK_BYTES;
    return (size_t)(left < CHUNK_BYTES ? left : CHUNK_BYTES);
}

/** Takes what the server says of the file; -1 where it makes no sense. */
int
transfer_take(struct transfer *t, const ProtobufCMessage *file)
{
    t->id = transfer_number(file, "id");
    t->bytes = transfer_number(file, "bytes");
    t->chunks = transfer_number(file, "chunks");
    t->sha256 = message_named_string(file, "sha256");
    bool fine = t->id > 0 && t->bytes > 0 && t->chunks == (t->bytes - 1) / CHUNK_BYTES + 1 &&
                t->sha256 && strlen(t->sha256) == SHA256_TEXT - 1 &&
                strspn(t->sha256, "0123456789abcdef") == SHA256_TEXT - 1;
    t->progress.total = t->bytes;
    return fine ? 0 : transfer_malformed(t->e);
}

/** A request about the file; NULL without memory. In the client's arena. */
ProtobufCMessage *
transfer_ask(struct transfer *t, const struct schema_method *method)
{
    ProtobufCMessage *m = message_new(t->client->arena, method->in);
    if (m && transfer_put_number(t->client->arena, m, "file_id", t->id) == 0)
        return m;
    failure_memory(t->e);
    return NULL;
}

/** The failure of a transfer that has begun: what has come over stays. */
void
transfer_say_kept(struct transfer *t)
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
            rc = transfer_malformed(t->e);
        arena_free(c->arena);
        t->progress.arena = c->arena = t->lasting;
    }
    return rc;
}

/** Runs the transfer with the bar. */
int
transfer_run(struct transfer *t, int64_t first,
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
int
transfer_hash(struct transfer *t, struct sha256 *s, int64_t n)
{
    char piece[16384];
    while (n > 0) {
        ssize_t got = read(t->fd, piece, n < (int64_t)sizeof piece ? (size_t)n : sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return transfer_fail(_("cannot read %s: %s"), t->path, t->e);
        if (got == 0)
            return status_set(t->e, STATUS_FAILED_HERE, _("%s changes while it is read"), t->path);
        sha256_add(s, piece, (size_t)got);
        n -= got;
    }
    return 0;
}
