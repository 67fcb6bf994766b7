#include "client/print.h"

#include <string.h>

#include "client/display.h"
#include "client/i18n.h"
#include "common/json.h"

struct print
print_to_stdout(void)
{
    return (struct print){
        .file = stdout,
        .terminal = display_is_terminal(stdout),
        .colour = display_colour(stdout),
        .columns = display_columns(stdout),
        .now = time(NULL),
    };
}

const struct schema_field *
print_list_field(const struct schema_message *m)
{
    const struct schema_field *list = NULL;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        if (f->pb->label == PROTOBUF_C_LABEL_REPEATED && f->message && !list)
            list = f;
        else if (strcmp(f->pb->name, "next_page_token") != 0)
            return NULL;
    }
    return list;
}

const char *
print_title(struct arena *a, const struct schema_field *f)
{
    if (f->option->column && *f->option->column)
        return i18n_text(f->option->column);
    char *words = arena_copy(a, f->pb->name, strlen(f->pb->name));
    for (char *c = words; c && *c; c++)
        if (*c == '_')
            *c = ' ';
    return words ? i18n_text(words) : f->pb->name;
}

/** A time: as seen from now on a terminal, else ISO 8601 in UTC, to the second. */
static const char *
time_cell(struct arena *a, const struct print *p, const ProtobufCMessage *t)
{
    const struct schema_field *seconds = schema_find_field(schema_of(t), "seconds");
    time_t at = (time_t)message_integer(t, seconds, 0);
    struct tm tm;
    if (p->terminal || !gmtime_r(&at, &tm))
        return display_ago(a, at, p->now);
    return arena_print(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/** The values of a message's fields, one after the other: "120000.50 CNY". */
static const char *
message_cell(struct arena *a, const struct print *p, const ProtobufCMessage *message)
{
    const struct schema_message *m = schema_of(message);
    const char *all = "";
    for (unsigned i = 0; all && i < m->pb.n_fields; i++) {
        const char *one = print_cell(a, p, message, schema_field_at(m, i));
        if (!one)
            return NULL;
        if (*one)
            all = arena_print(a, "%s%s%s", all, *all ? " " : "", one);
    }
    return all;
}

static const char *
value_cell(struct arena *a, const struct print *p, const ProtobufCMessage *message,
           const struct schema_field *f, size_t index)
{
    if (f->message) {
        const ProtobufCMessage *child =
            *(ProtobufCMessage *const *)message_value(message, f, index);
        return schema_is_timestamp(f->message) ? time_cell(a, p, child) : message_cell(a, p, child);
    }
    if (f->pb->type == PROTOBUF_C_TYPE_BOOL)
        return message_integer(message, f, index) ? _("yes") : _("no");
    const char *text = json_text(a, message, f, index);
    return text ? display_clean(a, text, DISPLAY_ONE_LINE) : NULL;
}

const char *
print_cell(struct arena *a, const struct print *p, const ProtobufCMessage *message,
           const struct schema_field *f)
{
    const char *all = "";
    for (size_t i = 0; all && i < message_count(message, f); i++) {
        const char *one = value_cell(a, p, message, f, i);
        all = one && i ? arena_print(a, "%s, %s", all, one) : one;
    }
    return all;
}

static int
print_json(struct arena *a, const struct print *p, const ProtobufCMessage *answer, struct status *e)
{
    char *text = json_print(a, answer, JSON_LINES, e);
    if (!text) {
        e->code = STATUS_FAILED_HERE;
        return -1;
    }
    fprintf(p->file, "%s\n", text);
    return 0;
}

/** What a list has besides its rows, for people. */
static void
print_notes(struct arena *a, const ProtobufCMessage *answer, size_t n_rows)
{
    const struct schema_field *f = schema_find_field(schema_of(answer), "next_page_token");
    const char *token = f ? message_string(answer, f) : NULL;
    char *clean = token ? display_clean(a, token, DISPLAY_ONE_LINE) : NULL;
    fflush(stdout);
    if (n_rows == 0)
        fprintf(stderr, "%s\n", _("nothing to show"));
    if (clean && *clean)
        fprintf(stderr, _("more: --page-token %s\n"), clean);
}

int
print_answer(struct arena *a, const ProtobufCMessage *answer, enum output output, struct status *e)
{
    struct print p = print_to_stdout();
    const struct schema_message *m = schema_of(answer);
    const struct schema_field *list = print_list_field(m);
    if (output == OUTPUT_JSON)
        return print_json(a, &p, answer, e);
    ProtobufCMessage *one = (ProtobufCMessage *)answer, *const *rows = &one;
    size_t n = list ? message_count(answer, list) : 1;
    if (list)
        rows = n ? message_value(answer, list, 0) : NULL;
    if (output == OUTPUT_CSV)
        return print_csv(a, &p, list ? list->message : m, rows, n, e);
    if (!list)
        return print_object(a, &p, answer, e);
    if (n && print_table(a, &p, list->message, rows, n, e) < 0)
        return -1;
    print_notes(a, answer, n);
    return 0;
}
