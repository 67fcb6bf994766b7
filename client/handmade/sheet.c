#include "client/handmade/sheet.h"

#include <stdio.h>
#include <string.h>

#include "client/base/encoding.h"
#include "client/base/failure.h"
#include "client/base/i18n.h"
#include "client/base/input.h"
#include "client/output/print_csv.h"
#include "client/run/csv.h"
#include "client/run/json_rows.h"
#include "common/text.h"

enum {
    FILE_BYTES = 256 << 20,
    /** No field takes as much; behind a quote that was not closed comes all of the file. */
    CELL_BYTES = 1 << 20,
};

int
sheet_open(struct sheet *ret, struct arena *a, const char *path, const char *encoding,
           struct status *e)
{
    const char *taken;
    char *raw;
    *ret = (struct sheet){.arena = a, .path = path};
    if (input_read(a, path, FILE_BYTES, &raw, &ret->size, e) < 0 ||
        encoding_read(a, raw, &ret->size, encoding, &ret->text, &taken, e) < 0)
        return -1;
    if (strcmp(taken, "UTF-8") != 0)
        fprintf(stderr, _("read as %s\n"), taken);
    ret->is_json = json_rows_are(ret->text);
    ret->separator = csv_separator(ret->text);
    if (!ret->is_json && ret->separator != ',')
        fprintf(stderr, _("columns are separated by %s\n"),
                ret->separator == '\t' ? _("tabs") : _("semicolons"));
    return 0;
}

static int
fail_line(struct status *e, const char *template, size_t line)
{
    return status_set(e, STATUS_INVALID_ARGUMENT, template, line);
}

static int
read_header(struct sheet *s, struct csv *csv, struct status *e)
{
    enum csv_end end = CSV_CELL;
    char *heading;
    while (end == CSV_CELL) {
        if ((end = csv_cell(csv, &heading)) == CSV_BROKEN)
            return fail_line(e, _("line %zu is no line of CSV"), 1);
        if (s->n_columns == SHEET_MOST_COLUMNS)
            return status_set(e, STATUS_INVALID_ARGUMENT, _("line 1 has more than %d columns"),
                              SHEET_MOST_COLUMNS);
        s->columns[s->n_columns++].heading = heading;
    }
    return 0;
}

/** What fits into memory as text may not do so as cells: some lines may be all separators. */
static int
fail_room(const struct sheet *s, struct status *e)
{
    return status_set(
        e, STATUS_FAILED_HERE,
        _("%s has more cells than there is memory for; leave out columns that are not "
          "needed, or import it in several files"),
        s->path);
}

/** The cells of a line; fewer than there are columns are followed by empty ones. */
static int
read_row(struct sheet *s, struct csv *csv, struct sheet_row *row, struct status *e)
{
    enum csv_end end = CSV_CELL;
    char *cell;
    size_t n = 0;
    row->line = csv->line;
    row->cells = arena_alloc(s->arena, s->n_columns * sizeof *row->cells);
    if (!row->cells)
        return fail_room(s, e);
    while (end == CSV_CELL) {
        if ((end = csv_cell(csv, &cell)) == CSV_BROKEN)
            return fail_line(e, _("line %zu is no line of CSV"), row->line);
        if (strlen(cell) > CELL_BYTES)
            return fail_line(
                e, _("line %zu has a cell of more than 1 MiB; is a quote not closed there?"),
                row->line);
        if (n < s->n_columns)
            row->cells[n++] = cell;
        else if (*cell)
            return fail_line(e, _("line %zu has more cells than line 1"), row->line);
    }
    while (n < s->n_columns)
        row->cells[n++] = "";
    return 0;
}

static bool
is_empty(const struct sheet *s, const struct sheet_row *row)
{
    for (size_t i = 0; i < s->n_columns; i++)
        if (!text_is_blank(row->cells[i]))
            return false;
    return true;
}

/* JSON: the names of members are headings, in the order in which they come. */

static int
find_member(struct sheet *s, const char *name)
{
    for (size_t i = 0; i < s->n_columns; i++)
        if (strcmp(s->columns[i].heading, name) == 0)
            return (int)i;
    return -1;
}

static int
take_heading(void *arg, const char *name, const char *value)
{
    struct sheet *s = arg;
    (void)value;
    if (find_member(s, name) >= 0 || s->n_columns > SHEET_MOST_COLUMNS)
        return 0;
    if (s->n_columns < SHEET_MOST_COLUMNS &&
        !(s->columns[s->n_columns].heading = arena_copy(s->arena, name, strlen(name))))
        return -1;
    s->n_columns++;
    return 0;
}

