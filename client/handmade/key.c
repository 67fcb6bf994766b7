#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/base/signing_key.h"
#include "client/handmade/handmade.h"
#include "client/output/print.h"
#include "client/run/pages.h"
#include "client/run/request.h"

enum { MOST_KEYS = 1000 };

/** Puts the public half into the request, and the private one into the profile. */
static int
make_key(struct client *c, ProtobufCMessage *request, struct status *e)
{
    const struct schema_field *f = schema_find_field(schema_of(request), "public_key");
    char private_half[SIGNING_KEY_TEXT], public_half[SIGNING_KEY_TEXT];
    if (signing_key_make(private_half, public_half, e) < 0)
        return -1;
    c->profile.signing_key = arena_copy(c->arena, private_half, strlen(private_half));
    explicit_bzero(private_half, sizeof private_half);
    bool fine = c->profile.signing_key &&
                message_put_string(c->arena, request, f, public_half, strlen(public_half)) == 0;
    return fine ? 0 : failure_memory(e);
}

/** The caller's key with this public half, the newest 1,000 being looked at; NULL for none. */
static const ProtobufCMessage *
find_key(const ProtobufCMessage *all, const char *public_half)
{
    const struct schema_field *keys = schema_find_field(schema_of(all), "keys");
    for (size_t i = 0; i < message_count(all, keys); i++) {
        const ProtobufCMessage *one = *(ProtobufCMessage *const *)message_value(all, keys, i);
        const char *half = message_named_string(one, "public_key");
        if (half && strcmp(half, public_half) == 0)
            return one;
    }
    return NULL;
}

/** A profile keeps one private half: that of a key which still signs would be lost for good. */
static int
check_none(struct client *c, struct status *e)
{
    char made[SIGNING_KEY_SIGNATURE], own[SIGNING_KEY_TEXT];
    struct status none;
    if (!c->profile.signing_key ||
        signing_key_sign(c->profile.signing_key, "", made, own, &none) < 0)
        return 0;
    const struct schema_method *list = schema_find_method(c->schema, "KeyService/ListKeys");
    ProtobufCMessage *request = message_new(c->arena, list->in), *all;
    const struct schema_field *size = schema_find_field(list->in, "page_size");
    if (!request || message_put_integer(c->arena, request, size, MOST_KEYS) < 0)
        return failure_memory(e);
    if (!(all = session_call(c, list, request, e)))
        return -1;
    const ProtobufCMessage *key = find_key(all, own);
    if (!key || message_has(key, schema_find_field(schema_of(key), "revoked_at")))
        return 0;
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)message_named_integer(key, "id"));
    return status_set(e, STATUS_FAILED_PRECONDITION,
                      _("this profile has a key already, number %s; end that one first: jiayi key "
                        "revoke %s, or make the other one in a profile of its own (--profile)"),
                      id, id);
}

int
key_add(struct client *c, struct status *e)
{
    const struct schema_method *method = c->parsed.command->method;
    ProtobufCMessage *request = request_make(c, e), *answer;
    if (!request || session_open(c, e) < 0 || session_check(c, method, e) < 0 ||
        check_none(c, e) < 0 || make_key(c, request, e) < 0 ||
        !(answer = session_call(c, method, request, e)))
        return -1;
    struct print_options o = pages_options(c);
    return profile_save(c->arena, &c->profile, e) < 0 ? -1 : print_answer(c->arena, answer, &o, e);
}
