#include "client/output/print_table.h"

#include <libsmartcols.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "client/output/display.h"

enum {
    /** Between two columns. */
    GAP = 2,
    /** No column is cut to less. */
    LEAST = 5,
};

/** A column. */
struct column {
    const struct schema_field *field;
    const char *heading;
    /** The columns of the terminal that it takes, uncut. */
    size_t width;
    bool number, empty;
};

/** The table before it is handed to libsmartcols. */
struct table {
    struct column *columns;
    size_t n_columns, n_rows;
    /** n_rows × n_columns. */
    const char **cells;
};

/** The fields with an order, in that order; all of them where a newer server's type orders none. */
static size_t
choose_columns(const struct schema_message *m, struct column *columns)
{
    size_t n = 0;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        size_t at = n;
        if (m->fields[i].option->order <= 0)
            continue;
        for (; at > 0 && columns[at - 1].field->option->order > m->fields[i].option->order; at--)
            columns[at] = columns[at - 1];
        columns[at] = (struct column){.field = &m->fields[i]};
        n++;
    }
    if (n == 0)
        for (; n < m->pb.n_fields; n++)
            columns[n] = (struct column){.field = schema_field_at(m, (unsigned)n)};
    return n;
}

static const char **
cell_at(const struct table *t, size_t row, size_t column)
{
    return &t->cells[row * t->n_columns + column];
}

static int
fill_cells(struct arena *a, const struct print *p, struct table *t, ProtobufCMessage *const *rows)
{
    for (size_t row = 0; row < t->n_rows; row++)
        for (size_t i = 0; i < t->n_columns; i++)
            if (!(*cell_at(t, row, i) = cell_text(a, p, rows[row], t->columns[i].field)))
                return -1;
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

/** A title in capitals, where its letters have them. */
static const char *
in_capitals(struct arena *a, const char *title)
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

/** What a column's cells have in common. */
static void
look_at(struct arena *a, const struct table *t, size_t i)
{
    struct column *c = &t->columns[i];
    c->heading = in_capitals(a, cell_title(a, c->field));
    c->width = display_width(c->heading, strlen(c->heading));
    c->empty = c->number = true;
    for (size_t row = 0; row < t->n_rows; row++) {
        const char *cell = *cell_at(t, row, i);
        size_t width = display_width(cell, strlen(cell));
        c->width = width > c->width ? width : c->width;
        c->empty = c->empty && !*cell;
        c->number = c->number && is_number(cell);
    }
    c->number = c->number && !c->empty;
}

/** What nobody filled takes no room on a terminal; for a script the columns stay the same. */
static bool
is_shown(const struct print *p, const struct column *c)
{
    return !p->terminal || !c->empty;
}

/** Numbers and times are told whole. */
static bool
may_be_cut(const struct column *c)
{
    return !c->number && !c->field->message;
}

/** The table's width when nothing that may be cut is wider than @most. */
static size_t
total_width(const struct print *p, const struct table *t, size_t most)
{
    size_t total = 0;
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        if (is_shown(p, c))
            total += GAP + (may_be_cut(c) && c->width > most ? most : c->width);
    }
    return total > GAP ? total - GAP : 0;
}

/** The text cut to @most columns of the terminal, with a mark that there is more. */
static const char *
cut_to_width(struct arena *a, const char *text, size_t most)
{
    size_t n = strlen(text), end = 0;
    if (display_width(text, n) <= most)
        return text;
    while (end < n) {
        size_t next = end + 1;
        while (next < n && ((unsigned char)text[next] & 0xc0) == 0x80)
            next++;
        if (display_width(text, next) + 1 > most)
            break;
        end = next;
    }
    return arena_print(a, "%.*s…", (int)end, text);
}

/** Makes the table fit the terminal: the widest columns give way first, all to the same width. */
static int
fit_terminal(struct arena *a, const struct print *p, struct table *t)
{
    size_t most = p->columns;
    while (most > LEAST && total_width(p, t, most) > p->columns)
        most--;
    for (size_t i = 0; p->terminal && i < t->n_columns; i++) {
        if (!may_be_cut(&t->columns[i]))
            continue;
        t->columns[i].heading = cut_to_width(a, t->columns[i].heading, most);
        for (size_t row = 0; row < t->n_rows; row++)
            if (!(*cell_at(t, row, i) = cut_to_width(a, *cell_at(t, row, i), most)))
                return -1;
        if (!t->columns[i].heading)
            return -1;
    }
    return 0;
}

static int
add_columns(const struct print *p, struct libscols_table *table, const struct table *t)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct column *one = &t->columns[i];
        if (!is_shown(p, one))
            continue;
        struct libscols_column *c =
            scols_table_new_column(table, one->heading, 0, one->number ? SCOLS_FL_RIGHT : 0);
        if (!c || (p->colour && scols_cell_set_color(scols_column_get_header(c), "bold") < 0))
            return -1;
    }
    return 0;
}

static int
add_rows(const struct print *p, struct libscols_table *table, const struct table *t)
{
    for (size_t row = 0; row < t->n_rows; row++) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        size_t place = 0;
        for (size_t i = 0; line && i < t->n_columns; i++)
            if (is_shown(p, &t->columns[i]) &&
                scols_line_set_data(line, place++, *cell_at(t, row, i)) < 0)
                return -1;
        if (!line)
            return -1;
    }
    return 0;
}

/** Prints the table without the blanks at the ends of lines. */
static int
print_trimmed(const struct print *p, struct libscols_table *table)
{
    char *text = NULL;
    if (scols_print_table_to_string(table, &text) < 0 || !text) {
        free(text);
        return -1;
    }
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
print_laid_out(const struct print *p, const struct table *t)
{
    struct libscols_table *table = scols_new_table();
    if (!table)
        return -1;
    scols_table_set_column_separator(table, "  ");
    scols_table_enable_colors(table, p->colour);
    /* What has to be cut is cut already: libsmartcols has no mark for it and cuts to the bone. */
    scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
    int rv = add_columns(p, table, t);
    if (rv == 0)
        rv = add_rows(p, table, t);
    if (rv == 0)
        rv = print_trimmed(p, table);
    scols_unref_table(table);
    return rv;
}

int
print_table(struct arena *a, const struct print *p, const struct schema_message *m,
            ProtobufCMessage *const *rows, size_t n, struct status *e)
{
    struct table t = {.n_rows = n};
    t.columns = arena_alloc(a, (m->pb.n_fields + 1) * sizeof *t.columns);
    if (m->pb.n_fields == 0)
        return 0;
    t.n_columns = t.columns ? choose_columns(m, t.columns) : 0;
    if (t.n_columns && n < SIZE_MAX / sizeof(char *) / t.n_columns)
        t.cells = arena_alloc(a, n * t.n_columns * sizeof(char *));
    if (!t.cells || fill_cells(a, p, &t, rows) < 0)
        return failure_memory(e);
    bool empty = true;
    for (size_t i = 0; i < t.n_columns; i++) {
        look_at(a, &t, i);
        empty = empty && t.columns[i].empty;
    }
    if (empty)
        t.columns[0].empty = false; /* there are rows, with nothing in them */
    if (fit_terminal(a, p, &t) < 0 || print_laid_out(p, &t) < 0)
        return failure_memory(e);
    return 0;
}
