#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"
#include "server/secret/password.h"

/** Counts the failure, and says the same whatever was wrong. */
static void
refuse_sign_in(struct call *c, const char *email)
{
    const struct bind_named named[] = {{"email", email}, {"address", c->address}};
    if (lanes_run(c->gate->lanes, c, "fail", named, 2) == 0)
        status_set(&c->status, STATUS_UNAUTHENTICATED,
                   "address, password or company is wrong; if you act for several, add --company");
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
    const struct bind_named opened[] = {{"member_id", new_session_column(c, "member_id")},
                                        {"keep", in->keep ? "true" : "false"}};
    /* One hash, whoever is meant, and as long where that is nobody. */
    int right = password_matches(new_session_column(c, "phc"), in->password, &c->status);
    if (right > 0)
        new_session_open(c, opened, 2);
    else if (right == 0)
        refuse_sign_in(c, in->email);
}