static int
take_value(void *arg, const char *name, const char *value)
{
    struct sheet *s = arg;
    const char *copy = arena_copy(s->arena, value, strlen(value));
    s->rows[s->n_rows].cells[find_member(s, name)] = copy;
    return copy ? 0 : -1;
}

static int
fail_json(const struct sheet *s, const struct json_rows *j, enum json_rows_found found,
          struct status *e)
{
    if (found == JSON_ROWS_SHORT)
        return fail_room(s, e);
    return fail_line(e, _("line %zu: there should be an array of objects, [{…}, {…}]"), j->line);
}

/** What the columns are, and how many rows there are. */
static int
read_members(struct sheet *s, size_t *n_rows, struct status *e)
{
    struct json_rows j = json_rows_begin(s->text, s->size);
    enum json_rows_found found;
    for (*n_rows = 0; (found = json_rows_next(&j, take_heading, s)) == JSON_ROWS_ROW; ++*n_rows)
        if (*j.wrong)
            return status_set(
                e, STATUS_INVALID_ARGUMENT,
                _("line %zu, %s: there should be a text or a number, no object and no array"),
                j.row_line, j.wrong);
    if (found != JSON_ROWS_END)
        return fail_json(s, &j, found, e);
    if (s->n_columns > SHEET_MOST_COLUMNS)
        return status_set(e, STATUS_INVALID_ARGUMENT,
                          _("the objects have more than %d different members"), SHEET_MOST_COLUMNS);
    return 0;
}

static int
read_objects(struct sheet *s, struct status *e)
{
    struct json_rows j = json_rows_begin(s->text, s->size);
    enum json_rows_found found = JSON_ROWS_ROW;
    size_t n;
    if (read_members(s, &n, e) < 0)
        return -1;
    if (!(s->rows = arena_alloc(s->arena, (n + 1) * sizeof *s->rows)))
        return fail_room(s, e);
    while (n-- > 0) {
        struct sheet_row *row = &s->rows[s->n_rows];
        if (!(row->cells = arena_alloc(s->arena, s->n_columns * sizeof *row->cells)))
            return fail_room(s, e);
        for (size_t i = 0; i < s->n_columns; i++)
            row->cells[i] = "";
        if ((found = json_rows_next(&j, take_value, s)) != JSON_ROWS_ROW)
            return fail_json(s, &j, found, e);
        row->line = j.row_line;
        s->n_rows += !is_empty(s, row);
    }
    return 0;
}

static int
read_lines(struct sheet *s, struct status *e)
{
    struct csv csv = {s->text, 1, s->separator};
    size_t room = 2;
    for (const char *p = s->text; (p = strpbrk(p, "\r\n")); p += strspn(p, "\r\n"))
        room++;
    if (read_header(s, &csv, e) < 0)
        return -1;
    if (!(s->rows = arena_alloc(s->arena, room * sizeof *s->rows)))
        return fail_room(s, e);
    while (*csv.at) {
        if (strchr("\r\n", *csv.at)) {
            csv.line += *csv.at++ == '\n';
            continue;
        }
        if (read_row(s, &csv, &s->rows[s->n_rows], e) < 0)
            return -1;
        s->n_rows += !is_empty(s, &s->rows[s->n_rows]);
    }
    return 0;
}

int
sheet_read(struct sheet *s, struct status *e)
{
    if ((s->is_json ? read_objects(s, e) : read_lines(s, e)) < 0)
        return -1;
    return s->n_rows ? 0 : status_set(e, STATUS_INVALID_ARGUMENT, _("%s has no rows"), s->path);
}

const char *
sheet_heading(const struct sheet *s, const char *field)
{
    for (size_t i = 0; i < s->n_columns; i++)
        if (s->columns[i].is.field && strcmp(s->columns[i].is.field->pb->name, field) == 0)
            return s->columns[i].heading;
    return field;
}

/* Cells. */

const char *
sheet_without_apostrophe(const char *cell)
{
    return *cell == '\'' && print_csv_is_formula(cell + strspn(cell, "'")) ? cell + 1 : cell;
}

const char *
sheet_trimmed(struct arena *a, const char *cell)
{
    size_t before = strspn(cell, " \t"), n = strlen(cell + before);
    while (n > 0 && strchr(" \t", cell[before + n - 1]))
        n--;
    return before || cell[before + n] ? arena_copy(a, cell + before, n) : cell;
}

char *
sheet_one_line(struct arena *a, const char *cell)
{
    char *line = arena_copy(a, cell, strlen(cell));
    size_t to = 0;
    for (size_t i = 0; line && line[i]; i++) {
        bool is_break = strchr("\r\n\t", line[i]) != NULL;
        if (!is_break || (to > 0 && line[to - 1] != ' '))
            line[to++] = is_break ? ' ' : line[i];
    }
    if (line)
        line[to] = 0;
    return line;
}
