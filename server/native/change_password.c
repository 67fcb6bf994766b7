#include <libpq-fe.h>
#include <stdlib.h>

#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/native/natives.h"
#include "server/secret/password.h"

static void
answer_sessions_ended(struct call *c, const char *sessions_ended)
{
    Jiayi__V1__ChangePasswordResponse *out = (Jiayi__V1__ChangePasswordResponse *)c->out;
    out->has_sessions_ended = 1;
    out->sessions_ended = atoi(sessions_ended);
}

static void
set_password(struct call *c, const char *password)
{
    char phc[PASSWORD_PHC_MAX];
    if (password_hash(password, phc, &c->status) < 0)
        return;
    const struct bind_named named[] = {{"phc", phc}};
    if (lanes_run(c->gate->lanes, c, "set", named, 1) == 0)
        answer_sessions_ended(c, PQgetvalue(c->work.rows, 0, 0));
}

/** Counts the failure: a stolen session must not be a way to guess the password. */
static void
refuse_old_password(struct call *c)
{
    if (lanes_run(c->gate->lanes, c, "fail", NULL, 0) == 0)
        status_field(&c->status, "old_password", "is not your password");
}

void
native_change_password(struct call *c)
{
    const Jiayi__V1__ChangePasswordRequest *in = (const Jiayi__V1__ChangePasswordRequest *)c->in;
    if (lanes_run(c->gate->lanes, c, "find", NULL, 0) < 0)
        return;
    const char *phc = PQgetvalue(c->work.rows, 0, 0);
    bool was_done = !PQgetisnull(c->work.rows, 0, 1);
    int right = was_done ? 1 : password_matches(phc, in->old_password, &c->status);
    if (was_done)
        answer_sessions_ended(c, PQgetvalue(c->work.rows, 0, 1));
    else if (right > 0)
        set_password(c, in->new_password);
    else if (right == 0)
        refuse_old_password(c);
}
