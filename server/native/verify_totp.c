#include "jiayi/v1/totp.pb-c.h"
#include "server/call/gate.h"
#include "server/native/factor.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"

void
native_verify_totp(struct call *c)
{
    const Jiayi__V1__VerifyTotpRequest *in = (const Jiayi__V1__VerifyTotpRequest *)c->in;
    struct bind_named code[2];
    struct factor factor;
    if (lanes_run(c->gate->lanes, c, "find", NULL, 0) < 0)
        return;
    int shown = factor_check(c, in->code, &factor);
    factor_bind(&factor, code);
    if (shown == 0)
        factor_refuse(c, "fail", NULL, 0);
    else if (shown > 0)
        new_session_open(c, NULL, code, 2);
}
