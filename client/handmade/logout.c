#include <stdio.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/handmade/signed_in.h"
#include "client/run/session.h"

/** Ends the session at the server; one that is gone already is as good. */
static int
end_session(struct client *c, struct status *e)
{
    const struct schema_method *method = c->parsed.command->method;
    ProtobufCMessage *request = message_new(c->arena, method->in);
    if (!request)
        return failure_memory(e);
    if (!(c->caller = call_new(&c->profile, e)))
        return -1;
    /* A token goes on elsewhere: here it is only forgotten. */
    if (session_call(c, method, request, e) || e->code == STATUS_UNAUTHENTICATED ||
        e->code == STATUS_FAILED_PRECONDITION) {
        *e = (struct status){0};
        return 0;
    }
    return -1;
}

int
logout_run(struct client *c, struct status *e)
{
    if (session_load(c, &c->profile, e) < 0)
        return -1;
    bool signed_in = c->profile.token != NULL;
    struct profile switched = c->profile;
    c->profile = profile_origin(&switched);
    if (switched.origin_token)
        signed_in_end(c, &switched, switched.server);
    if (signed_in && end_session(c, e) < 0)
        return -1;
    /* The server and its authority stay, so that `jiayi login` alone signs in again. */
    c->profile.token = NULL;
    if (signed_in && profile_save(c->arena, &c->profile, e) < 0)
        return -1;
    profile_forget_ticket(&c->profile);
    if (c->parsed.output != OUTPUT_JSON)
        puts(signed_in ? _("signed out") : _("nobody was signed in"));
    else
        puts("{}");
    return 0;
}
