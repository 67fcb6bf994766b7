#include "client/output/print_csv.h"

#include <string.h>

#include "client/output/display.h"
#include "client/output/moment.h"
#include "common/json.h"
#include "common/json_text.h"

/** One line in the making. */
struct line {
    struct arena *arena;
    const struct print *print;
    struct status *e;
    bool started;
};

const char *
print_csv_cell(struct arena *a, const char *text, const char *special)
{
    size_t n = strlen(text);
    if (!strpbrk(text, special) && !(n && (text[0] == ' ' || text[n - 1] == ' ')))
        return text;
    char *cell = arena_alloc(a, 2 * n + sizeof "\"\""), *to = cell;
    if (!cell)
        return NULL;
    *to++ = '"';
    for (const char *c = text; *c; c++) {
        if (*c == '"')
            *to++ = '"';
        *to++ = *c;
    }
    *to++ = '"';
    *to = 0;
    return cell;
}

static int
put_csv_value(struct line *l, const char *text)
{
    FILE *f = l->print->file;
    const char *cell = text ? print_csv_cell(l->arena, text, "\",\r\n") : NULL;
    if (!cell)
        return failure_memory(l->e);
    if (l->started)
        fputc(',', f);
    l->started = true;
    fputs(cell, f);
    return 0;
}

static bool
is_flattened(const struct schema_field *f)
{
    return f->message && !schema_is_timestamp(f->message) &&
           f->pb->label != PROTOBUF_C_LABEL_REPEATED;
}

static int
put_csv_header(struct line *l, const struct schema_message *m, const char *before)
{
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = schema_field_at(m, i);
        const char *name = arena_print(l->arena, "%s%s%s", before, *before ? "." : "", f->pb->name);
        if (!name)
            return failure_memory(l->e);
        if ((is_flattened(f) ? put_csv_header(l, f->message, name) : put_csv_value(l, name)) < 0)
            return -1;
    }
    return 0;
}

bool
print_csv_is_formula(const char *text)
{
    static const char *const begins[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (strncmp(text, begins[i], strlen(begins[i])) == 0)
            return !cell_is_number(text, false);
    return false;
}

/** A value for people: harmless in a spreadsheet, and on a terminal. */
static const char *
tame(struct line *l, const struct schema_field *f, const char *text)
{
    if (!l->print->raw && f->pb->type == PROTOBUF_C_TYPE_STRING && print_csv_is_formula(text))
        text = arena_print(l->arena, "'%s", text);
    return text && l->print->terminal ? display_clean(l->arena, text, DISPLAY_LINES) : text;
}

/** A field's value; @message is NULL where the message around it is not set. */
static const char *
csv_value(struct line *l, const ProtobufCMessage *message, const struct schema_field *f)
{
    if (!message || !message_has(message, f))
        return "";
    bool list = f->pb->label == PROTOBUF_C_LABEL_REPEATED;
    const char *text = NULL;
    if (schema_is_timestamp(f->message) && !list && !l->print->raw)
        return moment_iso(l->arena, cell_moment(message_child(message, f)), l->print->utc);
    text = list ? json_print_field(l->arena, message, f, JSON_ONE_LINE, l->e)
                : json_text(l->arena, message, f, 0);
    return text ? tame(l, f, text) : NULL;
}

static int
put_csv_row(struct line *l, const struct schema_message *m, const ProtobufCMessage *message)
{
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = schema_field_at(m, i);
        if (is_flattened(f)) {
            if (put_csv_row(l, f->message, message ? message_child(message, f) : NULL) < 0)
                return -1;
            continue;
        }
        if (put_csv_value(l, csv_value(l, message, f)) < 0)
            return -1;
    }
    return 0;
}

int
print_csv_head(struct arena *a, const struct print *p, const struct schema_message *m,
               struct status *e)
{
    struct line l = {.arena = a, .print = p, .e = e};
    if (p->bom)
        fputs("\xef\xbb\xbf", p->file);
    if (put_csv_header(&l, m, "") < 0)
        return -1;
    fputc('\n', p->file);
    return 0;
}

int
print_csv_rows(struct arena *a, const struct print *p, const struct schema_message *m,
               ProtobufCMessage *const *rows, size_t n, struct status *e)
{
    for (size_t i = 0; i < n; i++) {
        struct line l = {.arena = a, .print = p, .e = e};
        if (put_csv_row(&l, m, rows[i]) < 0)
            return -1;
        fputc('\n', p->file);
    }
    return 0;
}
