/**
 * A file on its way, to the server or from it, in chunks: a call for each. What both ways have in
 * common.
 */
#ifndef JIAYI_CLIENT_HANDMADE_TRANSFER_H
#define JIAYI_CLIENT_HANDMADE_TRANSFER_H

#include "client/output/progress.h"
#include "client/run/session.h"

struct sha256;

enum {
    /** The bytes of a chunk; the last one has what is left. */
    CHUNK_BYTES = 262144,
    /** The most memory of one chunk's call. */
    CHUNK_ARENA_BYTES = 8 << 20,
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

/** transfer_number() - a number of the message; -1 where it is absent. */
int64_t transfer_number(const ProtobufCMessage *m, const char *field);

/** transfer_put_number() - set one; -1 without memory. */
int transfer_put_number(struct arena *a, ProtobufCMessage *m, const char *field, int64_t value);

/** transfer_malformed() - the failure of an answer that makes no sense; -1. */
int transfer_malformed(struct status *e);

/** transfer_fail() - the failure of a file here, by errno; @template has %s for both. -1. */
int transfer_fail(const char *template, const char *path, struct status *e);

/** transfer_chunk_size() - the bytes of chunk @seq. */
size_t transfer_chunk_size(const struct transfer *t, int64_t seq);

/** transfer_take() - take what the server says of the file; -1 where it makes no sense. */
int transfer_take(struct transfer *t, const ProtobufCMessage *file) MUST_CHECK;

/** transfer_ask() - a request about the file, in the client's arena; NULL without memory. */
ProtobufCMessage *transfer_ask(struct transfer *t, const struct schema_method *method);

/** transfer_say_kept() - add to the failure that what has come over stays. */
void transfer_say_kept(struct transfer *t);

/**
 * transfer_run() - go through the chunks from @first on, with the bar.
 *
 * @move: does one, in an arena of its own; *@ret_next is the next one, -1 where there is none
 *
 * Returns 0, or -1 with t->e set.
 */
int transfer_run(struct transfer *t, int64_t first,
                 int (*move)(struct transfer *t, int64_t seq, int64_t *ret_next)) MUST_CHECK;

/** transfer_hash() - add the next @n bytes of the file here to @s; -1 where they cannot be read. */
int transfer_hash(struct transfer *t, struct sha256 *s, int64_t n) MUST_CHECK;

#endif
