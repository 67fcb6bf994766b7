#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jiayi/v1/auth.pb-c.h"
#include "server/authn.h"
#include "server/native.h"
#include "server/password.h"
#include "server/server.h"

/** The column of the only row, or NULL. */
static char *
column(const struct call *c, const char *name)
{
    int i = PQfnumber(c->work.rows, name);
    if (i < 0 || PQntuples(c->work.rows) < 1 || PQgetisnull(c->work.rows, 0, i))
        return NULL;
    return PQgetvalue(c->work.rows, 0, i);
}

/** Counts the failure, and says the same whatever was wrong. */
static void
refuse(struct call *c, const char *email)
{
    const struct bind_named named[] = {{"email", email}, {"address", c->address}};
    if (server_run(c, "fail", named, 2) == 0)
        status_set(&c->status, STATUS_UNAUTHENTICATED,
                   "the e-mail address, the password or the company is wrong");
}

static int
open_session(struct call *c, const char *member_id)
{
    char token[AUTHN_TOKEN_TEXT], hash[3 + 2 * SHA256_BYTES] = "\\x";
    uint8_t digest[SHA256_BYTES];
    if (authn_token(token, &c->status) < 0)
        return -1;
    authn_sha256(token, strlen(token), digest);
    for (int i = 0; i < SHA256_BYTES; i++)
        snprintf(hash + 2 + 2 * i, 3, "%02x", digest[i]);
    const struct bind_named named[] = {{"member_id", member_id},
                                       {"token_hash", hash},
                                       {"client", c->client},
                                       {"address", c->address}};
    int rc = server_run(c, "open", named, 4);
    Jiayi__V1__SignInResponse *out = (Jiayi__V1__SignInResponse *)c->out;
    if (rc == 0)
        out->token = arena_secret(c->arena, token, strlen(token));
    explicit_bzero(token, sizeof token);
    return rc;
}

static void
answer(struct call *c)
{
    Jiayi__V1__SignInResponse *out = (Jiayi__V1__SignInResponse *)c->out;
    const struct schema_field *f = schema_find_field(c->method->schema->out, "expires_at");
    Google__Protobuf__Timestamp *expires =
        (Google__Protobuf__Timestamp *)message_need_child(c->arena, c->out, f);
    const char *seconds = column(c, "expires_at_s");
    if (!expires || !seconds || !out->token) {
        status_set(&c->status, STATUS_INTERNAL, "the session could not be opened; try again");
        return;
    }
    expires->seconds = strtoll(seconds, NULL, 10);
    out->email = column(c, "email");
    out->name = column(c, "name");
    out->company = column(c, "company");
    out->role = column(c, "role");
    c->member = out->email;
    c->company = out->company;
}

void
native_sign_in(struct call *c)
{
    const Jiayi__V1__SignInRequest *in = (const Jiayi__V1__SignInRequest *)c->in;
    const struct bind_named named[] = {{"email", in->email},
                                       {"company", in->company},
                                       {"address", c->address}};
    if (server_run(c, "find", named, 3) < 0)
        return;
    const char *member_id = column(c, "member_id"), *companies = column(c, "companies");
    bool right = password_matches(column(c, "phc"), in->password);
    explicit_bzero(in->password, strlen(in->password));
    if (right && !member_id && companies)
        status_field(&c->status, "company", "you are a member of several, choose one: %s",
                     companies);
    else if (!right || !member_id)
        refuse(c, in->email);
    else if (open_session(c, member_id) == 0)
        answer(c);
}
