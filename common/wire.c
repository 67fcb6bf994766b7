#include "common/wire.h"

#include <stdio.h>

#include "common/packed.h"
#include "common/text.h"

/**
 * No type of ours nests as deep; those of a schema may, and protobuf-c follows them with the stack.
 */
enum { MAX_DEPTH = 32 };

static const struct schema_field *
find_number(const struct schema_message *m, uint64_t number)
{
    for (unsigned i = 0; i < m->pb.n_fields; i++)
        if (m->pb.fields[i].id == number)
            return &m->fields[i];
    return NULL;
}

static int
check(const struct schema_message *m, struct packed r, const char *prefix, int depth,
      struct status *e)
{
    if (depth == MAX_DEPTH)
        return status_set(e, STATUS_INVALID_ARGUMENT, "the payload nests too deeply");
    while (r.at < r.end) {
        uint64_t tag;
        struct packed value;
        if (!packed_field(&r, &tag, &value))
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
    return check(m, (struct packed){data, size ? data + size : data}, "", 0, e);
}
