/**
 * The server's SP decoder: the bytes of a peer, in pieces that the input chooses, mean the same as
 * in one piece.
 *
 * The first byte chooses the limit, the second how the rest is cut.
 */
#include "server/door/sp.h"

#include "tests/fuzz/fuzz.h"

enum { STEPS_MAX = 100000 };

/** What a stream came to: its last event and a digest of its messages. */
struct outcome {
    enum sp_event last;
    unsigned messages;
    uint64_t digest;
};

static void
digest(struct outcome *o, const void *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        o->digest = (o->digest ^ ((const uint8_t *)data)[i]) * 1099511628211u;
}

static void
take_message(struct outcome *o, const struct sp_message *m, uint64_t limit)
{
    require(m->body == m->bytes + m->ids_bytes, "the body stands behind the ids");
    require(m->ids_bytes >= 4 && m->ids_bytes % 4 == 0 && m->ids_bytes <= 4 * SP_IDS_MAX,
            "there are ids, not too many");
    require(m->bytes[m->ids_bytes - 4] & 0x80, "the last id is marked");
    require(m->ids_bytes + m->body_bytes <= limit, "a message keeps to the limit");
    o->messages++;
    digest(o, m->bytes, m->ids_bytes + m->body_bytes);
    free(m->bytes);
}

/** Reads it all, @piece bytes at a time; 0: in one piece. */
static struct outcome
read_all(const uint8_t *data, size_t size, uint64_t limit, size_t piece)
{
    struct outcome o = {SP_MORE, 0, 14695981039346656037u};
    struct sp_reader r = {0};
    size_t came = 0, steps = 0;
    bool going = true;
    for (size_t begin = 0; going && begin < size;) {
        size_t n = piece && piece < size - begin ? piece : size - begin, at = 0;
        /* A copy of its own, so that reading past the piece is seen. */
        uint8_t *copy = malloc(n);
        require(copy, "there is memory");
        memcpy(copy, data + begin, n);
        while (going && at < n) {
            size_t used = 0;
            uint64_t wanted = sp_wanted(&r);
            struct sp_message m = {0};
            o.last = sp_read(&r, copy + at, n - at, limit, &used, &m);
            require(used <= n - at, "no more is used than there is");
            require(wanted > 0 && (used == n - at || wanted < n - at || o.last > SP_MESSAGE),
                    "what is wanted is used");
            require(++steps < STEPS_MAX, "reading comes to an end");
            at += used;
            came = o.last == SP_MESSAGE ? 0 : came + used;
            if (o.last == SP_MESSAGE)
                take_message(&o, &m, limit);
            else if (o.last == SP_MORE)
                require(at == n, "what asks for more has used everything");
            else
                going = false;
            require(o.last != SP_NO_MEMORY, "there is memory");
            require(sp_held(&r) <= 4096 || sp_held(&r) <= 2 * came, "little is held for little");
        }
        free(copy);
        begin += n;
    }
    sp_free(&r);
    return o;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    uint64_t limit = (uint64_t)take_byte(&in) * 257;
    size_t piece = take_byte(&in), n = (size_t)(in.end - in.at);
    struct outcome whole = read_all(in.at, n, limit, 0), cut = read_all(in.at, n, limit, 1 + piece),
                   bytes = read_all(in.at, n, limit, 1);
    require(memcmp(&whole, &cut, sizeof whole) == 0 && memcmp(&whole, &bytes, sizeof whole) == 0,
            "how the bytes come changes nothing");
    return 0;
}
