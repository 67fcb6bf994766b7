#include <string.h>

#include "client/base/signing_key.h"
#include "client/handmade/handmade.h"
#include "client/output/print.h"
#include "client/run/pages.h"
#include "client/run/request.h"

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

int
key_add(struct client *c, struct status *e)
{
    const struct schema_method *method = c->parsed.command->method;
    ProtobufCMessage *request = request_make(c, e), *answer;
    if (!request || session_open(c, e) < 0 || session_check(c, method, e) < 0 ||
        make_key(c, request, e) < 0 || !(answer = session_call(c, method, request, e)))
        return -1;
    struct print_options o = pages_options(c);
    return profile_save(c->arena, &c->profile, e) < 0 ? -1 : print_answer(c->arena, answer, &o, e);
}
