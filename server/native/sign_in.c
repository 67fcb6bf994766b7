#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/native/device.h"
#include "server/native/factor.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"
#include "server/secret/password.h"

/** Counts the failure, and says the same whatever was wrong. */
static void
refuse_sign_in(struct call *c, const struct bind_named *who, size_t n)
{
    if (lanes_run(c->gate->lanes, c, "fail", who, n) == 0)
        status_set(&c->status, STATUS_UNAUTHENTICATED,
                   "address, password or company is wrong; if you act for several, add --company");
}

static void
sign_in_on(struct call *c, const struct device *d)
{
    const Jiayi__V1__SignInRequest *in = (const Jiayi__V1__SignInRequest *)c->in;
    const struct bind_named who[] = {{"email", in->email},
                                     {"company", in->company},
                                     {"address", c->address},
                                     {"device", device_shown(d)}};
    if (lanes_run(c->gate->lanes, c, "find", who, 4) < 0)
        return;
    struct bind_named opened[6] = {{"email", in->email},
                                   {"company", in->company},
                                   {"member_id", new_session_column(c, "member_id")},
                                   {"keep", in->keep ? "true" : "false"}};
    struct factor factor;
    /* One hash, whoever is meant, and as long where that is nobody. */
    int right = password_matches(new_session_column(c, "phc"), in->password, &c->status);
    int shown = right > 0 ? factor_check(c, in->otp, &factor) : -1;
    if (right == 0)
        refuse_sign_in(c, who, 4);
    else if (shown == 0)
        factor_refuse(c, "fail", who, 4);
    else if (shown > 0) {
        factor_bind(&factor, opened + 4);
        new_session_open(c, d, opened, 6);
    }
}

void
native_sign_in(struct call *c)
{
    const Jiayi__V1__SignInRequest *in = (const Jiayi__V1__SignInRequest *)c->in;
    struct device d;
    if (device_begin(&d, in->device, &c->status) == 0)
        sign_in_on(c, &d);
    device_end(&d);
}
