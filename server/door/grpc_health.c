#include "server/door/grpc_health.h"

#include <string.h>

#include "common/json.h"
#include "grpc/health/v1/health.pb-c.h"
#include "server/door/grpc_reflection.h"

typedef Grpc__Health__V1__HealthCheckResponse__ServingStatus serving_status;

#define SAID(name) GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__##name

static serving_status
server_status(const struct grpc_ask *q)
{
    return q->is_leaving || gate_is_closed(q->gate) ? SAID(NOT_SERVING) : SAID(SERVING);
}

/** How a service is; that of no name is the server. */
static serving_status
status_of(const struct grpc_ask *q, const char *service)
{
    return !*service || grpc_reflection_has_service(service) ? server_status(q)
                                                             : SAID(SERVICE_UNKNOWN);
}

/** How the service that is asked for is. Returns -1 where the question cannot be read. */
static int
look(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in, serving_status *ret,
     struct status *e)
{
    const Grpc__Health__V1__HealthCheckRequest *r =
        grpc__health__v1__health_check_request__unpack(arena_allocator(a), in.len, in.data);
    if (!r)
        return status_set(e, STATUS_INVALID_ARGUMENT, "the request is malformed");
    *ret = status_of(q, r->service);
    return 0;
}

static int
pack(struct arena *a, const ProtobufCMessage *m, ProtobufCBinaryData *ret, struct status *e)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    uint8_t *packed = arena_alloc(a, n);
    if (!packed)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED,
                          "the answer takes too much memory; ask for less");
    *ret = (ProtobufCBinaryData){protobuf_c_message_pack(m, packed), packed};
    return 0;
}

int
grpc_health_watch(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                  ProtobufCBinaryData *ret, struct status *e)
{
    Grpc__Health__V1__HealthCheckResponse out = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    return look(q, a, in, &out.status, e) < 0 ? -1 : pack(a, &out.base, ret, e);
}

static int
no_such_service(struct status *e)
{
    return status_set(e, STATUS_NOT_FOUND, "the server has no such service");
}

int
grpc_health_check(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                  ProtobufCBinaryData *ret, struct status *e)
{
    Grpc__Health__V1__HealthCheckResponse out = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    if (look(q, a, in, &out.status, e) < 0)
        return -1;
    if (out.status == SAID(SERVICE_UNKNOWN))
        return no_such_service(e);
    return pack(a, &out.base, ret, e);
}

int
grpc_health_check_json(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                       ProtobufCBinaryData *ret, struct status *e)
{
    const char *service = "";
    json_begin();
    json_t *r = json_loadb((const char *)in.data, in.len, JSON_REJECT_DUPLICATES, NULL);
    bool is_fine = json_unpack_ex(r, NULL, JSON_STRICT, "{s?s}", "service", &service) == 0;
    serving_status s = is_fine ? status_of(q, service) : SAID(UNKNOWN);
    json_decref(r);
    (void)a;
    if (json_is_short())
        return status_set(e, STATUS_RESOURCE_EXHAUSTED,
                          "the answer takes too much memory; ask for less");
    if (!is_fine)
        return status_set(e, STATUS_INVALID_ARGUMENT, "the request is malformed");
    if (s == SAID(SERVICE_UNKNOWN))
        return no_such_service(e);
    const char *text =
        s == SAID(SERVING) ? "{\"status\":\"SERVING\"}" : "{\"status\":\"NOT_SERVING\"}";
    *ret = (ProtobufCBinaryData){strlen(text), (uint8_t *)text};
    return 0;
}

int
grpc_health_list(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                 ProtobufCBinaryData *ret, struct status *e)
{
    Grpc__Health__V1__HealthListResponse out = GRPC__HEALTH__V1__HEALTH_LIST_RESPONSE__INIT;
    Grpc__Health__V1__HealthCheckResponse each = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    size_t n = grpc_reflection_service_count();
    Grpc__Health__V1__HealthListResponse__StatusesEntry *entries =
        arena_alloc(a, (n + 1) * sizeof *entries);
    Grpc__Health__V1__HealthListResponse__StatusesEntry **all =
        arena_alloc(a, (n + 1) * sizeof(void *));
    (void)in;
    if (!entries || !all)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED,
                          "the answer takes too much memory; ask for less");
    each.status = server_status(q);
    for (size_t i = 0; i <= n; i++) {
        grpc__health__v1__health_list_response__statuses_entry__init(&entries[i]);
        entries[i].key = (char *)(i < n ? grpc_reflection_service(i) : "");
        entries[i].value = &each;
        all[i] = &entries[i];
    }
    out.statuses = all;
    out.n_statuses = n + 1;
    return pack(a, &out.base, ret, e);
}
