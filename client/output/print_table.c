#include "client/output/print_table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "client/output/display.h"
#include "client/output/record.h"

enum {
    /** Between two columns. */
    GAP = 2,
    /** A text cut to so many columns is still read; before it is cut to fewer, others go. */
    READABLE = 16,
    /** No text is cut to fewer. */
    LEAST = 8,
    /** Nor what the table is read for to fewer. */
    ESSENTIAL = 40,
    /** Who it is, is told in so many columns; longer addresses are cut as other texts are. */
    PERSON = 32,
    /** So many columns stay, the most important ones; where they do not fit, rows are records. */
    KEPT = 4,
};

/** A column. */
struct column {
    const struct schema_field *field;
    const char *title, *heading;
    /** The columns of the terminal that it takes, uncut. */
    size_t width;
    /**
     * Its cells are numbers; never cut, as dates and periods; people, who are cut last; nothing;
     * all the same; what the table is read for.
     */
    bool is_number, is_whole, is_person, is_empty, is_constant, is_essential;
    bool is_shown;
};

/** The table before it is printed. */
struct table {
    struct column *columns;
    size_t n_columns, n_rows;
    ProtobufCMessage *const *rows;
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
        *c = i18n_upper(*c);
    return wcstombs(upper, wide, (n + 1) * MB_CUR_MAX) == (size_t)-1 ? title : upper;
}

/** True for a day, week, month, quarter or year: 2026-11-21, 2026-W47, 2026-11, 2026-Q4, 2026. */
static bool
is_period(const char *s)
{
    static const char *const forms[] = {"0000", "0000-00", "0000-00-00", "0000-W00", "0000-Q0"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t k = 0;
        while (s[k] && forms[i][k] == (s[k] >= '0' && s[k] <= '9' ? '0' : s[k]))
            k++;
        if (!s[k] && !forms[i][k])
            return true;
    }
    return false;
}

/** What a column's cells have in common. */
static void
look_at(struct arena *a, const struct table *t, size_t i)
{
    struct column *c = &t->columns[i];
    c->title = cell_title(a, c->field);
    c->heading = in_capitals(a, c->title);
    c->width = display_width(c->heading, strlen(c->heading));
    bool periods = true;
    c->is_empty = c->is_number = c->is_constant = true;
    for (size_t row = 0; row < t->n_rows; row++) {
        const char *cell = *cell_at(t, row, i);
        size_t width = display_width(cell, strlen(cell));
        c->width = width > c->width ? width : c->width;
        c->is_empty = c->is_empty && !*cell;
        c->is_number = c->is_number && (!*cell || cell_is_number(cell, true));
        c->is_constant = c->is_constant && strcmp(cell, *cell_at(t, 0, i)) == 0;
        periods = periods && (!*cell || is_period(cell));
    }
    c->is_number = c->is_number && !c->is_empty;
    bool codes = c->field->option->words && !c->field->option->any_language;
    c->is_whole = c->is_number || periods || c->field->message || codes ||
                  c->field->pb->type == PROTOBUF_C_TYPE_BOOL;
    c->is_person = c->field->option->format == JIAYI__V1__FORMAT__EMAIL && c->width <= PERSON;
    c->is_constant = c->is_constant && t->n_rows > 1;
    c->is_essential = c->field->option->has_rank && c->field->option->rank == 1;
    c->is_shown = true;
}

/* Fitting a terminal. */

static int
rank_of(const struct column *c)
{
    return c->field->option->has_rank ? c->field->option->rank : c->field->option->order;
}

static size_t
count_shown(const struct table *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_columns; i++)
        n += t->columns[i].is_shown;
    return n;
}

/** What a column takes when no text is wider than @most. */
static size_t
width_of(const struct column *c, size_t most)
{
    if (c->is_essential && most < ESSENTIAL)
        most = ESSENTIAL;
    bool is_cut = !c->is_whole && !c->is_person && c->width > most;
    return is_cut ? most : c->width;
}

