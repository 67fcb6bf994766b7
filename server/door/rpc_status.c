#include "server/door/rpc_status.h"

#include <stdio.h>

#include "common/hex.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

/** What is being made, and where. */
struct details {
    struct arena *arena;
    struct rpc_status_details *ret;
};

static void
add(struct details *d, const ProtobufCMessage *m)
{
    uint8_t *packed = arena_alloc(d->arena, protobuf_c_message_get_packed_size(m));
    if (!packed)
        return;
    d->ret->all[d->ret->n].type = m->descriptor->name;
    d->ret->all[d->ret->n].packed =
        (ProtobufCBinaryData){protobuf_c_message_pack(m, packed), packed};
    d->ret->n++;
}

static void
add_violation(struct details *d, const struct status *s, const char *message)
{
    Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
    Google__Rpc__BadRequest__FieldViolation one = GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT;
    Google__Rpc__BadRequest__FieldViolation *all[] = {&one};
    one.field = (char *)s->field;
    one.description = (char *)message;
    bad.field_violations = all;
    bad.n_field_violations = 1;
    add(d, &bad.base);
}

static void
add_retry(struct details *d, uint32_t ms)
{
    Google__Rpc__RetryInfo retry = GOOGLE__RPC__RETRY_INFO__INIT;
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;
    delay.seconds = ms / 1000;
    delay.nanos = (int32_t)(ms % 1000) * 1000000;
    retry.retry_delay = &delay;
    add(d, &retry.base);
}

static void
add_version(struct details *d, int32_t version)
{
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry one = GOOGLE__RPC__ERROR_INFO__METADATA_ENTRY__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry *all[] = {&one};
    char text[12];
    snprintf(text, sizeof text, "%d", version);
    info.reason = (char *)"VERSION";
    info.domain = (char *)"jiayi";
    one.key = (char *)"current_version";
    one.value = text;
    info.metadata = all;
    info.n_metadata = 1;
    add(d, &info.base);
}

static void
add_request_id(struct details *d, const struct call *c)
{
    Google__Rpc__RequestInfo info = GOOGLE__RPC__REQUEST_INFO__INIT;
    char text[2 * REQUEST_ID_BYTES + 1];
    hex_print(c->request_id, REQUEST_ID_BYTES, text);
    info.request_id = text;
    add(d, &info.base);
}

void
rpc_status_details(const struct call *c, const char *message, struct rpc_status_details *ret)
{
    const struct status *s = &c->status;
    /* cppcheck-suppress ctuuninitvar; it is filled here */
    struct details d = {c->arena, ret};
    ret->n = 0;
    if (*s->field)
        add_violation(&d, s, message);
    if (s->retry_after_ms > 0)
        add_retry(&d, s->retry_after_ms);
    if (s->current_version != 0)
        add_version(&d, s->current_version);
    if (c->has_request_id)
        add_request_id(&d, c);
}

ProtobufCBinaryData
rpc_status_pack(const struct call *c, const char *message)
{
    struct rpc_status_details d;
    Google__Protobuf__Any any[RPC_STATUS_DETAILS_MAX], *all[RPC_STATUS_DETAILS_MAX];
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    rpc_status_details(c, message, &d);
    status.code = (int32_t)c->status.code;
    status.message = (char *)message;
    status.details = all;
    for (size_t i = 0; i < d.n; i++) {
        char *url = arena_print(c->arena, "type.googleapis.com/%s", d.all[i].type);
        if (!url)
            continue;
        google__protobuf__any__init(&any[i]);
        any[i].type_url = url;
        any[i].value = d.all[i].packed;
        all[status.n_details++] = &any[i];
    }
    uint8_t *packed = arena_alloc(c->arena, google__rpc__status__get_packed_size(&status));
    if (!packed)
        return (ProtobufCBinaryData){0};
    return (ProtobufCBinaryData){google__rpc__status__pack(&status, packed), packed};
}
