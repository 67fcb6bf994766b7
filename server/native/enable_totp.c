#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "jiayi/v1/totp.pb-c.h"
#include "server/call/gate.h"
#include "server/native/factor.h"
#include "server/native/natives.h"
#include "server/native/new_session.h"
#include "server/secret/keyring.h"
#include "server/secret/password.h"
#include "server/secret/totp.h"

enum { SEALED_BYTES = TOTP_SECRET_BYTES + KEYRING_SEAL_BYTES };

/** @text as it stands in a URI. NULL without memory. */
static const char *
print_quoted(struct call *c, const char *text)
{
    char *to = arena_alloc(c->arena, 3 * strlen(text) + 1), *at = to;
    for (; to && *text; text++) {
        unsigned char one = (unsigned char)*text;
        if (isalnum(one) || strchr("-._~", one))
            *at++ = (char)one;
        else
            at += snprintf(at, 4, "%%%02X", one);
    }
    return to;
}

/** Keeps the sealed secret for the member of the row. 0, or -1 with c->status set. */
static int
offer(struct call *c, const uint8_t secret[TOTP_SECRET_BYTES])
{
    const struct keyring_key *key = c->gate->keys->sealing;
    uint8_t sealed[SEALED_BYTES];
    char bound[40], text[3 + 2 * SEALED_BYTES] = "\\x";
    factor_bound(new_session_column(c, "member_id"), bound);
    if (keyring_seal(key, bound, secret, TOTP_SECRET_BYTES, sealed, &c->status) < 0)
        return -1;
    for (size_t i = 0; i < sizeof sealed; i++)
        snprintf(text + 2 + 2 * i, 3, "%02x", sealed[i]);
    const struct bind_named named[] = {{"key_id", key->id}, {"secret_sealed", text}};
    return lanes_run(c->gate->lanes, c, "offer", named, 2);
}

static void
answer_secret(struct call *c, const uint8_t secret[TOTP_SECRET_BYTES])
{
    Jiayi__V1__EnableTotpResponse *out = (Jiayi__V1__EnableTotpResponse *)c->out;
    const char *email = print_quoted(c, new_session_column(c, "email"));
    char text[TOTP_SECRET_TEXT];
    totp_base32(secret, TOTP_SECRET_BYTES, text);
    out->secret = arena_copy(c->arena, text, strlen(text));
    out->uri = arena_print(c->arena, "otpauth://totp/jiayi:%s%%20%s?secret=%s&issuer=jiayi",
                           email ? email : "", new_session_column(c, "company"), text);
    explicit_bzero(text, sizeof text);
    if (!out->secret || !out->uri || !email)
        status_set(&c->status, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
}

/**
 * A session alone does not decide how its member signs in. A wrong password counts, so that it is
 * no way to guess it.
 */
static bool
shows_password(struct call *c)
{
    const Jiayi__V1__EnableTotpRequest *in = (const Jiayi__V1__EnableTotpRequest *)c->in;
    int right = password_matches(new_session_column(c, "phc"), in->password, &c->status);
    if (right == 0 && lanes_run(c->gate->lanes, c, "fail", NULL, 0) == 0)
        status_field(&c->status, "password", "is not your password");
    return right > 0;
}

void
native_enable_totp(struct call *c)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    if (lanes_run(c->gate->lanes, c, "begin", NULL, 0) < 0 || !shows_password(c))
        return;
    if (totp_make(secret, &c->status) == 0 && offer(c, secret) == 0)
        answer_secret(c, secret);
    explicit_bzero(secret, sizeof secret);
}
