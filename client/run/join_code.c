#include "client/run/join_code.h"

#include <string.h>

#include "client/base/i18n.h"
#include "common/base64.h"
#include "common/hex.h"

enum {
    /** The first byte of codes of this form. */
    FORM = 1,
    FIXED_BYTES = 1 + JOIN_CODE_SECRET_BYTES + AUTHORITY_FINGERPRINT_BYTES,
    /** How long one step of asking for the authority may take. */
    FETCH_MS = 5000,
};

/** The answer's field with a code that the server made; NULL. */
static const struct schema_field *
find_code(const ProtobufCMessage *answer)
{
    const struct schema_message *m = schema_of(answer);
    for (unsigned i = 0; i < m->pb.n_fields; i++)
        if (m->fields[i].option->format == JIAYI__V1__FORMAT__JOIN_CODE &&
            message_has(answer, &m->fields[i]))
            return &m->fields[i];
    return NULL;
}

/** The company that is joined: the one that the answer is about, or the caller's. */
static const char *
joined_company(const struct client *c, const ProtobufCMessage *answer)
{
    const struct schema_field *f = schema_find_field(schema_of(answer), "slug");
    const char *slug = f ? message_string(answer, f) : NULL;
    return slug ? slug : c->profile.company ? c->profile.company : "";
}

int
join_code_complete(struct client *c, ProtobufCMessage *answer, struct status *e)
{
    const struct schema_field *f = find_code(answer);
    if (!f)
        return 0;
    const char *company = joined_company(c, answer);
    size_t n = FIXED_BYTES + strlen(company) + 1 + strlen(c->profile.server) + 1;
    uint8_t *bytes = arena_alloc(c->arena, n);
    if (!bytes)
        return failure_memory(e);
    bytes[0] = FORM;
    if (!hex_read(message_string(answer, f), bytes + 1, JOIN_CODE_SECRET_BYTES) ||
        authority_fingerprint(c->profile.ca, bytes + 1 + JOIN_CODE_SECRET_BYTES) < 0)
        return status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
    memcpy(bytes + FIXED_BYTES, company, strlen(company) + 1);
    memcpy(bytes + FIXED_BYTES + strlen(company) + 1, c->profile.server,
           strlen(c->profile.server) + 1);
    const char *text = base64_encode_url(c->arena, bytes, n);
    if (!text || message_put_string(c->arena, answer, f, text, strlen(text)) < 0)
        return failure_memory(e);
    return 0;
}

int
join_code_read(struct arena *a, const char *text, struct join_code *ret, struct status *e)
{
    uint8_t *bytes = NULL;
    ssize_t n = base64_decode(a, text, strlen(text), &bytes);
    if (n >= 0 && !bytes)
        return failure_memory(e);
    const char *words = n > FIXED_BYTES ? (const char *)bytes + FIXED_BYTES : NULL;
    const char *end = words ? memchr(words, 0, (size_t)n - FIXED_BYTES) : NULL;
    char *secret = arena_alloc(a, 2 * JOIN_CODE_SECRET_BYTES + 1);
    if (!secret)
        return failure_memory(e);
    /* The last NUL is the last byte: a code that was cut off has none. */
    if (!end || bytes[0] != FORM || end + 1 >= (const char *)bytes + n - 1 ||
        memchr(end + 1, 0, (size_t)((const char *)bytes + n - end - 1)) != bytes + n - 1)
        return status_set(e, STATUS_USAGE, "%s",
                          _("that is no code to join by; it may be cut off: copy all of it"));
    hex_print(bytes + 1, JOIN_CODE_SECRET_BYTES, secret);
    *ret = (struct join_code){.secret = secret, .company = words, .server = end + 1};
    memcpy(ret->authority, bytes + 1 + JOIN_CODE_SECRET_BYTES, sizeof ret->authority);
    return 0;
}

const char *
join_code_authority(struct client *c, const struct join_code *code, const char *server,
                    struct status *e)
{
    return authority_fetch(c->arena, server, FETCH_MS, code->authority, e);
}
