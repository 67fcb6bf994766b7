#include <string.h>
#include <strings.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/handmade/signed_in.h"
#include "client/run/request.h"
#include "client/run/session.h"

/**
 * The profile to be: the command line's server and authority, else those of the profile as it is.
 */
static int
plan_profile(struct client *c, struct profile *old, struct profile *new, struct status *e)
{
    const char *server = parse_value(&c->parsed, "server"), *ca = parse_value(&c->parsed, "ca");
    if (session_load(c, old, e) < 0)
        return -1;
    *new = (struct profile){.name = old->name, .path = old->path};
    new->server = server ? server : old->server;
    new->ca = ca ? session_read_ca(c, ca, e) : old->ca;
    if (ca && !new->ca)
        return -1;
    if (!new->server)
        return status_set(e, STATUS_USAGE, _("--server is missing; see `%s --help`"),
                          "jiayi login");
    if (!new->ca)
        return status_set(e, STATUS_USAGE, _("--ca is missing; see `%s --help`"), "jiayi login");
    return 0;
}

/** Gives an argument that is absent the value that the profile has. */
static int
default_value(struct client *c, const char *name, const char *value)
{
    int i = command_index(c->parsed.command, name);
    struct values *v = i >= 0 ? &c->parsed.values[i] : NULL;
    if (!v || v->n || !value)
        return 0;
    v->all = arena_alloc(c->arena, sizeof *v->all);
    if (!v->all)
        return -1;
    v->all[v->n++] = value;
    return 0;
}

/** Somebody who signs in again need not say everything again. */
static int
use_defaults(struct client *c, const struct profile *old, struct status *e)
{
    const char *server = parse_value(&c->parsed, "server"), *user = parse_value(&c->parsed, "user");
    bool same = (!server || (old->server && strcmp(server, old->server) == 0)) &&
                (!user || (old->user && strcmp(user, old->user) == 0));
    if (same &&
        (default_value(c, "user", old->user) < 0 || default_value(c, "company", old->company) < 0))
        return failure_memory(e);
    if (!parse_value(&c->parsed, "user"))
        return status_set(e, STATUS_USAGE, _("--user is missing; see `%s --help`"), "jiayi login");
    return 0;
}

/** The device's secret is for the server and the address that it came for, and for no other. */
static int
show_device(struct client *c, const struct profile *old, struct profile *new,
            ProtobufCMessage *request, struct status *e)
{
    const struct schema_field *f = schema_find_field(schema_of(request), "device");
    const char *user = parse_value(&c->parsed, "user");
    bool is_same = old->server && strcmp(new->server, old->server) == 0 && old->user && user &&
                   strcasecmp(user, old->user) == 0;
    new->device = is_same ? old->device : NULL;
    new->signing_key = is_same ? old->signing_key : NULL;
    if (!f || !new->device)
        return 0;
    return message_put_string(c->arena, request, f, new->device, strlen(new->device)) < 0
               ? failure_memory(e)
               : 0;
}

/** Signs in with a token, which says itself whose it is. */
static int
use_token(struct client *c, const char *path, const struct profile *old, struct profile *new,
          struct status *e)
{
    const struct schema_method *method = schema_find_method(c->schema, "AuthService/WhoAmI");
    ProtobufCMessage *request = message_new(c->arena, method->in);
    char *token;
    size_t size;
    int password = command_index(c->parsed.command, "password-file");
    if (parse_value(&c->parsed, "user") || (password >= 0 && c->parsed.values[password].n))
        return status_set(e, STATUS_USAGE, "%s",
                          _("a token says whose it is: leave out --user and --password-file"));
    if (!request)
        return failure_memory(e);
    if (request_read_secret(c, path, &token, &size, e) < 0)
        return -1;
    new->token = token;
    c->profile = *new;
    if (!(c->caller = call_new(&c->profile, e)))
        return -1;
    ProtobufCMessage *answer = session_call(c, method, request, e);
    return answer ? signed_in_with(c, old, new, token, answer, e) : -1;
}

int
login_run(struct client *c, struct status *e)
{
    struct profile old, new, origin;
    ProtobufCMessage *request, *answer;
    if (plan_profile(c, &old, &new, e) < 0)
        return -1;
    /* By a password one signs in where one did before switching. */
    origin = profile_origin(&old);
    const char *token = parse_value(&c->parsed, "token-file");
    if (token)
        return use_token(c, token, &old, &new, e);
    if (use_defaults(c, &origin, e) < 0)
        return -1;
    c->profile = new;
    if (!(request = request_make(c, e)) || !(c->caller = call_new(&new, e)) ||
        signed_in_ask(c, request, e) < 0 || request_complete(c, request, e) < 0 ||
        show_device(c, &origin, &new, request, e) < 0)
        return -1;
    if (!(answer = signed_in_call(c, request, e)))
        return -1;
    return signed_in_keep(c, &old, &new, answer, e);
}
