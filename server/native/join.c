#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/native/device.h"
#include "server/native/factor.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"
#include "server/secret/password.h"

/**
 * Whose address is of another company's domain signs in there: by a code alone that company's
 * people could be passed off. Whether there is such a member is not told.
 *
 * Returns 0 with @factor, what the sign-in uses up, or -1 with c->status set.
 */
static int
check_home(struct call *c, const Jiayi__V1__JoinRequest *in, struct factor *factor)
{
    const struct bind_named who[] = {{"email", new_session_column(c, "email")},
                                     {"home", new_session_column(c, "home")},
                                     {"address", c->address}};
    *factor = (struct factor){.step = ""};
    if (!who[1].value)
        return 0;
    if (!in->home_password)
        return status_field(&c->status, "home_password",
                            "the address's domain is another company's: give the password that you "
                            "have there as well");
    if (lanes_run(c->gate->lanes, c, "check", who, 3) < 0)
        return -1;
    int right = password_matches(new_session_column(c, "phc"), in->home_password, &c->status);
    int shown = right > 0 ? factor_check(c, in->otp, factor) : -1;
    if (right == 0 && lanes_run(c->gate->lanes, c, "fail", who, 3) == 0)
        status_set(&c->status, STATUS_UNAUTHENTICATED,
                   "the password of the company that has the address's domain is wrong");
    if (shown == 0)
        factor_refuse(c, "fail", who, 3);
    return shown > 0 ? 0 : -1;
}

static void
join_on(struct call *c, const struct device *d)
{
    const Jiayi__V1__JoinRequest *in = (const Jiayi__V1__JoinRequest *)c->in;
    const struct bind_named code[] = {{"code", in->code}};
    struct factor factor;
    char phc[PASSWORD_PHC_MAX];
    /* What costs much is done only for those who have a code. */
    if (lanes_run(c->gate->lanes, c, "find", code, 1) < 0 || check_home(c, in, &factor) < 0 ||
        password_hash(in->password, phc, &c->status) < 0)
        return;
    struct bind_named given[5] = {{"code", in->code},
                                  {"phc", phc},
                                  {"keep", in->keep ? "true" : "false"}};
    factor_bind(&factor, given + 3);
    new_session_open(c, d, given, 5);
}

void
native_join(struct call *c)
{
    struct device d;
    if (device_begin(&d, NULL, &c->status) == 0)
        join_on(c, &d);
    device_end(&d);
}