/** The table's width then. */
static size_t
total_width(const struct table *t, size_t most)
{
    size_t total = 0;
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        if (c->is_shown)
            total += GAP + width_of(c, most);
    }
    return total > GAP ? total - GAP : 0;
}

/** The least important column that is shown, or of those the constant ones; NULL without any. */
static struct column *
least_important(const struct table *t, bool constant)
{
    struct column *found = NULL;
    for (size_t i = 0; i < t->n_columns; i++) {
        struct column *c = &t->columns[i];
        if (c->is_shown && (c->is_constant || !constant) &&
            (!found || rank_of(c) >= rank_of(found)))
            found = c;
    }
    return found;
}

/** The most columns that a text may take, so that the table fits; 0 where none is few enough. */
static size_t
most_for_texts(const struct print *p, const struct table *t)
{
    size_t most = p->columns;
    while (most > LEAST && total_width(t, most) > p->columns)
        most--;
    return total_width(t, most) <= p->columns ? most : 0;
}

/**
 * Takes columns out until the table fits: what is the same in all rows first, then, unless all is
 * to be shown, the least important. Returns the most columns that a text may take; 0 where rows
 * have to be records.
 */
static size_t
fit_terminal(const struct print *p, const struct table *t)
{
    struct column *c;
    while (total_width(t, p->columns) > p->columns && count_shown(t) > 1 &&
           (c = least_important(t, true)))
        c->is_shown = false;
    if (p->full)
        return total_width(t, SIZE_MAX) <= p->columns ? p->columns : 0;
    while (total_width(t, READABLE) > p->columns && count_shown(t) > KEPT)
        least_important(t, false)->is_shown = false;
    size_t most = most_for_texts(p, t);
    for (size_t i = 0; !most && i < t->n_columns; i++)
        t->columns[i].is_person = false;
    return most ? most : most_for_texts(p, t);
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

static int
cut_texts(struct arena *a, struct table *t, size_t most)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        struct column *c = &t->columns[i];
        if (!c->is_shown || width_of(c, most) == c->width)
            continue;
        c->width = width_of(c, most);
        if (!(c->heading = cut_to_width(a, c->heading, c->width)))
            return -1;
        for (size_t row = 0; row < t->n_rows; row++)
            if (!(*cell_at(t, row, i) = cut_to_width(a, *cell_at(t, row, i), c->width)))
                return -1;
    }
    return 0;
}

/* Printing. */

/** What stands in a row of the table: the headings, or @row's cells. */
static const char *
text_at(const struct table *t, size_t row, size_t i, bool headings)
{
    return headings ? t->columns[i].heading : *cell_at(t, row, i);
}

/** A cell; what its field highlights stands out. */
static void
put_cell(const struct print *p, const struct table *t, size_t row, const struct column *c,
         const char *text)
{
    const char *name = c->field->option->highlights;
    const struct schema_field *f = name ? schema_find_field(schema_of(t->rows[row]), name) : NULL;
    const char *part =
        f && p->colour && !display_turns(text) ? message_string(t->rows[row], f) : NULL;
    const char *at = part && *part ? strstr(text, part) : NULL;
    if (!at) {
        cell_put(p, text);
        return;
    }
    fprintf(p->file, "%.*s", (int)(at - text), text);
    cell_bold(p);
    fputs(part, p->file);
    cell_plain(p);
    fputs(at + strlen(part), p->file);
}

/** A line without blanks at its end. */
static void
print_row_line(const struct print *p, const struct table *t, size_t row, bool headings)
{
    size_t owed = 0;
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        const char *text = text_at(t, row, i, headings);
        size_t width = display_width(text, strlen(text)), blank = c->width - width;
        if (!c->is_shown)
            continue;
        if (*text) {
            fprintf(p->file, "%*s", (int)(owed + (c->is_number ? blank : 0)), "");
            if (headings) {
                cell_bold(p);
                cell_put(p, text);
                cell_plain(p);
            } else {
                put_cell(p, t, row, c, text);
            }
            owed = c->is_number ? GAP : blank + GAP;
        } else {
            owed += c->width + GAP;
        }
    }
    fputc('\n', p->file);
}

