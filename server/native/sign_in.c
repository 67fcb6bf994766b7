#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/native/natives.h"
#include "server/secret/digest.h"
#include "server/secret/password.h"

/** The column of a row, or NULL. */
static char *
column(const struct call *c, int row, const char *name)
{
    int i = PQfnumber(c->work.rows, name);
    if (i < 0 || row >= PQntuples(c->work.rows) || PQgetisnull(c->work.rows, row, i))
        return NULL;
    return PQgetvalue(c->work.rows, row, i);
}

/** Counts the failure, and says the same whatever was wrong. */
static void
refuse_sign_in(struct call *c, const char *email)
{
    const struct bind_named named[] = {{"email", email}, {"address", c->address}};
    if (lanes_run(c->gate->lanes, c, "fail", named, 2) == 0)
        status_set(&c->status, STATUS_UNAUTHENTICATED,
                   "the e-mail address, the password or the company is wrong");
}

static int
open_session(struct call *c, const char *member_id)
{
    char token[DIGEST_TOKEN_TEXT], hash[3 + 2 * SHA256_BYTES] = "\\x";
    uint8_t digest[SHA256_BYTES];
    if (digest_token(token, &c->status) < 0 ||
        digest_sha256(token, strlen(token), digest, &c->status) < 0)
        return -1;
    for (int i = 0; i < SHA256_BYTES; i++)
        snprintf(hash + 2 + 2 * i, 3, "%02x", digest[i]);
    const struct bind_named named[] = {{"member_id", member_id},
                                       {"token_hash", hash},
                                       {"client", c->client},
                                       {"address", c->address}};
    int rc = lanes_run(c->gate->lanes, c, "open", named, 4);
    Jiayi__V1__SignInResponse *out = (Jiayi__V1__SignInResponse *)c->out;
    if (rc == 0)
        out->token = arena_copy(c->arena, token, strlen(token));
    explicit_bzero(token, sizeof token);
    return rc;
}

static void
answer_session(struct call *c)
{
    Jiayi__V1__SignInResponse *out = (Jiayi__V1__SignInResponse *)c->out;
    const struct schema_field *f = schema_find_field(c->method->schema->out, "expires_at");
    Google__Protobuf__Timestamp *expires =
        (Google__Protobuf__Timestamp *)message_need_child(c->arena, c->out, f);
    const char *seconds = column(c, 0, "expires_at_s");
    if (!expires || !seconds || !out->token) {
        status_set(&c->status, STATUS_INTERNAL, "the session could not be opened; try again");
        return;
    }
    expires->seconds = strtoll(seconds, NULL, 10);
    out->email = column(c, 0, "email");
    out->name = column(c, 0, "name");
    out->company = column(c, 0, "company");
    out->role = column(c, 0, "role");
    c->member = out->email;
    c->company = out->company;
}

/** The memberships that the password opens. */
struct opened {
    int n;
    const char *member_id;
    /** Their companies, with commas. */
    const char *companies;
};

/**
 * Tries the password on every membership found; those of one password stand together, so that each
 * is verified once. Where none is found it takes as long. c->status is set where it could not be
 * tried.
 */
static struct opened
try_password(struct call *c, const char *password)
{
    struct opened o = {.companies = ""};
    const char *tried = NULL;
    int right = 0;
    if (PQntuples(c->work.rows) == 0)
        right = password_matches(NULL, password, &c->status);
    for (int row = 0; right >= 0 && row < PQntuples(c->work.rows); row++) {
        const char *phc = column(c, row, "phc");
        if (!tried || strcmp(tried, phc) != 0)
            right = password_matches(phc, password, &c->status);
        tried = phc;
        if (right <= 0)
            continue;
        o.member_id = column(c, row, "member_id");
        o.companies = arena_print(c->arena, "%s%s%s", o.companies, o.n++ ? ", " : "",
                                  column(c, row, "company"));
        if (!o.companies)
            right =
                status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    }
    return o;
}

void
native_sign_in(struct call *c)
{
    const Jiayi__V1__SignInRequest *in = (const Jiayi__V1__SignInRequest *)c->in;
    const struct bind_named named[] = {{"email", in->email},
                                       {"company", in->company},
                                       {"address", c->address}};
    if (lanes_run(c->gate->lanes, c, "find", named, 3) < 0)
        return;
    struct opened o = try_password(c, in->password);
    if (c->status.code != STATUS_OK)
        return;
    if (o.n > 1)
        status_field(&c->status, "company", "you are a member of several, choose one: %s",
                     o.companies);
    else if (o.n == 0)
        refuse_sign_in(c, in->email);
    else if (open_session(c, o.member_id) == 0)
        answer_session(c);
}
