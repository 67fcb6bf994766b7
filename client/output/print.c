#include "client/output/print.h"

#include <string.h>

#include "client/base/i18n.h"
#include "client/output/display.h"
#include "client/output/pager.h"
#include "client/output/print_csv.h"
#include "client/output/print_object.h"
#include "client/output/print_table.h"
#include "common/json.h"

/** What fits standard output, and the user's wishes. */
static struct print
standard_output(const struct print_options *o)
{
    return (struct print){
        .file = stdout,
        .terminal = display_is_terminal(stdout),
        .colour = display_colour(stdout),
        .columns = display_columns(stdout),
        .now = o->now ? o->now : time(NULL),
        .utc = o->utc,
        .bom = o->bom,
        .raw = o->raw,
        .labels = o->labels,
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

static int
print_json_answer(struct arena *a, const struct print *p, const ProtobufCMessage *answer,
                  struct status *e)
{
    char *text = json_print(a, answer, JSON_LINES, e);
    if (!text) {
        e->code = STATUS_FAILED_HERE;
        return -1;
    }
    fprintf(p->file, "%s\n", text);
    return 0;
}

/** Says that there is more than was printed, and how to get it. */
static void
print_more(struct arena *a, const ProtobufCMessage *answer, bool has_all)
{
    const struct schema_field *f = schema_find_field(schema_of(answer), "next_page_token");
    const char *token = f ? message_string(answer, f) : NULL;
    char *clean = token ? display_clean(a, token, DISPLAY_ONE_LINE) : NULL;
    if (!clean || !*clean)
        return;
    fflush(stdout);
    fprintf(stderr, has_all ? _("more: --all, or --page-token %s\n") : _("more: page_token %s\n"),
            clean);
}

static ProtobufCMessage *const *
rows_of(const ProtobufCMessage *answer, const struct schema_field *list, size_t *n)
{
    *n = message_count(answer, list);
    return *n ? message_value(answer, list, 0) : NULL;
}

static int
print_csv_answer(struct arena *a, const struct print *p, const ProtobufCMessage *answer,
                 struct status *e)
{
    const struct schema_field *list = print_list_field(schema_of(answer));
    const struct schema_message *m = list ? list->message : schema_of(answer);
    ProtobufCMessage *one = (ProtobufCMessage *)answer, *const *rows = &one;
    size_t n = 1;
    if (list)
        rows = rows_of(answer, list, &n);
    return print_csv_head(a, p, m, e) < 0 ? -1 : print_csv_rows(a, p, m, rows, n, e);
}

/** For people: a table, or one thing. */
static int
print_for_people(struct arena *a, const struct print *p, const ProtobufCMessage *answer,
                 struct status *e)
{
    const struct schema_field *list = print_list_field(schema_of(answer));
    if (!list)
        return print_object(a, p, answer, e);
    size_t n;
    ProtobufCMessage *const *rows = rows_of(answer, list, &n);
    if (n)
        return print_table(a, p, list->message, rows, n, e);
    fflush(stdout);
    fprintf(stderr, "%s\n", _("nothing to show"));
    return 0;
}

int
print_answer(struct arena *a, const ProtobufCMessage *answer, const struct print_options *o,
             struct status *e)
{
    struct print p = standard_output(o);
    int result;
    if (o->output == OUTPUT_JSON) {
        result = print_json_answer(a, &p, answer, e);
    } else if (o->output == OUTPUT_CSV) {
        result = print_csv_answer(a, &p, answer, e);
    } else {
        if (p.terminal && !o->no_pager)
            pager_start();
        result = print_for_people(a, &p, answer, e);
        if (pager_end(e) < 0)
            result = -1;
    }
    if (result == 0)
        print_more(a, answer, o->has_all);
    return result;
}

/* Page after page. */

/* What comes line by line. */

/** The fields with an order, those that are set, with two blanks between. */
static int
print_fields(struct arena *a, const struct print *p, const ProtobufCMessage *m, struct status *e)
{
    const struct schema_message *type = schema_of(m);
    const char *blanks = "";
    int last = 0, next;
    do {
        next = 0;
        for (unsigned i = 0; i < type->pb.n_fields; i++) {
            int order = type->fields[i].option->order;
            if (order > last && (!next || order < next))
                next = order;
        }
        for (unsigned i = 0; next && i < type->pb.n_fields; i++) {
            const struct schema_field *f = &type->fields[i];
            const char *text = f->option->order == next ? cell_text(a, p, m, f) : "";
            if (!text)
                return failure_memory(e);
            if (!*text)
                continue;
            fputs(blanks, p->file);
            cell_put(p, text);
            blanks = "  ";
        }
        last = next;
    } while (next);
    fputc('\n', p->file);
    return 0;
}

static int
print_json_line(struct arena *a, const struct print *p, const ProtobufCMessage *m, struct status *e)
{
    char *text = json_print(a, m, JSON_ONE_LINE, e);
    if (!text) {
        e->code = STATUS_FAILED_HERE;
        return -1;
    }
    fprintf(p->file, "%s\n", text);
    return 0;
}

int
print_news(struct arena *a, const ProtobufCMessage *answer, const struct schema_field *f,
           bool is_first, const struct print_options *o, struct status *e)
{
    struct print p = standard_output(o);
    size_t n;
    ProtobufCMessage *const *rows = rows_of(answer, f, &n);
    int rc = 0;
    p.full = true; /* the lines stay: times as seen from now would soon be wrong */
    if (o->output == OUTPUT_CSV && is_first)
        rc = print_csv_head(a, &p, f->message, e);
    if (rc == 0 && o->output == OUTPUT_CSV)
        rc = print_csv_rows(a, &p, f->message, rows, n, e);
    for (size_t i = 0; rc == 0 && o->output != OUTPUT_CSV && i < n; i++)
        rc = o->output == OUTPUT_JSON ? print_json_line(a, &p, rows[i], e)
                                      : print_fields(a, &p, rows[i], e);
    if (rc == 0 && fflush(stdout) != 0)
        rc = status_set(e, STATUS_FAILED_HERE, "%s",
                        _("the answer could not be written to standard output"));
    return rc;
}

int
print_stream_begin(struct print_stream *s, struct arena *a, const struct print_options *o,
                   const struct schema_message *m, struct status *e)
{
    *s = (struct print_stream){
        .print = standard_output(o),
        .is_json = o->output == OUTPUT_JSON,
        .list = print_list_field(m),
    };
    if (s->is_json)
        return 0;
    s->is_begun = true;
    return print_csv_head(a, &s->print, s->list->message, e);
}

/** A row of the array, its lines indented as those of the whole. */
static void
put_json_row(struct print_stream *s, const char *text)
{
    fputs(s->n_rows++ ? ",\n    " : "\n    ", s->print.file);
    for (const char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        fwrite(line, 1, (size_t)(end - line), s->print.file);
        if (*end == '\n')
            fputs("\n    ", s->print.file), end++;
    }
}

/** All of the rows, or none where there is no memory for one of them. */
static int
put_json_rows(struct print_stream *s, struct arena *a, ProtobufCMessage *const *rows, size_t n,
              struct status *e)
{
    const char **texts = arena_alloc(a, (n + 1) * sizeof *texts);
    bool have_all = texts != NULL;
    if (!texts)
        failure_memory(e);
    for (size_t i = 0; have_all && i < n; i++)
        have_all = (texts[i] = json_print(a, rows[i], JSON_LINES, e)) != NULL;
    if (!have_all) {
        e->code = STATUS_FAILED_HERE;
        return -1;
    }
    if (!s->is_begun)
        fprintf(s->print.file, "{\n  \"%s\": [", s->list->pb->name);
    s->is_begun = true;
    for (size_t i = 0; i < n; i++)
        put_json_row(s, texts[i]);
    return 0;
}

int
print_stream_rows(struct print_stream *s, struct arena *a, const ProtobufCMessage *page,
                  struct status *e)
{
    size_t n;
    ProtobufCMessage *const *rows = rows_of(page, s->list, &n);
    if (s->is_json)
        return put_json_rows(s, a, rows, n, e);
    s->n_rows += n;
    return print_csv_rows(a, &s->print, s->list->message, rows, n, e);
}

void
print_stream_end(struct print_stream *s, const char *next_page_token)
{
    if (!s->is_json)
        return;
    fputs(s->n_rows ? "\n  ]" : "]", s->print.file);
    if (next_page_token)
        fprintf(s->print.file, ",\n  \"next_page_token\": %s", next_page_token);
    fputs("\n}\n", s->print.file);
}
