#include "client/run/session.h"

#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/base/input.h"

const char *
session_profile_name(struct client *c, struct status *e)
{
    const char *name = c->parsed.profile;
    if (c->profile_name)
        return c->profile_name;
    if (!name && profile_chosen(c->arena, &name, e) < 0)
        return NULL;
    c->is_profile_chosen = name != NULL;
    return c->profile_name = name ? name : "default";
}

int
session_load(struct client *c, struct profile *ret, struct status *e)
{
    const char *name = session_profile_name(c, e);
    return name ? profile_load(c->arena, name, ret, e) : -1;
}

const char *
session_read_ca(struct client *c, const char *path, struct status *e)
{
    char *pem;
    size_t size;
    if (input_read(c->arena, path, PROFILE_BYTES / 2, &pem, &size, e) < 0)
        return NULL;
    if (strlen(pem) != size || !strstr(pem, "-----BEGIN CERTIFICATE-----")) {
        status_set(e, STATUS_FAILED_HERE, _("%s holds no certificate (PEM)"), path);
        return NULL;
    }
    return pem;
}

/** The server of the flags --server and --ca, of which the profile may know the latter. */
static int
use_flags(struct client *c, const char *server, const char *ca, struct status *e)
{
    struct profile named = {.name = c->profile.name, .server = server, .ca = c->profile.ca};
    if (ca && !(named.ca = session_read_ca(c, ca, e)))
        return -1;
    if (!named.ca)
        return status_set(e, STATUS_USAGE, "%s",
                          _("--ca is missing: the certificate of the authority to trust"));
    c->profile = named;
    return 0;
}

int
session_open(struct client *c, struct status *e)
{
    if (session_load(c, &c->profile, e) < 0)
        return -1;
    const char *server = parse_value(&c->parsed, "server");
    if (server && use_flags(c, server, parse_value(&c->parsed, "ca"), e) < 0)
        return -1;
    if (!c->profile.server)
        return status_set(
            e, STATUS_UNAUTHENTICATED, "%s",
            _("sign in first: jiayi login --server HOST:PORT --ca FILE --user EMAIL"));
    c->caller = call_new(&c->profile, e);
    return c->caller ? 0 : -1;
}

int
session_check(const struct client *c, const struct schema_method *m, struct status *e)
{
    bool is_public = m->option->permission && strcmp(m->option->permission, "public") == 0;
    if (is_public || c->profile.token)
        return 0;
    /* What the profile has need not be typed again. */
    if (c->profile.user)
        return status_set(e, STATUS_UNAUTHENTICATED, "%s", _("sign in first: jiayi login"));
    return status_set(e, STATUS_UNAUTHENTICATED,
                      _("sign in first: jiayi login --server %s --user EMAIL"), c->profile.server);
}

/** The length of the command's first word at @words; 0 where no command begins there. */
static size_t
command_word(const struct client *c, const char *words)
{
    size_t length = strspn(words, "abcdefghijklmnopqrstuvwxyz-");
    const char *word = arena_copy(c->arena, words, length);
    bool known = word && length && words[0] != '-' &&
                 (command_find(c->commands, word) || command_is_noun(c->commands, word));
    return known ? length : 0;
}

void
session_name_profile(struct client *c, struct status *e)
{
    static const char program[] = "jiayi ";
    struct status ignored;
    const char *from = e->message, *to = "", *found;
    if (!session_profile_name(c, &ignored) || !c->is_profile_chosen)
        return;
    while (to && (found = strstr(from, program))) {
        const char *behind = found + strlen(program);
        to = arena_print(c->arena, "%s%.*s", to, (int)(behind - from), from);
        if (to && command_word(c, behind))
            to = arena_print(c->arena, "%s--profile %s ", to, c->profile_name);
        from = behind;
    }
    const char *all = to && *to ? arena_print(c->arena, "%s%s", to, from) : NULL;
    if (all)
        status_set(e, e->code, "%s", all);
}

/** Notes what is known of a change that failed with @e. */
static void
note_fate(struct client *c, const struct call *call, const struct status *e)
{
    const Jiayi__V1__MethodOption *o = call->method->option;
    bool is_line = e->code == STATUS_UNAVAILABLE || e->code == STATUS_DEADLINE_EXCEEDED;
    c->fate = FATE_ANSWERED;
    if (o->kind != JIAYI__V1__KIND__WRITE)
        return;
    if (call->unanswered > 0)
        c->fate = FATE_OPEN;
    else if (call->sent && e->code == STATUS_DEADLINE_EXCEEDED)
        c->fate = FATE_GIVEN_UP;
    else if (!call->sent && is_line)
        c->fate = FATE_UNSENT;
    /* A public call, such as SignIn, is not known by its request id. */
    c->is_guarded = o->permission && strcmp(o->permission, "public") != 0;
}

ProtobufCMessage *
session_call(struct client *c, const struct schema_method *method, const ProtobufCMessage *request,
             struct status *e)
{
    uint8_t id[CALL_ID_BYTES];
    if (session_check(c, method, e) < 0)
        return NULL;
    /* The command's own change has the command's id; questions on the way to it get their own. */
    if (method->option->kind == JIAYI__V1__KIND__WRITE)
        memcpy(id, c->own_id, sizeof id);
    else
        call_new_id(id);
    struct call call = {
        .method = method,
        .request = request,
        .request_id = id,
        .timeout_ms = c->parsed.timeout_ms ? c->parsed.timeout_ms : CALL_TIMEOUT_MS,
        .on_wait = c->on_wait,
        .wait_arg = c->wait_arg,
    };
    ProtobufCMessage *answer = call_run(c->arena, c->caller, &call, e);
    c->server_time = (time_t)call.server_time_s;
    if (!answer)
        note_fate(c, &call, e);
    c->is_replayed = call.replayed;
    return answer;
}
