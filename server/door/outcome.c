#include "server/door/outcome.h"

#include <string.h>

#include "common/hex.h"

bool
outcome_pack(struct call *c, int limit_bytes, ProtobufCBinaryData *ret)
{
    *ret = (ProtobufCBinaryData){0};
    if (c->status.code != STATUS_OK || !c->out)
        return false;
    size_t n = protobuf_c_message_get_packed_size(c->out);
    if (n > (size_t)limit_bytes) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "the answer has %zu bytes, at most %d are allowed; ask for less", n,
                   limit_bytes);
        return false;
    }
    uint8_t *packed = arena_alloc(c->arena, n);
    if (!packed) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                   "the answer takes too much memory; ask for less");
        return false;
    }
    *ret = (ProtobufCBinaryData){protobuf_c_message_pack(c->out, packed), packed};
    return true;
}

/** A fault of the server: the message ends in the request_id, by which its log has more. */
static void
name_request(const struct call *c, char to[static OUTCOME_MESSAGE_BYTES])
{
    size_t n = strlen(to);
    if (!c->has_request_id || n + 2 + 2 * REQUEST_ID_BYTES >= OUTCOME_MESSAGE_BYTES)
        return;
    to[n++] = ' ';
    hex_print(c->request_id, REQUEST_ID_BYTES, to + n);
}

void
outcome_message(const struct call *c, char to[static OUTCOME_MESSAGE_BYTES])
{
    status_say(&c->status, c->language, to, OUTCOME_MESSAGE_BYTES);
    if (c->status.code == STATUS_INTERNAL)
        name_request(c, to);
}
