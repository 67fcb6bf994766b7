#include "common/message.h"

#include <string.h>

static void *
at(const ProtobufCMessage *message, unsigned offset)
{
    return (char *)message + offset;
}

static bool
is_pointer(const ProtobufCFieldDescriptor *f)
{
    return f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_MESSAGE;
}

ProtobufCMessage *
message_new(struct arena *a, const struct schema_message *m)
{
    ProtobufCMessage *message = arena_alloc(a, m->pb.sizeof_message);
    if (message)
        message->descriptor = &m->pb;
    return message;
}

/**
 * An allocator that remembers whether it ever had to say no, to tell a full arena from a bad
 * message.
 */
struct watched {
    ProtobufCAllocator allocator, *inner;
    bool full;
};

static void *
watched_alloc(void *data, size_t size)
{
    struct watched *w = data;
    void *p = w->inner->alloc(w->inner->allocator_data, size);
    if (!p)
        w->full = true;
    return p;
}

static void
watched_free(void *data, void *p)
{
    (void)data;
    (void)p;
}

ProtobufCMessage *
message_unpack(struct arena *a, const struct schema_message *m, const uint8_t *data, size_t size,
               struct status *e)
{
    struct watched w = {.inner = arena_allocator(a)};
    w.allocator = (ProtobufCAllocator){watched_alloc, watched_free, &w};
    ProtobufCMessage *message = protobuf_c_message_unpack(&m->pb, &w.allocator, size, data);
    if (!message && w.full)
        status_set(e, STATUS_RESOURCE_EXHAUSTED,
                   "the request takes too much memory once unpacked; send less in one call");
    else if (!message)
        status_set(e, STATUS_INVALID_ARGUMENT, "the payload is not a %s", m->pb.name);
    return message;
}

size_t
message_count(const ProtobufCMessage *message, const struct schema_field *f)
{
    switch (f->pb->label) {
    case PROTOBUF_C_LABEL_REPEATED: return *(size_t *)at(message, f->pb->quantifier_offset);
    case PROTOBUF_C_LABEL_NONE: return 1;
    default:
        if (is_pointer(f->pb))
            return *(void **)at(message, f->pb->offset) != NULL;
        return *(protobuf_c_boolean *)at(message, f->pb->quantifier_offset) != 0;
    }
}

bool
message_has(const ProtobufCMessage *message, const struct schema_field *f)
{
    return message_count(message, f) > 0;
}

const void *
message_value(const ProtobufCMessage *message, const struct schema_field *f, size_t index)
{
    const char *value = at(message, f->pb->offset);
    if (f->pb->label == PROTOBUF_C_LABEL_REPEATED)
        value = *(const char *const *)value + index * schema_value_size(f->pb->type);
    return value;
}

const char *
message_string(const ProtobufCMessage *message, const struct schema_field *f)
{
    return message_has(message, f) ? *(const char *const *)message_value(message, f, 0) : NULL;
}

int64_t
message_integer(const ProtobufCMessage *message, const struct schema_field *f, size_t index)
{
    if (index >= message_count(message, f))
        return 0;
    const void *value = message_value(message, f, index);
    switch (f->pb->type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32: return *(const uint32_t *)value;
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_ENUM: return *(const int32_t *)value;
    default: return *(const int64_t *)value;
    }
}

const char *
message_named_string(const ProtobufCMessage *message, const char *name)
{
    const struct schema_field *f = schema_find_field(schema_of(message), name);
    return f ? message_string(message, f) : NULL;
}

int64_t
message_named_integer(const ProtobufCMessage *message, const char *name)
{
    const struct schema_field *f = schema_find_field(schema_of(message), name);
    return f ? message_integer(message, f, 0) : 0;
}

const char *
message_text(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f)
{
    if (!message_has(message, f) || f->message)
        return NULL;
    if (f->pb->type == PROTOBUF_C_TYPE_STRING)
        return message_string(message, f);
    return arena_print(a, "%lld", (long long)message_integer(message, f, 0));
}

ProtobufCMessage *
message_child(const ProtobufCMessage *message, const struct schema_field *f)
{
    return message_has(message, f) ? *(ProtobufCMessage *const *)message_value(message, f, 0)
                                   : NULL;
}

ProtobufCMessage *
message_need_child(struct arena *a, ProtobufCMessage *message, const struct schema_field *f)
{
    ProtobufCMessage *child = message_child(message, f);
    if (child)
        return child;
    child = message_new(a, f->message);
    return child && message_put(a, message, f, &child) == 0 ? child : NULL;
}

/** Appends to a repeated field; its room doubles whenever the count is a power of two. */
static int
append(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, const void *value)
{
    size_t *n = at(message, f->pb->quantifier_offset), size = schema_value_size(f->pb->type);
    char **values = at(message, f->pb->offset);
    if ((*n & (*n - 1)) == 0) {
        char *more = arena_alloc(a, (*n ? 2 * *n : 1) * size);
        if (!more)
            return -1;
        if (*n)
            memcpy(more, *values, *n * size);
        *values = more;
    }
    memcpy(*values + *n * size, value, size);
    ++*n;
    return 0;
}

int
message_put(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
            const void *value)
{
    if (f->pb->label == PROTOBUF_C_LABEL_REPEATED)
        return append(a, message, f, value);
    if (f->pb->label == PROTOBUF_C_LABEL_OPTIONAL && !is_pointer(f->pb))
        *(protobuf_c_boolean *)at(message, f->pb->quantifier_offset) = 1;
    memcpy(at(message, f->pb->offset), value, schema_value_size(f->pb->type));
    return 0;
}

int
message_put_integer(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
                    int64_t value)
{
    int32_t narrow = (int32_t)value;
    bool wide = schema_value_size(f->pb->type) == sizeof value;
    return message_put(a, message, f, wide ? (const void *)&value : (const void *)&narrow);
}

int
message_put_string(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
                   const char *s, size_t size)
{
    char *copy = arena_copy(a, s, size);
    return copy ? message_put(a, message, f, &copy) : -1;
}
