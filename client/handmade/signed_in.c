#include "client/handmade/signed_in.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/base/terminal.h"
#include "client/output/display.h"
#include "client/output/print.h"
#include "client/run/request.h"

/** How long the end of the session before may take, in milliseconds. */
enum { SIGN_OUT_MS = 3000 };

/** The answer's string field @name; NULL when it is not set. */
static const char *
answer_string(const ProtobufCMessage *answer, const char *name)
{
    const struct schema_field *f = schema_find_field(schema_of(answer), name);
    return f ? message_string(answer, f) : NULL;
}

static bool
answer_flag(const ProtobufCMessage *answer, const char *name)
{
    const struct schema_field *f = schema_find_field(schema_of(answer), name);
    return f && message_has(answer, f) && message_integer(answer, f, 0) != 0;
}

void
signed_in_end(const struct client *c, const struct profile *old, const char *server)
{
    const struct schema_method *method = schema_find_method(c->schema, "AuthService/SignOut");
    struct status ignored = {0};
    struct client before = *c;
    if (!method || !old->token || !old->server || strcmp(old->server, server) != 0)
        return;
    before.profile = *old;
    before.parsed.has_request_id = false;
    before.parsed.timeout_ms = SIGN_OUT_MS;
    before.caller = call_new(old, &ignored);
    ProtobufCMessage *request = message_new(c->arena, method->in);
    /* One that has ended already is as good. */
    if (request && before.caller)
        (void)!session_call(&before, method, request, &ignored);
}

static void
print_signed_in_json(const struct profile *p, const ProtobufCMessage *answer)
{
    const char *name = answer_string(answer, "name"), *role = answer_string(answer, "role");
    const char *set_by = answer_string(answer, "password_set_by");
    json_t *value = json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:s*}", "profile", p->name,
                              "server", p->server, "email", p->user, "name", name, "company",
                              p->company, "role", role, "password_set_by", set_by);
    if (value && answer_flag(answer, "password_spent"))
        json_object_set_new(value, "password_spent", json_true());
    if (value)
        json_dumpf(value, stdout, JSON_INDENT(2));
    json_decref(value);
    putchar('\n');
}

/** What the user is to know of the password. */
static void
tell_of_password(struct client *c, const ProtobufCMessage *answer)
{
    const char *set_by = answer_string(answer, "password_set_by");
    char *who = display_clean(c->arena, set_by ? set_by : "", DISPLAY_ONE_LINE);
    if (set_by && who)
        printf(_("%s set your password; choose one of your own: jiayi passwd\n"), who);
    if (answer_flag(answer, "password_spent"))
        puts(_("this password was the same in several companies and opens nothing from now on; "
               "choose a new one for this company now: jiayi passwd"));
}

void
signed_in_tell(struct client *c, const struct profile *p, const ProtobufCMessage *answer)
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
    tell_of_password(c, answer);
}

/** Asks for the secret that the server misses. 0, or -1 with @e as it was, or set. */
static int
ask_for_missing(struct client *c, ProtobufCMessage *request, struct status *e)
{
    const struct schema_field *f = schema_find_field(schema_of(request), e->field);
    if (!f || !f->option->secret || message_has(request, f) || !terminal_is_there())
        return -1;
    const char *why = strstr(e->message, ": ");
    fprintf(stderr, "%s\n", why ? why + 2 : e->message);
    char *secret = terminal_password(c->arena, request_question(c, f), false, f->pb->name, e);
    if (!secret)
        return -1;
    *e = (struct status){0};
    return message_put_string(c->arena, request, f, secret, strlen(secret)) < 0 ? failure_memory(e)
                                                                                : 0;
}

ProtobufCMessage *
signed_in_call(struct client *c, ProtobufCMessage *request, struct status *e)
{
    const struct schema_method *method = c->parsed.command->method;
    ProtobufCMessage *answer = session_call(c, method, request, e);
    if (answer || ask_for_missing(c, request, e) < 0)
        return answer;
    return session_call(c, method, request, e);
}

int
signed_in_ask(struct client *c, ProtobufCMessage *request, struct status *e)
{
    const struct schema_field *f = schema_find_field(schema_of(request), "keep");
    bool fine = !f || message_has(request, f) || message_put_integer(c->arena, request, f, 1) == 0;
    return fine ? 0 : failure_memory(e);
}

int
signed_in_keep(struct client *c, const struct profile *old, struct profile *new,
               const ProtobufCMessage *answer, struct status *e)
{
    const char *device = answer_string(answer, "device");
    if (device)
        new->device = device;
    return signed_in_with(c, old, new, answer_string(answer, "token"), answer, e);
}

int
signed_in_with(struct client *c, const struct profile *old, struct profile *new, const char *token,
               const ProtobufCMessage *answer, struct status *e)
{
    new->token = token;
    new->user = answer_string(answer, "email");
    new->company = answer_string(answer, "company");
    if (!new->user)
        new->user = parse_value(&c->parsed, "user");
    if (!new->token)
        return status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
    /* Only now is the old profile gone. */
    if (profile_save(c->arena, new, e) < 0)
        return -1;
    const struct profile origin = profile_origin(old);
    if (old->origin_token)
        signed_in_end(c, old, new->server);
    signed_in_end(c, &origin, new->server);
    signed_in_tell(c, new, answer);
    return 0;
}
