#include "server/native/factor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/call/gate.h"
#include "server/native/new_session.h"
#include "server/secret/keyring.h"
#include "server/secret/totp.h"

enum { SEALED_BYTES = TOTP_SECRET_BYTES + KEYRING_SEAL_BYTES };

void
factor_bound(const char *member_id, char ret[40])
{
    snprintf(ret, 40, "totp:%s", member_id);
}

void
factor_bind(const struct factor *f, struct bind_named ret[2])
{
    ret[0] = (struct bind_named){"step", *f->step ? f->step : NULL};
    ret[1] = (struct bind_named){"code_sha256", *f->code_sha256 ? f->code_sha256 : NULL};
}

const char *
factor_array(struct call *c, char *const *words, size_t n)
{
    const char *all = "";
    for (size_t i = 0; all && i < n; i++)
        all = arena_print(c->arena, "%s%s%s", all, i ? "," : "", words[i]);
    return all ? arena_print(c->arena, "{%s}", all) : NULL;
}

/** Opens the sealed secret of the row. 0, or -1 with c->status set. */
static int
open_secret(struct call *c, uint8_t secret[TOTP_SECRET_BYTES])
{
    const char *id = new_session_column(c, "totp_key");
    const char *hex = new_session_column(c, "totp_sealed");
    const char *member = new_session_column(c, "member_id");
    const struct keyring_key *key = keyring_find(c->gate->keys, id);
    uint8_t sealed[SEALED_BYTES];
    char bound[40];
    if (!key || !hex || !member || strlen(hex) != 2 * sizeof sealed)
        return status_set(&c->status, STATUS_INTERNAL,
                          "the server cannot read your second factor; an admin resets it");
    for (size_t i = 0; i < sizeof sealed; i++)
        if (sscanf(hex + 2 * i, "%2hhx", &sealed[i]) != 1)
            return status_set(&c->status, STATUS_INTERNAL, "a sealed value is damaged");
    factor_bound(member, bound);
    return keyring_open(key, bound, sealed, sizeof sealed, secret, &c->status);
}

static int
check_step(struct call *c, const char *otp, struct factor *ret)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    const char *after = new_session_column(c, "totp_after");
    int64_t step = 0;
    if (open_secret(c, secret) < 0)
        return -1;
    int right = totp_matches(secret, sizeof secret, otp, time(NULL),
                             after ? strtoll(after, NULL, 10) : 0, &step, &c->status);
    explicit_bzero(secret, sizeof secret);
    if (right > 0)
        snprintf(ret->step, sizeof ret->step, "%lld", (long long)step);
    return right;
}

int
factor_check(struct call *c, const char *otp, struct factor *ret)
{
    char form[TOTP_RECOVERY_TEXT];
    *ret = (struct factor){.step = ""};
    if (!new_session_column(c, "totp_key"))
        return 1;
    if (!otp) {
        status_field(&c->status, "otp", "a code of your authenticator is needed");
        c->status.code = STATUS_UNAUTHENTICATED;
        return -1;
    }
    if (!totp_recovery_form(otp, form))
        return check_step(c, otp, ret);
    /* Whether it is one of theirs the statement finds out that uses it up. */
    int rc = digest_bytea(form, ret->code_sha256, &c->status);
    explicit_bzero(form, sizeof form);
    return rc < 0 ? -1 : 1;
}

void
factor_refuse(struct call *c, const char *step, const struct bind_named *named, size_t n)
{
    if (lanes_run(c->gate->lanes, c, step, named, n) == 0)
        status_set(&c->status, STATUS_UNAUTHENTICATED,
                   "the code is wrong or was used already; wait for the next one");
}
