#include <pthread.h>
#include <string.h>

#include "jiayi/v1/server.pb-c.h"
#include "server/base/metrics.h"
#include "server/call/budget.h"
#include "server/call/call.h"
#include "server/call/gate.h"
#include "server/call/whose.h"
#include "server/native/natives.h"
#include "server/secret/digest.h"

/** Of the schema; not known where there was no memory for it: then all of it is sent. */
static uint8_t sha256[SHA256_BYTES];
static bool is_known;

static void
make_sha256(void)
{
    struct status ignored;
    const struct schema *s = schema_embedded();
    is_known = digest_sha256(s->set, s->set_size, sha256, &ignored) == 0;
}

/** It is large, and costs nobody else anything: strangers get so much of it for their network. */
static int
charge_stranger(struct call *c, size_t bytes)
{
    if (whose_is_known(c))
        return 0;
    uint32_t wait_ms =
        budget_charge(c->gate->strangers, whose_network(c->address), bytes, c->received_us);
    if (wait_ms == 0)
        return 0;
    metrics_refused(METRICS_REFUSED_SCHEMA_RATE, c->address);
    status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
               "your network asks for the schema too often without signing in; keep it, and give "
               "known_sha256");
    c->status.retry_after_ms = wait_ms;
    return -1;
}

void
native_get_schema(struct call *c)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const Jiayi__V1__GetSchemaRequest *in = (const Jiayi__V1__GetSchemaRequest *)c->in;
    Jiayi__V1__GetSchemaResponse *out = (Jiayi__V1__GetSchemaResponse *)c->out;
    const struct schema *s = schema_embedded();
    pthread_once(&once, make_sha256);
    out->has_sha256 = is_known;
    out->sha256 = (ProtobufCBinaryData){sizeof sha256, sha256};
    if (is_known && in->has_known_sha256 && in->known_sha256.len == sizeof sha256 &&
        memcmp(in->known_sha256.data, sha256, sizeof sha256) == 0)
        return;
    if (charge_stranger(c, s->set_size) < 0)
        return;
    out->has_file_descriptor_set = 1;
    out->file_descriptor_set = (ProtobufCBinaryData){s->set_size, (uint8_t *)s->set};
}
