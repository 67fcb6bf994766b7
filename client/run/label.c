#include "client/run/label.h"

#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/output/display.h"
#include "client/output/print.h"
#include "client/words/offer.h"

enum {
    /** How many values one call asks about, and how many rows may come back. */
    VALUES_AT_ONCE = 200,
    ROWS_AT_ONCE = 1000,
    /** How long an answer that is there waits for its labels, in milliseconds. */
    LEARN_TIMEOUT_MS = 2000,
    /** How many who are meant by one name are listed. */
    MOST_NAMESAKES = 10,
};

/** An empty request to the method of @o, with a page as large as need be; NULL without memory. */
static ProtobufCMessage *
new_question(struct arena *a, const struct offer *o)
{
    ProtobufCMessage *request = message_new(a, o->method->in);
    const struct schema_field *size = schema_find_field(o->method->in, "page_size");
    if (request && size && message_put_integer(a, request, size, ROWS_AT_ONCE) < 0)
        return NULL;
    return request;
}

/** The @i-th row's text in the field @name; NULL where there is none. */
static const char *
text_in_row(struct arena *a, const ProtobufCMessage *answer, size_t i, const char *name)
{
    const struct schema_field *list = print_list_field(schema_of(answer));
    const ProtobufCMessage *row = *(ProtobufCMessage *const *)message_value(answer, list, i);
    const struct schema_field *f = schema_find_field(schema_of(row), name);
    return f ? message_text(a, row, f) : NULL;
}

static size_t
count_rows(const ProtobufCMessage *answer)
{
    const struct schema_field *list = answer ? print_list_field(schema_of(answer)) : NULL;
    return list ? message_count(answer, list) : 0;
}

/* Labels that were typed. */

/** True for a text that is no value of the field's form, so that it may be a label. */
static bool
may_be_label(const struct schema_field *f, const char *text)
{
    return f->option->format == JIAYI__V1__FORMAT__EMAIL && *text && !strchr(text, '@');
}

static int
fail_several(struct client *c, const struct argument *argument, const char *text,
             const struct offer *o, const ProtobufCMessage *answer, struct status *e)
{
    const char *all = "";
    size_t n = count_rows(answer);
    for (size_t i = 0; all && i < n && i < MOST_NAMESAKES; i++)
        all = arena_print(c->arena, "%s%s%s", all, *all ? ", " : "",
                          text_in_row(c->arena, answer, i, o->option->value));
    if (!all)
        return failure_memory(e);
    return status_set(e, STATUS_USAGE, _("%s: several are called %s; give one of these: %s%s"),
                      command_label(c->arena, argument), text, all,
                      n > MOST_NAMESAKES ? ", …" : "");
}

static int
put_value(struct client *c, ProtobufCMessage *around, const struct argument *argument,
          const char *value, struct status *e)
{
    if (!value ||
        message_put_string(c->arena, around, command_field(argument), value, strlen(value)) < 0)
        return failure_memory(e);
    fprintf(stderr, _("understood: %s\n"),
            argument->place ? value : arena_print(c->arena, "--%s %s", argument->name, value));
    return 0;
}

/** The value for the label that the request has for @argument, if it has one. */
static int
resolve_one(struct client *c, ProtobufCMessage *request, const struct argument *argument,
            struct status *e)
{
    struct offer o;
    struct status ignored = {0};
    const struct schema_field *f = command_field(argument), *by;
    for (unsigned i = 0; request && i + 1 < argument->depth; i++)
        request = message_child(request, argument->path[i]);
    if (!request || argument->repeated || f->pb->type != PROTOBUF_C_TYPE_STRING ||
        !message_has(request, f) || !may_be_label(f, message_string(request, f)) ||
        !offer_find(c->schema, argument->refers, &o) || !o.option->by_label)
        return 0;
    const char *text = message_string(request, f);
    ProtobufCMessage *question = new_question(c->arena, &o), *answer;
    if (!question || !(by = schema_find_field(o.method->in, o.option->by_label)) ||
        message_put_string(c->arena, question, by, text, strlen(text)) < 0)
        return failure_memory(e);
    answer = session_call(c, o.method, question, &ignored);
    if (count_rows(answer) > 1)
        return fail_several(c, argument, text, &o, answer, e);
    if (count_rows(answer) == 0)
        return 0;
    return put_value(c, request, argument, text_in_row(c->arena, answer, 0, o.option->value), e);
}

