#include <strings.h>

#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"
#include "server/secret/password.h"

void
native_join(struct call *c)
{
    const Jiayi__V1__JoinRequest *in = (const Jiayi__V1__JoinRequest *)c->in;
    const struct bind_named code[] = {{"code", in->code}};
    char phc[PASSWORD_PHC_MAX];
    /* What costs much is done only for those who have a code. */
    if (lanes_run(c->gate->lanes, c, "find", code, 1) < 0 ||
        password_hash(in->password, phc, &c->status) < 0)
        return;
    const struct bind_named given[] = {
        {"code", in->code}, {"phc", phc}, {"keep", in->keep ? "true" : "false"}};
    new_session_open(c, given, 3);
}
