#include "client/run/confirm.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/base/i18n.h"
#include "client/base/terminal.h"
#include "client/output/cell.h"
#include "client/output/display.h"
#include "client/output/print.h"
#include "client/run/version.h"

/** True when the request has the value that "stage=won" says. */
static bool
has_ending_value(struct arena *a, const ProtobufCMessage *request, const char *ending)
{
    const char *behind = strchr(ending, '=');
    const char *name = behind ? arena_copy(a, ending, (size_t)(behind - ending)) : NULL;
    const struct schema_field *f = name ? schema_find_field(schema_of(request), name) : NULL;
    const char *value = f ? message_string(request, f) : NULL;
    return value && strcmp(value, behind + 1) == 0;
}

static bool
is_ending(struct client *c, const ProtobufCMessage *request)
{
    const Jiayi__V1__MethodOption *o = c->parsed.command->method->option;
    bool ending = o->ends && o->n_ends_with == 0;
    for (size_t i = 0; o->ends && i < o->n_ends_with; i++)
        ending = ending || has_ending_value(c->arena, request, o->ends_with[i]);
    return ending;
}

/** The method of the command's words but the last, and the verb: "deal show". */
static const struct schema_method *
noun_method(struct client *c, const char *verb)
{
    const char *name = c->parsed.command->name;
    const char *last = strrchr(name, ' ');
    const char *words =
        last ? arena_print(c->arena, "%.*s %s", (int)(last - name), name, verb) : NULL;
    const struct command *found = words ? command_find(c->commands, words) : NULL;
    return found ? found->method : NULL;
}

/** One thing, its fields that have a place in a table, a line each. */
static void
show_object(struct client *c, const ProtobufCMessage *object)
{
    const struct schema_message *m = schema_of(object);
    const struct print p = {.file = stderr,
                            .terminal = true,
                            .columns = display_columns(stderr),
                            .now = time(NULL)};
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = schema_field_at(m, i);
        const char *text = f->option->has_order && f->pb->label != PROTOBUF_C_LABEL_REPEATED
                               ? cell_text(c->arena, &p, object, f)
                               : NULL;
        if (!text || !*text)
            continue;
        fprintf(stderr, "  %s: ", cell_title(c->arena, f));
        cell_put(&p, text);
        fputc('\n', stderr);
    }
}

/** As the noun's `show` has it; false where there is none. -1 with @e set where the call fails. */
static int
show_by_show(struct client *c, const ProtobufCMessage *request, const struct schema_field *key,
             bool *ret_shown, struct status *e)
{
    const struct schema_method *show = noun_method(c, "show");
    const struct schema_field *f = show ? schema_find_field(show->in, key->pb->name) : NULL;
    *ret_shown = f && f->pb->type == key->pb->type;
    if (!*ret_shown)
        return 0;
    ProtobufCMessage *asked = message_new(c->arena, show->in), *answer;
    if (!asked || message_put(c->arena, asked, f, message_value(request, key, 0)) < 0)
        return failure_memory(e);
    if (!(answer = session_call(c, show, asked, e)))
        return -1;
    version_note(c, show, NULL, answer);
    show_object(c, answer);
    return 0;
}

/** As a row of the noun's `list` has it, on its first page. */
static int
show_by_list(struct client *c, const ProtobufCMessage *request, const struct schema_field *key,
             struct status *e)
{
    size_t length = strlen(key->pb->name);
    bool is_id = length > 3 && strcmp(key->pb->name + length - 3, "_id") == 0;
    const struct schema_method *list = noun_method(c, "list");
    const struct schema_field *rows = list ? print_list_field(list->out) : NULL;
    const struct schema_field *f =
        rows ? schema_find_field(rows->message, is_id ? "id" : key->pb->name) : NULL;
    ProtobufCMessage *asked = f ? message_new(c->arena, list->in) : NULL, *answer;
    const char *wanted = message_text(c->arena, request, key), *text;
    if (!asked || !wanted)
        return 0;
    if (!(answer = session_call(c, list, asked, e)))
        return -1;
    for (size_t i = 0; i < message_count(answer, rows); i++) {
        const ProtobufCMessage *row = *(ProtobufCMessage *const *)message_value(answer, rows, i);
        if ((text = message_text(c->arena, row, f)) && strcmp(text, wanted) == 0)
            show_object(c, row);
    }
    return 0;
}

/** "deal move 7 won": the command and its words without flags. */
static const char *
command_words(struct client *c)
{
    const struct command *command = c->parsed.command;
    const char *words = command->name;
    for (size_t i = 0; words && i < command->n_arguments && command->arguments[i].place; i++)
        for (size_t k = 0; words && k < c->parsed.values[i].n; k++)
            words = arena_print(c->arena, "%s %s", words, c->parsed.values[i].all[k]);
    const char *clean = words ? display_clean(c->arena, words, DISPLAY_ONE_LINE) : NULL;
    return clean ? clean : command->name;
}

int
confirm_ask(struct client *c, const ProtobufCMessage *request, struct status *e)
{
    const struct command *command = c->parsed.command;
    const struct schema_field *key =
        command->n_arguments ? command_field(command->arguments) : NULL;
    const char *yes = command_index(command, "yes") >= 0 ? parse_value(&c->parsed, "yes") : NULL;
    bool shown = false;
    if ((yes && strcmp(yes, "true") == 0) || !terminal_is_there() || !is_ending(c, request))
        return 0;
    if (key && (show_by_show(c, request, key, &shown, e) < 0 ||
                (!shown && show_by_list(c, request, key, e) < 0)))
        return -1;
    const char *question = arena_print(c->arena, _("jiayi %s: go on? [y/N] "), command_words(c));
    if (!question)
        return failure_memory(e);
    return terminal_agree(question)
               ? 0
               : status_set(e, STATUS_FAILED_HERE, "%s", _("nothing was done"));
}
