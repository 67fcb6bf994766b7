#include "jiayi/v1/auth.pb-c.h"
#include "server/call/gate.h"
#include "server/native/device.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"
#include "server/secret/password.h"

/**
 * Whose address is of another company's domain signs in there: by a code alone that company's
 * people could be passed off. Whether there is such a member is not told.
 *
 * Returns 0, or -1 with c->status set.
 */
static int
check_home(struct call *c, const Jiayi__V1__JoinRequest *in)
{
    const char *away = new_session_column(c, "is_away");
    if (!away || *away != 't')
        return 0;
    const char *email = new_session_column(c, "email"), *phc = new_session_column(c, "home_phc");
    const struct bind_named named[] = {{"email", email}, {"address", c->address}};
    if (!in->home_password)
        return status_field(&c->status, "home_password",
                            "the address's domain is another company's: give the password that you "
                            "have there as well");
    if (lanes_run(c->gate->lanes, c, "check", named, 2) < 0)
        return -1;
    int right = password_matches(phc, in->home_password, &c->status);
    if (right == 0 && lanes_run(c->gate->lanes, c, "fail", named, 2) == 0)
        status_set(&c->status, STATUS_UNAUTHENTICATED,
                   "the password of the company that has the address's domain is wrong");
    return right > 0 ? 0 : -1;
}

static void
join_on(struct call *c, const struct device *d)
{
    const Jiayi__V1__JoinRequest *in = (const Jiayi__V1__JoinRequest *)c->in;
    const struct bind_named code[] = {{"code", in->code}};
    char phc[PASSWORD_PHC_MAX];
    /* What costs much is done only for those who have a code. */
    if (lanes_run(c->gate->lanes, c, "find", code, 1) < 0 || check_home(c, in) < 0 ||
        password_hash(in->password, phc, &c->status) < 0)
        return;
    const struct bind_named given[] = {{"code", in->code},
                                       {"phc", phc},
                                       {"keep", in->keep ? "true" : "false"}};
    new_session_open(c, d, given, 3);
}

void
native_join(struct call *c)
{
    struct device d;
    if (device_begin(&d, NULL, &c->status) == 0)
        join_on(c, &d);
    device_end(&d);
}