/** What the columns that were taken out have in all rows, and which others are missing. */
static int
print_left_out(struct arena *a, const struct print *p, const struct table *t)
{
    const char *same = "", *missing = "";
    for (size_t i = 0; same && missing && i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        if (c->is_shown || c->is_empty)
            continue;
        if (c->is_constant)
            same =
                arena_print(a, "%s%s%s: %s", same, *same ? "; " : "", c->title, *cell_at(t, 0, i));
        else
            missing = arena_print(a, "%s%s%s", missing, *missing ? ", " : "", c->title);
    }
    if (same && *same)
        same = arena_print(a, _("in all rows: %s"), same);
    if (missing && *missing)
        missing = arena_print(a, _("not shown: %s"), missing);
    if (!same || !missing)
        return -1;
    if (*same)
        display_wrap(p->file, same, 0, p->columns);
    if (*missing)
        display_wrap(p->file, missing, 0, p->columns);
    return 0;
}

static int
print_rows(struct arena *a, const struct print *p, const struct table *t)
{
    print_row_line(p, t, 0, true);
    for (size_t row = 0; row < t->n_rows; row++)
        print_row_line(p, t, row, false);
    return p->terminal ? print_left_out(a, p, t) : 0;
}

/** Each row as a record, with everything that it has. */
static int
print_records(struct arena *a, const struct print *p, const struct table *t)
{
    size_t widest = 0;
    for (size_t i = 0; i < t->n_columns; i++) {
        size_t width = display_width(t->columns[i].title, strlen(t->columns[i].title));
        if (!t->columns[i].is_empty && width > widest)
            widest = width;
    }
    for (size_t row = 0; row < t->n_rows; row++) {
        fputs(row ? "\n" : "", p->file);
        for (size_t i = 0; i < t->n_columns; i++)
            if (**cell_at(t, row, i) &&
                record_line(a, p, widest, t->columns[i].title, *cell_at(t, row, i)) < 0)
                return -1;
    }
    return 0;
}

static int
print_on_terminal(struct arena *a, const struct print *p, struct table *t)
{
    bool is_empty = true;
    for (size_t i = 0; i < t->n_columns; i++) {
        t->columns[i].is_shown = !t->columns[i].is_empty;
        is_empty = is_empty && t->columns[i].is_empty;
    }
    if (is_empty)
        t->columns[0].is_shown = true; /* there are rows, with nothing in them */
    size_t most = fit_terminal(p, t);
    if (most == 0)
        return print_records(a, p, t);
    return cut_texts(a, t, most) < 0 ? -1 : print_rows(a, p, t);
}

int
print_table(struct arena *a, const struct print *p, const struct schema_message *m,
            ProtobufCMessage *const *rows, size_t n, struct status *e)
{
    struct table t = {.n_rows = n, .rows = rows};
    t.columns = arena_alloc(a, (m->pb.n_fields + 1) * sizeof *t.columns);
    if (m->pb.n_fields == 0)
        return 0;
    t.n_columns = t.columns ? choose_columns(m, t.columns) : 0;
    if (t.n_columns && n < SIZE_MAX / sizeof(char *) / t.n_columns)
        t.cells = arena_alloc(a, n * t.n_columns * sizeof(char *));
    if (!t.cells || fill_cells(a, p, &t, rows) < 0)
        return failure_memory(e);
    for (size_t i = 0; i < t.n_columns; i++)
        look_at(a, &t, i);
    if ((p->terminal ? print_on_terminal(a, p, &t) : print_rows(a, p, &t)) < 0)
        return failure_memory(e);
    return 0;
}
