#include "server/door/connect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base64.h"
#include "common/json.h"
#include "server/door/grpc.h"

enum {
    /** The most digits of a timeout. */
    TIMEOUT_DIGITS = 10,
};

/** Codes as Connect spells them, and HTTP's statuses. */
static const struct {
    const char *name, *status;
} codes[] = {
    [STATUS_OK] = {"", "200"},
    [STATUS_CANCELLED] = {"canceled", "499"},
    [STATUS_UNKNOWN] = {"unknown", "500"},
    [STATUS_INVALID_ARGUMENT] = {"invalid_argument", "400"},
    [STATUS_DEADLINE_EXCEEDED] = {"deadline_exceeded", "504"},
    [STATUS_NOT_FOUND] = {"not_found", "404"},
    [STATUS_ALREADY_EXISTS] = {"already_exists", "409"},
    [STATUS_PERMISSION_DENIED] = {"permission_denied", "403"},
    [STATUS_RESOURCE_EXHAUSTED] = {"resource_exhausted", "429"},
    [STATUS_FAILED_PRECONDITION] = {"failed_precondition", "400"},
    [STATUS_ABORTED] = {"aborted", "409"},
    [STATUS_OUT_OF_RANGE] = {"out_of_range", "400"},
    [STATUS_UNIMPLEMENTED] = {"unimplemented", "501"},
    [STATUS_INTERNAL] = {"internal", "500"},
    [STATUS_UNAVAILABLE] = {"unavailable", "503"},
    [STATUS_DATA_LOSS] = {"data_loss", "500"},
    [STATUS_UNAUTHENTICATED] = {"unauthenticated", "401"},
};

/** Unary calls, and streams; packed, and as JSON. */
static const char *const types[2][2] = {
    {"application/proto", "application/json"},
    {"application/connect+proto", "application/connect+json"},
};

static bool
is_type(const char *text, const char *type)
{
    size_t n = strlen(type);
    return strncasecmp(text, type, n) == 0 && (!text[n] || text[n] == ';' || text[n] == ' ');
}

bool
connect_is_spoken(const char *type, bool *ret_json, bool *ret_stream)
{
    for (int i = 0; type && i < 4; i++)
        if (is_type(type, types[i / 2][i % 2])) {
            *ret_json = i % 2 != 0;
            *ret_stream = i / 2 != 0;
            return true;
        }
    return false;
}

const char *
connect_type(bool is_json, bool is_stream)
{
    return types[is_stream][is_json];
}

bool
connect_timeout(const char *text, uint32_t *ret_ms)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > TIMEOUT_DIGITS || text[n])
        return false;
    unsigned long long ms = strtoull(text, NULL, 10);
    *ret_ms = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
    return true;
}

const char *
connect_status(enum status_code code)
{
    return codes[code].status;
}

/** A detail as an object; NULL without memory. */
static json_t *
detail_value(struct arena *a, const char *type, ProtobufCBinaryData packed)
{
    char *text = base64_encode(a, packed.data, packed.len);
    if (!text)
        return NULL;
    text[strcspn(text, "=")] = '\0';
    return json_pack("{s:s, s:s}", "type", type, "value", text);
}

ProtobufCBinaryData
connect_error(const struct call *c, const char *message)
{
    struct rpc_status_details d;
    struct status ignored = {0};
    json_begin();
    json_t *details = json_array();
    rpc_status_details(c, message, &d);
    for (size_t i = 0; i < d.n; i++)
        json_array_append_new(details, detail_value(c->arena, d.all[i].type, d.all[i].packed));
    json_t *error = json_pack("{s:s, s:s, s:o}", "code", codes[c->status.code].name, "message",
                              message, "details", details);
    char *text = error ? json_print_value(c->arena, error, JSON_ONE_LINE, &ignored) : NULL;
    json_decref(error);
    return (ProtobufCBinaryData){text ? strlen(text) : 0, (uint8_t *)text};
}

ProtobufCBinaryData
connect_end(struct arena *a, ProtobufCBinaryData error)
{
    /* By this the last message is known. */
    static const uint8_t end_of_stream = 2;
    static const char begin[] = "{\"error\":";
    size_t n = error.len > 0 ? sizeof begin + error.len : 2;
    uint8_t *to = arena_alloc(a, CONNECT_PREFIX_BYTES + n);
    if (!to)
        return (ProtobufCBinaryData){0};
    grpc_prefix(to, n);
    to[0] = end_of_stream;
    uint8_t *at = to + CONNECT_PREFIX_BYTES;
    if (error.len > 0) {
        at = mempcpy(at, begin, sizeof begin - 1);
        at = mempcpy(at, error.data, error.len);
        *at = '}';
    } else {
        memcpy(at, "{}", 2);
    }
    return (ProtobufCBinaryData){CONNECT_PREFIX_BYTES + n, to};
}
