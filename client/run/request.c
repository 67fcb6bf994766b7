#include "client/run/request.h"

#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/base/input.h"
#include "client/base/terminal.h"
#include "client/run/help.h"
#include "client/run/table.h"
#include "client/words/typed.h"
#include "common/json_text.h"

/**
 * The most that is read of a document or a password file. A call takes less, and says so; see
 * CALL_MAX_BYTES.
 */
enum {
    DOCUMENT_BYTES = 16 << 20,
    PASSWORD_BYTES = 4096,
};

/** The message that holds the argument's field, made on the way down. */
static ProtobufCMessage *
message_around(struct arena *a, ProtobufCMessage *request, const struct argument *argument)
{
    for (unsigned i = 0; request && i + 1 < argument->depth; i++)
        request = message_need_child(a, request, argument->path[i]);
    return request;
}

static int
put_given_text(struct client *c, ProtobufCMessage *request, const struct argument *argument,
               const char *text, size_t size, struct status *e)
{
    ProtobufCMessage *around = message_around(c->arena, request, argument);
    if (!around)
        return failure_memory(e);
    const char *name = command_label(c->arena, argument);
    return json_text_put(c->arena, around, command_field(argument), name, text, size, e);
}

static int
read_document(struct client *c, const char *path, char **text, size_t *size, struct status *e)
{
    if (input_read(c->arena, path, DOCUMENT_BYTES, text, size, e) < 0)
        return -1;
    /* Editors of Windows put it first; it is no part of what somebody wrote. */
    static const char mark[] = "\xef\xbb\xbf";
    size_t skip = strncmp(*text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    *text += skip;
    *size -= skip;
    return 0;
}

static int
put_document(struct client *c, ProtobufCMessage *request, const struct argument *argument,
             const char *path, struct status *e)
{
    char *text;
    size_t size;
    return read_document(c, path, &text, &size, e) < 0
               ? -1
               : put_given_text(c, request, argument, text, size, e);
}

/* Passwords. */

/** Some editors put a byte order mark before a text; nobody types it. */
static void
leave_byte_order_mark_out(char **text, size_t *size)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (*size >= sizeof mark - 1 && memcmp(*text, mark, sizeof mark - 1) == 0) {
        *text += sizeof mark - 1;
        *size -= sizeof mark - 1;
    }
}

int
request_read_secret(struct client *c, const char *path, char **text, size_t *size, struct status *e)
{
    if (strcmp(path, "-") == 0) {
        if (input_line(c->arena, text, size, e) < 0)
            return -1;
        leave_byte_order_mark_out(text, size);
        return 0;
    }
    if (input_read(c->arena, path, PASSWORD_BYTES, text, size, e) < 0)
        return -1;
    size_t n = *size;
    if (n > 0 && (*text)[n - 1] == '\n')
        n--;
    if (n > 0 && n < *size && (*text)[n - 1] == '\r')
        n--;
    if (memchr(*text, '\n', n))
        return status_set(e, STATUS_FAILED_HERE,
                          _("%s holds more than one line, so it is no password"), path);
    (*text)[n] = 0;
    *size = n;
    leave_byte_order_mark_out(text, size);
    return 0;
}

const char *
request_question(struct client *c, const struct schema_field *f)
{
    char *words = arena_copy(c->arena, f->pb->name, strlen(f->pb->name));
    for (char *p = words; p && *p; p++)
        if (*p == '_')
            *p = ' ';
    return words ? i18n_text(words) : "password";
}

static int
put_password(struct client *c, ProtobufCMessage *request, const struct argument *argument,
             const char *path, struct status *e)
{
    const struct schema_field *f = command_field(argument);
    /* A password that is being made has a least length; one that is there already has none. */
    bool is_new = f->option->hash || f->option->min_length > 1;
    char *text;
    size_t size;
    if (path) {
        if (request_read_secret(c, path, &text, &size, e) < 0)
            return -1;
    } else {
        text = terminal_password(c->arena, request_question(c, f), is_new,
                                 command_label(c->arena, argument), e);
        if (!text)
            return -1;
        size = strlen(text);
    }
    return put_given_text(c, request, argument, text, size, e);
}

