#include "common/wire.h"

#include <stdbool.h>
#include <stdio.h>

#include "common/text.h"

/**
 * No type of ours nests as deep; those of a schema may, and protobuf-c follows them with the stack.
 */
enum { MAX_DEPTH = 32 };

struct reader {
    const uint8_t *at, *end;
};

static bool
read_varint(struct reader *r, uint64_t *ret)
{
    *ret = 0;
    for (unsigned shift = 0; shift < 64 && r->at < r->end; shift += 7) {
        uint8_t byte = *r->at++;
        *ret |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/** Passes over a value; a length-delimited one is given in @ret. */
static bool
read_value(struct reader *r, unsigned wire_type, struct reader *ret)
{
    uint64_t n = 0;
    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT: return read_varint(r, &n);
    case PROTOBUF_C_WIRE_TYPE_64BIT: n = 8; break;
    case PROTOBUF_C_WIRE_TYPE_32BIT: n = 4; break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        if (!read_varint(r, &n))
            return false;
        break;
    default: return false; /* groups */
    }
    if (n > (uint64_t)(r->end - r->at))
        return false;
    *ret = (struct reader){r->at, r->at + n};
    r->at += n;
    return true;
}

static const struct schema_field *
find_number(const struct schema_message *m, uint64_t number)
{
    for (unsigned i = 0; i < m->pb.n_fields; i++)
        if (m->pb.fields[i].id == number)
            return &m->fields[i];
    return NULL;
}

static int
check(const struct schema_message *m, struct reader r, const char *prefix, int depth,
      struct status *e)
{
    if (depth == MAX_DEPTH)
        return status_set(e, STATUS_INVALID_ARGUMENT, "the payload nests too deeply");
    while (r.at < r.end) {
        uint64_t tag;
        struct reader value = {NULL, NULL};
        /* There is no field 0; protobuf-c lets it pass when it is written in two bytes. */
        if (!read_varint(&r, &tag) || tag >> 3 == 0 || !read_value(&r, tag & 7, &value))
            return status_set(e, STATUS_INVALID_ARGUMENT, "the payload is not a %s", m->pb.name);
        const struct schema_field *f = find_number(m, tag >> 3);
        if (!f || (tag & 7) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            continue;
        char path[80];
        snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", f->pb->name);
        if (f->pb->type == PROTOBUF_C_TYPE_STRING &&
            !text_valid((const char *)value.at, (size_t)(value.end - value.at)))
            return status_field(e, path, "is not valid UTF-8, or holds a NUL character");
        if (f->message && check(f->message, value, path, depth + 1, e) < 0)
            return -1;
    }
    return 0;
}

int
wire_check(const struct schema_message *m, const uint8_t *data, size_t size, struct status *e)
{
    /* An empty payload has no address. */
    return check(m, (struct reader){data, size ? data + size : data}, "", 0, e);
}
