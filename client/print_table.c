#include <libsmartcols.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "client/display.h"
#include "client/i18n.h"
#include "client/print.h"

/** The table before it is handed to libsmartcols. */
struct table {
    const struct schema_field **fields;
    size_t n_fields, n_rows;
    /** n_rows × n_fields. */
    const char **cells;
};

/** The fields with an order, in that order. */
static size_t
choose_fields(const struct schema_message *m, const struct schema_field **fields)
{
    size_t n = 0;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        size_t at = n;
        if (m->fields[i].option->order <= 0)
            continue;
        for (; at > 0 && fields[at - 1]->option->order > m->fields[i].option->order; at--)
            fields[at] = fields[at - 1];
        fields[at] = &m->fields[i];
        n++;
    }
    return n;
}

static int
fill(struct arena *a, const struct print *p, struct table *t, ProtobufCMessage *const *rows)
{
    for (size_t row = 0; row < t->n_rows; row++)
        for (size_t i = 0; i < t->n_fields; i++) {
            const char *cell = print_cell(a, p, rows[row], t->fields[i]);
            if (!cell)
                return -1;
            t->cells[row * t->n_fields + i] = cell;
        }
    return 0;
}

/** True for "120000.50", "-7" and "120000.50 CNY", and for nothing. */
static bool
is_number(const char *s)
{
    s += *s == '-';
    size_t whole = strspn(s, "0123456789"), point = s[whole] == '.';
    size_t digits = whole + point + (point ? strspn(s + whole + 1, "0123456789") : 0);
    const char *unit = s + digits;
    if (!*unit)
        return true;
    return whole > 0 && *unit == ' ' && strlen(unit) == 4 &&
           strspn(unit + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

/** What a column's cells have in common. */
static void
look_at(const struct table *t, size_t column, bool *all_empty, bool *all_numbers)
{
    *all_empty = *all_numbers = true;
    for (size_t row = 0; row < t->n_rows; row++) {
        const char *cell = t->cells[row * t->n_fields + column];
        *all_empty = *all_empty && !*cell;
        *all_numbers = *all_numbers && is_number(cell);
    }
    *all_numbers = *all_numbers && !*all_empty;
}

/** A title in capitals, where its letters have them. */
static const char *
heading(struct arena *a, const char *title)
{
    size_t n = strlen(title);
    wchar_t *wide = arena_alloc(a, (n + 1) * sizeof *wide);
    char *upper = arena_alloc(a, (n + 1) * MB_CUR_MAX);
    if (!wide || !upper || mbstowcs(wide, title, n + 1) == (size_t)-1)
        return title;
    for (wchar_t *c = wide; *c; c++)
        *c = (wchar_t)towupper((wint_t)*c);
    return wcstombs(upper, wide, (n + 1) * MB_CUR_MAX) == (size_t)-1 ? title : upper;
}

static int
add_column(struct arena *a, const struct print *p, struct libscols_table *table,
           const struct table *t, size_t i, size_t *columns, size_t *n_columns)
{
    bool empty, number;
    look_at(t, i, &empty, &number);
    /* What nobody filled takes no room on a terminal; for a script the columns stay the same. */
    if (p->terminal && empty)
        return 0;
    bool cut = p->terminal && !number && !(t->fields[i]->message);
    struct libscols_column *c =
        scols_table_new_column(table, heading(a, print_title(a, t->fields[i])), 0,
                               (number ? SCOLS_FL_RIGHT : 0) | (cut ? SCOLS_FL_TRUNC : 0));
    if (!c || (p->colour && scols_cell_set_color(scols_column_get_header(c), "bold") < 0))
        return -1;
    columns[(*n_columns)++] = i;
    return 0;
}

static int
add_rows(struct libscols_table *table, const struct table *t, const size_t *columns,
         size_t n_columns)
{
    for (size_t row = 0; row < t->n_rows; row++) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        for (size_t i = 0; line && i < n_columns; i++)
            if (scols_line_set_data(line, i, t->cells[row * t->n_fields + columns[i]]) < 0)
                return -1;
        if (!line)
            return -1;
    }
    return 0;
}

/** Prints the table without the blanks at the ends of lines. */
static int
put(const struct print *p, struct libscols_table *table)
{
    char *text = NULL;
    if (scols_print_table_to_string(table, &text) < 0 || !text)
        return -1;
    for (char *line = text, *next; *line; line = next) {
        size_t length = strcspn(line, "\n"), shown = length;
        next = line + length + (line[length] == '\n');
        while (shown > 0 && line[shown - 1] == ' ')
            shown--;
        fprintf(p->file, "%.*s\n", (int)shown, line);
    }
    free(text);
    return 0;
}

static int
lay_out(struct arena *a, const struct print *p, const struct table *t)
{
    struct libscols_table *table = scols_new_table();
    size_t *columns = arena_alloc(a, (t->n_fields + 1) * sizeof *columns), n_columns = 0;
    int rv = table && columns ? 0 : -1;
    if (rv == 0) {
        scols_table_set_column_separator(table, "  ");
        scols_table_enable_colors(table, p->colour);
        scols_table_set_termforce(table,
                                  p->terminal ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
        scols_table_set_termwidth(table, p->columns);
    }
    for (size_t i = 0; rv == 0 && i < t->n_fields; i++)
        rv = add_column(a, p, table, t, i, columns, &n_columns);
    if (rv == 0)
        rv = add_rows(table, t, columns, n_columns);
    if (rv == 0)
        rv = put(p, table);
    scols_unref_table(table);
    return rv;
}

int
print_table(struct arena *a, const struct print *p, const struct schema_message *m,
            ProtobufCMessage *const *rows, size_t n, struct status *e)
{
    struct table t = {.n_rows = n};
    t.fields = arena_alloc(a, (m->pb.n_fields + 1) * sizeof(struct schema_field *));
    t.n_fields = t.fields ? choose_fields(m, t.fields) : 0;
    if (t.n_fields && n < SIZE_MAX / sizeof(char *) / t.n_fields)
        t.cells = arena_alloc(a, n * t.n_fields * sizeof(char *));
    if (!t.cells || fill(a, p, &t, rows) < 0 || lay_out(a, p, &t) < 0)
        return failure_memory(e);
    return 0;
}