/* Texts written in the editor. */

/** The method that shows what this one changes: the command of the same noun with the verb show. */
static const struct schema_method *
showing_method(struct client *c)
{
    const char *name = c->parsed.command->name;
    const char *show = arena_print(c->arena, "%.*s show", (int)strcspn(name, " "), name);
    const struct command *found = show ? command_find(c->commands, show) : NULL;
    return found ? found->method : NULL;
}

/**
 * The text as it is now, to begin with: where the noun's `show` takes what this request names with
 * its first positional, and its answer has a field of the text's name.
 */
static int
current_text(struct client *c, const ProtobufCMessage *request, const struct schema_field *f,
             const char **ret, struct status *e)
{
    const struct schema_method *show = showing_method(c);
    const struct argument *first = c->parsed.command->arguments;
    *ret = "";
    if (!show || show == c->parsed.command->method || !first->place || !first->depth)
        return 0;
    const struct schema_field *key = schema_find_field(show->in, command_field(first)->pb->name);
    const struct schema_field *body = schema_find_field(show->out, f->pb->name);
    if (!key || !body || key->pb->type != command_field(first)->pb->type ||
        body->pb->type != PROTOBUF_C_TYPE_STRING)
        return 0;
    ProtobufCMessage *asked = message_new(c->arena, show->in), *answer;
    if (!asked ||
        message_put(c->arena, asked, key, message_value(request, command_field(first), 0)) < 0)
        return failure_memory(e);
    if (!(answer = session_call(c, show, asked, e)))
        return -1;
    const char *text = message_string(answer, body);
    *ret = text ? text : "";
    return 0;
}

static int
put_edited(struct client *c, ProtobufCMessage *request, const struct argument *argument,
           struct status *e)
{
    const char *before;
    if (current_text(c, request, command_field(argument), &before, e) < 0)
        return -1;
    char id[2 * CALL_ID_BYTES + 1];
    call_id_text(c->own_id, id);
    char *text = terminal_edit(c->arena, id, before, &c->draft, e);
    return text ? put_given_text(c, request, argument, text, strlen(text), e) : -1;
}

/* All of it. */

/** Where and when the command is typed. */
static struct typed_here
here(struct client *c)
{
    struct typed_here here = {0};
    struct profile profile;
    struct status ignored;
    time_t now = time(NULL);
    localtime_r(&now, &here.today);
    if (session_load(c, &profile, &ignored) == 0)
        here.me = profile.user;
    return here;
}

/** What is made of what was typed is shown, where it is something else: " --due 2026-11-29". */
static int
note_understood(struct client *c, const struct argument *argument, const char *value,
                struct status *e)
{
    const char *before = c->understood ? c->understood : "";
    c->understood = argument->place
                        ? arena_print(c->arena, "%s %s", before, value)
                        : arena_print(c->arena, "%s --%s %s", before, argument->name, value);
    return c->understood ? 0 : failure_memory(e);
}

static int
put_values(struct client *c, ProtobufCMessage *request, const struct argument *argument,
           const struct values *v, struct status *e)
{
    const struct typed_here now = v->n ? here(c) : (struct typed_here){0};
    for (size_t i = 0; i < v->n; i++) {
        const char *value = typed_value(c->arena, command_field(argument), v->all[i], &now);
        if (!value)
            return failure_memory(e);
        if (value != v->all[i] && strcmp(value, v->all[i]) != 0 &&
            note_understood(c, argument, value, e) < 0)
            return -1;
        if (put_given_text(c, request, argument, value, strlen(value), e) < 0)
            return failure_usage(e);
    }
    return 0;
}

static int
put_table(struct client *c, ProtobufCMessage *request, const struct argument *argument,
          const char *path, struct status *e)
{
    char *text;
    size_t size;
    const struct typed_here now = here(c);
    ProtobufCMessage *around = message_around(c->arena, request, argument);
    if (!around)
        return failure_memory(e);
    return read_document(c, path, &text, &size, e) < 0
               ? -1
               : table_put(c->arena, around, command_field(argument), text, size, &now, e);
}

