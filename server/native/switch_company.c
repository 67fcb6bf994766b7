#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/native/factor.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"

void
native_switch_company(struct call *c)
{
    const Jiayi__V1__SwitchCompanyRequest *in = (const Jiayi__V1__SwitchCompanyRequest *)c->in;
    struct bind_named there[3] = {{"company", in->company}};
    struct factor factor;
    if (lanes_run(c->gate->lanes, c, "find", there, 1) < 0)
        return;
    int shown = factor_check(c, in->otp, &factor);
    factor_bind(&factor, there + 1);
    if (shown == 0)
        factor_refuse(c, "fail", NULL, 0);
    else if (shown > 0)
        new_session_open(c, NULL, there, 3);
}
