#include <stdlib.h>
#include <string.h>

#include "jiayi/v1/token.pb-c.h"
#include "server/call/gate.h"
#include "server/native/factor.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"
#include "server/secret/digest.h"

static Google__Protobuf__Timestamp *
answer_time(struct call *c, const char *field, const char *column)
{
    const struct schema_field *f = schema_find_field(c->method->schema->out, field);
    Google__Protobuf__Timestamp *time =
        (Google__Protobuf__Timestamp *)message_need_child(c->arena, c->out, f);
    const char *seconds = new_session_column(c, column);
    if (time && seconds)
        time->seconds = strtoll(seconds, NULL, 10);
    return time;
}

static void
answer_token(struct call *c, const char *token)
{
    const Jiayi__V1__CreateTokenRequest *in = (const Jiayi__V1__CreateTokenRequest *)c->in;
    Jiayi__V1__NewToken *out = (Jiayi__V1__NewToken *)c->out;
    const char *id = new_session_column(c, "id");
    out->token = arena_copy(c->arena, token, strlen(token));
    if (!out->token || !id || !answer_time(c, "created_at", "created_at_s") ||
        !answer_time(c, "expires_at", "expires_at_s")) {
        status_set(&c->status, STATUS_INTERNAL, "the token could not be answered; make another");
        return;
    }
    out->has_id = 1;
    out->id = strtoll(id, NULL, 10);
    out->name = in->name;
    out->n_permissions = in->n_grants;
    out->permissions = in->grants;
}

void
native_create_token(struct call *c)
{
    const Jiayi__V1__CreateTokenRequest *in = (const Jiayi__V1__CreateTokenRequest *)c->in;
    char token[DIGEST_TOKEN_TEXT], hash[DIGEST_BYTEA];
    const char *grants = factor_array(c, in->grants, in->n_grants);
    if (!grants) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
        return;
    }
    if (digest_token(token, &c->status) < 0 || digest_bytea(token, hash, &c->status) < 0)
        return;
    const struct bind_named named[] = {{"name", in->name},       {"grants", grants},
                                       {"expires", in->expires}, {"token_hash", hash},
                                       {"client", c->client},    {"address", c->address}};
    if (lanes_run(c->gate->lanes, c, "open", named, 6) == 0)
        answer_token(c, token);
    explicit_bzero(token, sizeof token);
}
