#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/native/factor.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"
#include "server/secret/password.h"

/** As for a change of the password: a stolen session links nothing. 0, or -1 with c->status set. */
static int
check_own(struct call *c, const char *password)
{
    if (lanes_run(c->gate->lanes, c, "own", NULL, 0) < 0)
        return -1;
    int right = password_matches(new_session_column(c, "phc"), password, &c->status);
    if (right == 0 && lanes_run(c->gate->lanes, c, "fail", NULL, 0) == 0)
        status_field(&c->status, "password", "is not your password");
    return right > 0 ? 0 : -1;
}

/**
 * As for a sign-in there, and with one answer for every failure: nothing tells whether there is
 * such a company or address. 0, or -1 with c->status set.
 */
static int
check_other(struct call *c, const struct bind_named *who, size_t n, const char *password)
{
    int right = password_matches(new_session_column(c, "phc"), password, &c->status);
    if (right == 0 && lanes_run(c->gate->lanes, c, "miss", who, n) == 0)
        status_field(&c->status, "password_there",
                     "address, password or company is wrong; if your address is another one there, "
                     "add --user");
    return right > 0 ? 0 : -1;
}

void
native_link_company(struct call *c)
{
    const Jiayi__V1__LinkCompanyRequest *in = (const Jiayi__V1__LinkCompanyRequest *)c->in;
    const struct bind_named who[] = {{"email", in->email},
                                     {"company", in->company},
                                     {"address", c->address}};
    if (check_own(c, in->password) < 0 || lanes_run(c->gate->lanes, c, "find", who, 3) < 0)
        return;
    struct bind_named other[3] = {{"member_id", new_session_column(c, "member_id")}};
    struct factor factor;
    if (check_other(c, who, 3, in->password_there) < 0)
        return;
    int shown = factor_check(c, in->otp, &factor);
    factor_bind(&factor, other + 1);
    if (shown == 0)
        factor_refuse(c, "miss", who, 3);
    else if (shown > 0)
        new_session_open(c, NULL, other, 3);
}
