#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/output/display.h"
#include "client/output/print.h"
#include "client/run/request.h"
#include "client/run/session.h"

/** The answer's string field @name; NULL when it is not set. */
static const char *
answer_string(const ProtobufCMessage *answer, const char *name)
{
    const struct schema_field *f = schema_find_field(schema_of(answer), name);
    return f ? message_string(answer, f) : NULL;
}

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

static void
print_signed_in_json(const struct profile *p, const ProtobufCMessage *answer)
{
    const char *name = answer_string(answer, "name"), *role = answer_string(answer, "role");
    json_t *value =
        json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*}", "profile", p->name, "server", p->server,
                  "email", p->user, "name", name, "company", p->company, "role", role);
    if (value)
        json_dumpf(value, stdout, JSON_INDENT(2));
    json_decref(value);
    putchar('\n');
}

/** Says who is signed in; the token is nobody's to read. */
static void
tell_signed_in(struct client *c, const struct profile *p, const ProtobufCMessage *answer)
{
    const char *role = answer_string(answer, "role");
    if (c->parsed.output == OUTPUT_JSON) {
        print_signed_in_json(p, answer);
        return;
    }
    char *who = display_clean(c->arena, p->user ? p->user : "", DISPLAY_ONE_LINE);
    char *company = display_clean(c->arena, p->company ? p->company : "", DISPLAY_ONE_LINE);
    char *as = display_clean(c->arena, role ? role : "", DISPLAY_ONE_LINE);
    if (who && company && as)
        printf(_("signed in as %s, %s of %s\n"), who, as, company);
}

int
login_run(struct client *c, struct status *e)
{
    struct profile old, new;
    ProtobufCMessage *request, *answer;
    if (plan_profile(c, &old, &new, e) < 0 || use_defaults(c, &old, e) < 0)
        return -1;
    c->profile = new;
    if (!(request = request_make(c, e)) || !(c->caller = call_new(&new, e)) ||
        request_complete(c, request, e) < 0)
        return -1;
    if (!(answer = session_call(c, c->parsed.command->method, request, e)))
        return -1;
    new.token = answer_string(answer, "token");
    new.user = answer_string(answer, "email");
    new.company = answer_string(answer, "company");
    if (!new.user)
        new.user = parse_value(&c->parsed, "user");
    if (!new.token)
        return status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
    /* Only now is the old profile gone. */
    if (profile_save(c->arena, &new, e) < 0)
        return -1;
    tell_signed_in(c, &new, answer);
    return 0;
}
