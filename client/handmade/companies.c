/**
 * `jiayi company link` and `jiayi company switch`: one person's memberships in several companies.
 */
#include <string.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/handmade/signed_in.h"
#include "client/run/request.h"

/** Calls the command's method as @p. NULL with @e set. */
static ProtobufCMessage *
ask_as(struct client *c, const struct profile *p, const struct schema_method *method,
       ProtobufCMessage *request, struct status *e)
{
    c->profile = *p;
    if (!request || !(c->caller = call_new(&c->profile, e)) || session_check(c, method, e) < 0 ||
        (method == c->parsed.command->method && request_complete(c, request, e) < 0))
        return NULL;
    return method == c->parsed.command->method ? signed_in_call(c, request, e)
                                               : session_call(c, method, request, e);
}

/** The sign-in to go out from: that of the password. 0, or -1 with @e set. */
static int
load_signed_in(struct client *c, struct profile *old, struct profile *origin, struct status *e)
{
    if (session_open(c, e) < 0 || session_check(c, c->parsed.command->method, e) < 0)
        return -1;
    *old = c->profile;
    *origin = profile_origin(old);
    return 0;
}

int
companies_link(struct client *c, struct status *e)
{
    struct profile old, origin;
    ProtobufCMessage *request = request_make(c, e), *answer;
    if (!request || load_signed_in(c, &old, &origin, e) < 0 ||
        !(answer = ask_as(c, &origin, c->parsed.command->method, request, e)))
        return -1;
    return signed_in_keep(c, &old, &origin, answer, e);
}

/** Goes on as before switching, where that session is still good. */
static int
go_back(struct client *c, struct profile *origin, struct status *e)
{
    const struct schema_method *method = schema_find_method(c->schema, "AuthService/WhoAmI");
    ProtobufCMessage *request = message_new(c->arena, method->in);
    if (!request)
        return failure_memory(e);
    ProtobufCMessage *answer = ask_as(c, origin, method, request, e);
    if (!answer || profile_save(c->arena, origin, e) < 0)
        return -1;
    signed_in_tell(c, origin, answer);
    return 0;
}

static int
go_on(struct client *c, const struct profile *origin, ProtobufCMessage *request, struct status *e)
{
    struct profile new = *origin;
    ProtobufCMessage *answer = ask_as(c, origin, c->parsed.command->method, request, e);
    if (!answer)
        return -1;
    new.origin_token = origin->token;
    new.origin_user = origin->user;
    new.origin_company = origin->company;
    /* The session that it came from stays, to go back to and out from again. */
    struct profile none = {.name = origin->name};
    return signed_in_keep(c, &none, &new, answer, e);
}

int
companies_switch(struct client *c, struct status *e)
{
    struct profile old, origin;
    ProtobufCMessage *request = request_make(c, e);
    if (!request || load_signed_in(c, &old, &origin, e) < 0)
        return -1;
    const char *company = parse_value(&c->parsed, "COMPANY");
    bool is_back = old.origin_token && origin.company && strcmp(company, origin.company) == 0;
    if ((is_back ? go_back(c, &origin, e) : go_on(c, &origin, request, e)) < 0)
        return -1;
    if (old.origin_token)
        signed_in_end(c, &old, old.server);
    return 0;
}
