#include "client/run/run.h"

#include <string.h>
#include <unistd.h>

#include "client/base/i18n.h"
#include "client/run/advice.h"
#include "client/run/confirm.h"
#include "client/run/join_code.h"
#include "client/run/label.h"
#include "client/run/pages.h"
#include "client/run/replay.h"
#include "client/run/request.h"
#include "client/run/version.h"

/** The path of an argument's field, as the server names it: "amount.currency". */
static const char *
field_path(struct client *c, const struct argument *argument)
{
    const char *path = "";
    for (unsigned i = 0; path && i < argument->depth; i++)
        path = arena_print(c->arena, "%s%s%s", path, i ? "." : "", argument->path[i]->pb->name);
    return path ? path : "";
}

/**
 * Where the server's message begins with a field, it is to begin with the flag that was typed for
 * it.
 */
static void
name_flag(struct client *c, struct status *e)
{
    const struct command *command = c->parsed.command;
    size_t length = strlen(e->field);
    if (!length || strncmp(e->message, e->field, length) != 0 || e->message[length] != ':')
        return;
    for (size_t i = 0; i < command->n_arguments; i++) {
        const struct argument *one = &command->arguments[i];
        if (strcmp(field_path(c, one), e->field) != 0)
            continue;
        struct status before = *e;
        /* Who was asked for a password typed no flag. */
        bool asked = one->kind == ARGUMENT_PASSWORD && c->parsed.values[i].n == 0;
        status_set(e, before.code, "%s%s",
                   asked ? request_question(c, command_field(one)) : command_label(c->arena, one),
                   before.message + length);
        return;
    }
}

int
run_method(struct client *c, ProtobufCMessage **ret_answer, struct status *e)
{
    const struct schema_method *method = c->parsed.command->method;
    /*
     * What is wrong in the words is told before anything is opened, and nothing is asked in vain.
     */
    ProtobufCMessage *request = request_make(c, e), *answer;
    if (!request || session_open(c, e) < 0 || session_check(c, method, e) < 0 ||
        label_resolve(c, request, e) < 0 || request_complete(c, request, e) < 0 ||
        request_check(c, request, e) < 0 || confirm_ask(c, request, e) < 0 ||
        version_fill(c, request, e) < 0 || (c->fill && c->fill(c, request, e) < 0))
        return -1;
    if (pages_wanted(c))
        return pages_run(c, method, request, e);
    if (!(*ret_answer = answer = replay_call(c, method, request, e))) {
        version_advise(c, request, e);
        if (c->fate >= FATE_OPEN)
            version_keep(c, request, c->own_id);
        return -1;
    }
    if (c->draft)
        unlink(c->draft);
    c->draft = NULL;
    label_learn(c, answer);
    struct print_options o = pages_options(c);
    if (join_code_complete(c, answer, e) < 0 || print_answer(c->arena, answer, &o, e) < 0)
        return -1;
    version_note(c, method, request, answer);
    return 0;
}

int
run_command(struct client *c, struct status *e)
{
    const struct command *command = c->parsed.command;
    /* Known before the call, for what is written in the editor is kept under it. */
    if (c->parsed.has_request_id)
        memcpy(c->own_id, c->parsed.request_id, CALL_ID_BYTES);
    else
        call_new_id(c->own_id);
    ProtobufCMessage *answer;
    int result = command->run ? command->run(c, e) : run_method(c, &answer, e);
    if (result < 0 && command->method)
        name_flag(c, e);
    if (result < 0) {
        advice_give(c, e);
        session_name_profile(c, e);
    }
    return result;
}
