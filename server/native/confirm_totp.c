#include <stdio.h>
#include <string.h>

#include "jiayi/v1/totp.pb-c.h"
#include "server/call/gate.h"
#include "server/native/factor.h"
#include "server/native/natives.h"
#include "server/secret/totp.h"

/** As people read them: four letters at a time. */
static char *
print_grouped(struct call *c, const char *code)
{
    return arena_print(c->arena, "%.4s-%.4s-%.4s-%.4s", code, code + 4, code + 8, code + 12);
}

/** New recovery codes, plain and as they are shown. 0, or -1 with c->status set. */
static int
make_codes(struct call *c, char *plain[TOTP_RECOVERY_CODES], char *shown[TOTP_RECOVERY_CODES])
{
    for (int i = 0; i < TOTP_RECOVERY_CODES; i++) {
        char code[TOTP_RECOVERY_TEXT];
        if (totp_recovery_make(code, &c->status) < 0)
            return -1;
        plain[i] = arena_copy(c->arena, code, strlen(code));
        shown[i] = print_grouped(c, code);
        explicit_bzero(code, sizeof code);
        if (!plain[i] || !shown[i])
            return status_set(&c->status, STATUS_RESOURCE_EXHAUSTED,
                              "the call takes too much memory");
    }
    return 0;
}

static void
confirm(struct call *c, const struct factor *factor)
{
    Jiayi__V1__ConfirmTotpResponse *out = (Jiayi__V1__ConfirmTotpResponse *)c->out;
    char *plain[TOTP_RECOVERY_CODES];
    char **shown = arena_alloc(c->arena, TOTP_RECOVERY_CODES * sizeof *shown);
    if (!shown) {
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
        return;
    }
    if (make_codes(c, plain, shown) < 0)
        return;
    const struct bind_named named[] = {{"step", factor->step},
                                       {"codes", factor_array(c, plain, TOTP_RECOVERY_CODES)}};
    if (lanes_run(c->gate->lanes, c, "confirm", named, 2) < 0)
        return;
    out->n_recovery_codes = TOTP_RECOVERY_CODES;
    out->recovery_codes = shown;
}

void
native_confirm_totp(struct call *c)
{
    const Jiayi__V1__ConfirmTotpRequest *in = (const Jiayi__V1__ConfirmTotpRequest *)c->in;
    struct factor factor;
    if (lanes_run(c->gate->lanes, c, "find", NULL, 0) < 0)
        return;
    int shown = factor_check(c, in->code, &factor);
    if (shown == 0 || (shown > 0 && !*factor.step))
        factor_refuse(c, "fail", NULL, 0);
    else if (shown > 0)
        confirm(c, &factor);
}
