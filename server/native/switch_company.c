#include "jiayi/v1/auth.pb-c.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"

void
native_switch_company(struct call *c)
{
    const Jiayi__V1__SwitchCompanyRequest *in = (const Jiayi__V1__SwitchCompanyRequest *)c->in;
    const struct bind_named company[] = {{"company", in->company}};
    new_session_open(c, NULL, company, 1);
}
