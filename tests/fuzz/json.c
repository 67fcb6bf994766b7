/**
 * The CLI's JSON input: the first two bytes choose a message type, the rest is text. What can be
 * read can be printed, with every field that is there and no other, and means the same when it is
 * read again.
 */
#include "common/json.h"

#include "common/wire.h"
#include "tests/fuzz/fuzz.h"

static size_t
pack(struct arena *a, const ProtobufCMessage *message, uint8_t **ret)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    *ret = arena_alloc(a, size);
    require(*ret, "there is memory");
    return protobuf_c_message_pack(message, *ret);
}

/** A list is there even when it is empty. */
static void
require_same_fields(const ProtobufCMessage *message, const json_t *printed)
{
    const struct schema_message *m = schema_of(message);
    size_t n = 0;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        const json_t *value = json_object_get(printed, f->pb->name);
        bool is_list = f->pb->label == PROTOBUF_C_LABEL_REPEATED;
        size_t count = message_count(message, f);
        require(!value == !(is_list || count), "what is there is printed, and nothing else");
        n += value != NULL;
        if (is_list)
            require(json_array_size(value) == count, "a list is printed whole");
        for (size_t k = 0; f->message && !schema_is_timestamp(f->message) && k < count; k++)
            require_same_fields(*(ProtobufCMessage *const *)message_value(message, f, k),
                                is_list ? json_array_get(value, k) : value);
    }
    require(json_object_size(printed) == n, "nothing is printed that is no field");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    const struct schema *s = schema_embedded();
    const struct schema_message *m = take_message_type(&in, s);
    struct arena *a = arena_new(64 << 20);
    struct status e = {0};
    uint8_t *first, *second;
    ProtobufCMessage *message = json_read(a, m, (const char *)in.at, (size_t)(in.end - in.at), &e);
    if (!message) {
        require_told(&e);
        arena_free(a);
        return 0;
    }
    size_t n = pack(a, message, &first);
    require(wire_check(m, first, n, &e) == 0, "what is read from JSON is well formed");
    char *text = json_print(a, message, JSON_LINES, &e);
    require(text, "what was read can be printed");
    json_t *printed = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    require_same_fields(message, printed);
    json_decref(printed);
    ProtobufCMessage *again = json_read(a, m, text, strlen(text), &e);
    require(again, "what was printed can be read");
    require(pack(a, again, &second) == n && memcmp(first, second, n) == 0,
            "what was printed means the same");
    arena_free(a);
    return 0;
}