int
label_resolve(struct client *c, ProtobufCMessage *request, struct status *e)
{
    const struct command *command = c->parsed.command;
    for (size_t i = 0; i < command->n_arguments; i++)
        if (command->arguments[i].depth && command->arguments[i].refers &&
            resolve_one(c, request, &command->arguments[i], e) < 0)
            return -1;
    return 0;
}

/* Labels to show. */

/** What an answer has that refers to one kind of things. */
struct values_found {
    struct arena *arena;
    const struct labels *labels;
    const char *of;
    /** Others' companies have values and labels of their own. */
    bool of_companies;
    const char **all;
    size_t n, room;
};

static bool
is_found(const struct values_found *v, const char *value)
{
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->all[i], value) == 0)
            return true;
    return false;
}

static void
add_found(struct values_found *v, const char *value)
{
    if (is_found(v, value))
        return;
    if (v->n == v->room) {
        size_t room = v->room ? 2 * v->room : 64;
        const char **more = arena_alloc(v->arena, room * sizeof(char *));
        if (!more)
            return;
        if (v->n)
            memcpy(more, v->all, v->n * sizeof(char *));
        v->all = more;
        v->room = room;
    }
    v->all[v->n++] = value;
}

static void
find_values(struct values_found *v, const ProtobufCMessage *message)
{
    const struct schema_message *m = schema_of(message);
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        bool refers = f->option->refers && strcmp(f->option->refers, v->of) == 0 &&
                      f->pb->type == PROTOBUF_C_TYPE_STRING;
        if (!f->message && !(refers && (v->of_companies || labels_apply(v->labels, message, f))))
            continue;
        for (size_t k = 0; k < message_count(message, f); k++)
            if (f->message)
                find_values(v, *(ProtobufCMessage *const *)message_value(message, f, k));
            else
                add_found(v, *(char *const *)message_value(message, f, k));
    }
}

/** Asks for the labels of up to VALUES_AT_ONCE values. Returns false when there is no point. */
static bool
ask_labels(struct client *c, struct labels *l, const struct offer *o, const char **values, size_t n)
{
    struct status ignored = {0};
    schema_open(c->schema, o->method);
    const struct schema_field *by = schema_find_field(o->method->in, o->option->by_values);
    ProtobufCMessage *question = new_question(c->arena, o), *answer;
    for (size_t i = 0; question && by && i < n; i++)
        if (message_put_string(c->arena, question, by, values[i], strlen(values[i])) < 0)
            return false;
    if (!question || !by || !(answer = session_call(c, o->method, question, &ignored)))
        return false;
    for (size_t i = 0; i < count_rows(answer); i++) {
        const char *value = text_in_row(c->arena, answer, i, o->option->value);
        const char *text = text_in_row(c->arena, answer, i, o->option->label);
        const char *company =
            o->option->company ? text_in_row(c->arena, answer, i, o->option->company) : NULL;
        if (value && text && labels_add(c->arena, l, value, text, company) < 0)
            return false;
    }
    return true;
}

static void
learn_labels_of(struct client *c, struct labels *l, const ProtobufCMessage *answer,
                const struct offer *o)
{
    struct values_found v = {.arena = c->arena,
                             .labels = l,
                             .of = o->option->of,
                             .of_companies = o->option->company};
    find_values(&v, answer);
    for (size_t i = 0; i < v.n; i += VALUES_AT_ONCE)
        if (!ask_labels(c, l, o, v.all + i, v.n - i < VALUES_AT_ONCE ? v.n - i : VALUES_AT_ONCE))
            return;
}

void
label_learn(struct client *c, const ProtobufCMessage *answer)
{
    int64_t timeout_ms = c->parsed.timeout_ms;
    time_t now = c->server_time;
    struct labels *l = arena_alloc(c->arena, sizeof *l);
    if (!l || c->parsed.output >= OUTPUT_JSON || !display_is_terminal(stdout))
        return;
    *l = (struct labels){.company = c->profile.company};
    c->parsed.timeout_ms = LEARN_TIMEOUT_MS;
    for (size_t i = 0; i < c->schema->n_methods; i++)
        for (size_t k = 0; k < c->schema->methods[i].option->n_offers; k++) {
            const struct schema_method *method = &c->schema->methods[i];
            const struct offer o = {method, method->option->offers[k]};
            if (o.option->by_values)
                learn_labels_of(c, l, answer, &o);
        }
    c->parsed.timeout_ms = timeout_ms;
    c->server_time = now;
    c->labels = l;
}
