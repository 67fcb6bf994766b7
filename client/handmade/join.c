#include <string.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/handmade/signed_in.h"
#include "client/run/join_code.h"
#include "client/run/request.h"

/** A sign-in that is there stays: the new one wants a profile of its own. */
static int
check_profile_is_free(const struct profile *p, struct status *e)
{
    if (!p->token)
        return 0;
    return status_set(e, STATUS_USAGE,
                      _("the profile %s is signed in as %s of %s; join with another: jiayi "
                        "--profile NAME join CODE"),
                      p->name, p->user ? p->user : "?", p->company ? p->company : "?");
}

/** The profile to be: the server and its authority as the code says, or the command line. */
static int
plan_joined_profile(struct client *c, const struct join_code *code, const struct profile *old,
                    struct profile *new, struct status *e)
{
    const char *server = parse_value(&c->parsed, "server"), *ca = parse_value(&c->parsed, "ca");
    *new = (struct profile){.name = old->name, .path = old->path};
    new->server = server ? server : code->server;
    new->ca = ca ? session_read_ca(c, ca, e) : join_code_authority(c, code, new->server, e);
    return new->ca ? 0 : -1;
}

int
join_run(struct client *c, struct status *e)
{
    int place = command_index(c->parsed.command, "CODE");
    struct profile old, new;
    struct join_code code;
    ProtobufCMessage *request, *answer;
    if (session_load(c, &old, e) < 0 || check_profile_is_free(&old, e) < 0 ||
        join_code_read(c->arena, c->parsed.values[place].all[0], &code, e) < 0 ||
        plan_joined_profile(c, &code, &old, &new, e) < 0)
        return -1;
    c->profile = new;
    /* The server knows its own part of the code only. */
    c->parsed.values[place].all[0] = code.secret;
    if (!(request = request_make(c, e)) || !(c->caller = call_new(&new, e)) ||
        signed_in_ask(c, request, e) < 0 || request_complete(c, request, e) < 0)
        return -1;
    if (!(answer = signed_in_call(c, request, e)))
        return -1;
    return signed_in_keep(c, &old, &new, answer, e);
}
