#include "server/door/sp.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "common/wipe.h"

enum {
    ID_BYTES = 4,
    /** The highest bit of a stack's last id, in its first byte. */
    LAST_ID = 0x80,
    /** How much is made ready for a message at first, if it declares as much. */
    FIRST_CAPACITY = 4096,
};

/** "\0SP\0", the sender's protocol (requester 0x30, replier 0x31), and two bytes of nothing. */
static const uint8_t requester[SP_GREETING_BYTES] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
static const uint8_t replier[SP_GREETING_BYTES] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};

void
sp_greeting(uint8_t to[static SP_GREETING_BYTES])
{
    memcpy(to, replier, sizeof replier);
}

void
sp_length(uint8_t to[static SP_LENGTH_BYTES], uint64_t n)
{
    n = htobe64(n);
    memcpy(to, &n, sizeof n);
}

/** Gathers the 8 bytes of a greeting or a length; returns how many of @n belong to them. */
static size_t
gather_head(struct sp_reader *r, const uint8_t *data, size_t n)
{
    size_t missing = sizeof r->head - r->head_bytes;
    n = n < missing ? n : missing;
    memcpy(r->head + r->head_bytes, data, n);
    r->head_bytes += n;
    return n;
}

/** Makes room for @n more bytes of the message: doubling, and never more than it declares. */
static bool
make_room(struct sp_reader *r, size_t n)
{
    if (r->size + n <= r->capacity)
        return true;
    size_t capacity = r->capacity ? 2 * r->capacity : FIRST_CAPACITY;
    if (capacity < r->size + n)
        capacity = r->size + n;
    if (capacity > r->length)
        capacity = (size_t)r->length;
    /* realloc() would leave what may be a password where the bytes were. */
    uint8_t *grown = calloc(1, capacity);
    if (!grown)
        return false;
    if (r->bytes) {
        memcpy(grown, r->bytes, r->size);
        wipe_free(r->bytes);
    }
    r->bytes = grown;
    r->capacity = capacity;
    return true;
}

/** The whole message is there: hands it over. */
static enum sp_event
complete(struct sp_reader *r, struct sp_message *out)
{
    size_t ids = 0;
    bool is_last = false;
    while (!is_last) {
        if (ids == SP_IDS_MAX * ID_BYTES || ids + ID_BYTES > r->size)
            return SP_BAD;
        is_last = r->bytes[ids] & LAST_ID;
        ids += ID_BYTES;
    }
    *out = (struct sp_message){.bytes = r->bytes,
                               .ids_bytes = ids,
                               .body = r->bytes + ids,
                               .body_bytes = r->size - ids};
    *r = (struct sp_reader){.is_greeted = true};
    return SP_MESSAGE;
}

enum sp_event
sp_read(struct sp_reader *r, const uint8_t *data, size_t n, uint64_t limit, size_t *used,
        struct sp_message *out)
{
    size_t at = *used = 0;
    if (!r->is_greeted) {
        at = gather_head(r, data, n);
        *used = at;
        if (memcmp(r->head, requester, r->head_bytes) != 0)
            return SP_BAD;
        if (r->head_bytes < sizeof r->head)
            return SP_MORE;
        *r = (struct sp_reader){.is_greeted = true};
    }
    if (r->head_bytes < sizeof r->head) {
        at += gather_head(r, data + at, n - at);
        *used = at;
        if (r->head_bytes < sizeof r->head)
            return SP_MORE;
        uint64_t length;
        memcpy(&length, r->head, sizeof length);
        r->length = be64toh(length);
        if (r->length > limit)
            return SP_TOO_LARGE;
    }
    size_t part = n - at < r->length - r->size ? n - at : (size_t)(r->length - r->size);
    if (!make_room(r, part))
        return SP_NO_MEMORY;
    if (part > 0)
        memcpy(r->bytes + r->size, data + at, part);
    r->size += part;
    *used = at + part;
    return r->size < r->length ? SP_MORE : complete(r, out);
}

uint64_t
sp_wanted(const struct sp_reader *r)
{
    return r->head_bytes < sizeof r->head ? sizeof r->head - r->head_bytes : r->length - r->size;
}

size_t
sp_held(const struct sp_reader *r)
{
    return r->capacity;
}

bool
sp_is_between(const struct sp_reader *r)
{
    return r->is_greeted && r->head_bytes == 0;
}

void
sp_free(struct sp_reader *r)
{
    wipe_free(r->bytes);
    *r = (struct sp_reader){0};
}