/** True when both flags of a document, its file and the editor, are there. */
static bool
is_given_twice(const struct client *c, size_t editor)
{
    const struct argument *all = c->parsed.command->arguments;
    return editor > 0 && all[editor - 1].kind == ARGUMENT_DOCUMENT &&
           c->parsed.values[editor - 1].n;
}

static int
put_argument(struct client *c, ProtobufCMessage *request, size_t i, struct status *e)
{
    const struct argument *argument = &c->parsed.command->arguments[i];
    const struct values *v = &c->parsed.values[i];
    switch (argument->kind) {
    case ARGUMENT_WORD:
    case ARGUMENT_BOOL: return put_values(c, request, argument, v, e);
    case ARGUMENT_DOCUMENT: return v->n ? put_document(c, request, argument, v->all[0], e) : 0;
    case ARGUMENT_TABLE: return v->n ? put_table(c, request, argument, v->all[0], e) : 0;
    case ARGUMENT_EDITOR:
        if (!v->n || strcmp(v->all[0], "true") != 0)
            return 0;
        if (is_given_twice(c, i))
            return status_set(e, STATUS_USAGE, _("give --%s or --editor, not both"),
                              (argument - 1)->name);
        return put_edited(c, request, argument, e);
    case ARGUMENT_PASSWORD:
        return v->n || argument->required
                   ? put_password(c, request, argument, v->n ? v->all[0] : NULL, e)
                   : 0;
    }
    return 0;
}

static bool
is_typed(const struct argument *argument)
{
    return argument->kind == ARGUMENT_WORD || argument->kind == ARGUMENT_BOOL;
}

/** Puts the arguments that are words, or those that are not. */
static int
put_all(struct client *c, ProtobufCMessage *request, bool words, struct status *e)
{
    const struct command *command = c->parsed.command;
    for (size_t i = 0; i < command->n_arguments; i++) {
        const struct argument *argument = &command->arguments[i];
        if (argument->depth && is_typed(argument) == words && put_argument(c, request, i, e) < 0)
            return -1;
    }
    return 0;
}

ProtobufCMessage *
request_make(struct client *c, struct status *e)
{
    ProtobufCMessage *request = message_new(c->arena, c->parsed.command->method->in);
    if (!request)
        failure_memory(e);
    if (!request || put_all(c, request, true, e) < 0)
        return NULL;
    if (c->understood)
        fprintf(stderr, _("understood: %s\n"), c->understood + 1);
    return request;
}

int
request_complete(struct client *c, ProtobufCMessage *request, struct status *e)
{
    return put_all(c, request, false, e);
}

/* What goes together. */

static size_t
count_given_arguments(const ProtobufCMessage *request, char *const *names, size_t n)
{
    size_t given = 0;
    for (size_t i = 0; i < n; i++) {
        const struct schema_field *f = schema_find_field(schema_of(request), names[i]);
        given += f && message_has(request, f);
    }
    return given;
}

int
request_check(struct client *c, const ProtobufCMessage *request, struct status *e)
{
    const Jiayi__V1__MessageOption *o = schema_of(request)->option;
    const struct {
        char *const *names;
        size_t n, least, most;
        const char *text;
    } groups[] = {
        {o->exactly_one, o->n_exactly_one, 1, 1, _("give exactly one of: %s")},
        {o->at_least_one, o->n_at_least_one, 1, SIZE_MAX, _("give at least one of: %s")},
        {o->at_most_one, o->n_at_most_one, 0, 1, _("give at most one of: %s")},
        {o->together, o->n_together, o->n_together, o->n_together,
         _("give all of these or none: %s")},
    };
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        size_t given = count_given_arguments(request, groups[i].names, groups[i].n);
        bool is_none = groups[i].names == o->together && given == 0;
        if (groups[i].n == 0 || is_none || (given >= groups[i].least && given <= groups[i].most))
            continue;
        const char *labels = help_labels(c->arena, c->parsed.command, groups[i].names, groups[i].n);
        return labels ? status_set(e, STATUS_INVALID_ARGUMENT, groups[i].text, labels)
                      : failure_memory(e);
    }
    return 0;
}
