#include "server/native/new_session.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/secret/digest.h"

enum {
    /** What every step that opens a session is given. */
    OWN_PARAMETERS = 6,
};

char *
new_session_column(const struct call *c, const char *name)
{
    int i = PQfnumber(c->work.rows, name);
    if (i < 0 || PQntuples(c->work.rows) == 0 || PQgetisnull(c->work.rows, 0, i))
        return NULL;
    return PQgetvalue(c->work.rows, 0, i);
}

static void
answer_session(struct call *c, const struct device *d)
{
    Jiayi__V1__SignInResponse *out = (Jiayi__V1__SignInResponse *)c->out;
    const struct schema_field *f = schema_find_field(c->method->schema->out, "expires_at");
    Google__Protobuf__Timestamp *expires =
        (Google__Protobuf__Timestamp *)message_need_child(c->arena, c->out, f);
    const char *seconds = new_session_column(c, "expires_at_s");
    const char *spent = new_session_column(c, "password_spent");
    const char *is_new = new_session_column(c, "is_new_device");
    if (d && is_new && *is_new == 't')
        out->device = arena_copy(c->arena, d->secret, strlen(d->secret));
    if (!expires || !seconds || !out->token) {
        status_set(&c->status, STATUS_INTERNAL, "the session could not be opened; try again");
        return;
    }
    expires->seconds = strtoll(seconds, NULL, 10);
    out->email = new_session_column(c, "email");
    out->name = new_session_column(c, "name");
    out->company = new_session_column(c, "company");
    out->role = new_session_column(c, "role");
    out->password_set_by = new_session_column(c, "password_set_by");
    out->has_password_spent = out->password_spent = spent && *spent == 't';
    c->member = out->email;
    c->company = out->company;
}

/** The hash of the token that the call came with; NULL where it came without. */
static const char *
digest_shown(const struct call *c, char to[static DIGEST_BYTEA])
{
    size_t n = (size_t)snprintf(to, DIGEST_BYTEA, "\\x");
    for (size_t i = 0; i < sizeof c->token_sha256; i++, n += 2)
        snprintf(to + n, DIGEST_BYTEA - n, "%02x", c->token_sha256[i]);
    return c->has_token ? to : NULL;
}

void
new_session_open(struct call *c, const struct device *d, const struct bind_named *named, size_t n)
{
    char token[DIGEST_TOKEN_TEXT], hash[DIGEST_BYTEA], before[DIGEST_BYTEA];
    struct bind_named all[NEW_SESSION_PARAMETERS + OWN_PARAMETERS] = {
        {"token_hash", hash},
        {"client", c->client},
        {"address", c->address},
        {"device", d ? device_shown(d) : NULL},
        {"new_device", d ? d->fresh : NULL},
        {"before", digest_shown(c, before)}};
    if (digest_token(token, &c->status) < 0 || digest_bytea(token, hash, &c->status) < 0)
        return;
    for (size_t i = 0; i < n && i < NEW_SESSION_PARAMETERS; i++)
        all[OWN_PARAMETERS + i] = named[i];
    int rc = lanes_run(c->gate->lanes, c, "open", all, OWN_PARAMETERS + n);
    Jiayi__V1__SignInResponse *out = (Jiayi__V1__SignInResponse *)c->out;
    if (rc == 0)
        out->token = arena_copy(c->arena, token, strlen(token));
    explicit_bzero(token, sizeof token);
    if (rc == 0)
        answer_session(c, d);
}
