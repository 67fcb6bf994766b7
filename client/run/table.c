#include "client/run/table.h"

#include <string.h>

#include "client/base/i18n.h"
#include "common/json.h"
#include "common/json_text.h"

enum { MAX_COLUMNS = 32 };

/** A place in CSV. */
struct csv {
    char *at;
    /** The line that @at is in, from 1. */
    size_t line;
};

/** What ends a cell. */
enum end { END_CELL, END_LINE, END_FILE, END_BROKEN };

/**
 * Takes a cell out: *@ret is its text, in place. What may only be before a separator is not looked
 * at: a quote that was closed, then more text, is a broken cell, and so is one that is not closed.
 */
static enum end
take_cell(struct csv *c, char **ret)
{
    char *from = c->at, *to = c->at;
    bool quoted = *from == '"';
    *ret = to;
    for (from += quoted; *from; from++) {
        if (quoted && *from == '"' && from[1] == '"')
            from++;
        else if (quoted ? *from == '"' : strchr(",\r\n", *from) != NULL)
            break;
        c->line += *from == '\n';
        *to++ = *from;
    }
    if (quoted && *from != '"')
        return END_BROKEN;
    from += quoted;
    if (*from && !strchr(",\r\n", *from))
        return END_BROKEN;
    enum end end = *from == ',' ? END_CELL : *from ? END_LINE : END_FILE;
    from += *from == '\r' && from[1] == '\n';
    c->line += end == END_LINE;
    c->at = *from ? from + 1 : from;
    *to = 0;
    return end;
}

/** The names that the columns may have, for who gave another one. */
static const char *
column_names(struct arena *a, const struct schema_message *row)
{
    const char *all = "";
    for (unsigned i = 0; all && i < row->pb.n_fields; i++)
        all = arena_print(a, "%s%s%s", all, i ? ", " : "", row->pb.fields[i].name);
    return all;
}

static int
take_header(struct arena *a, struct csv *c, const struct schema_message *row,
            const struct schema_field **columns, size_t *n, struct status *e)
{
    enum end end = END_CELL;
    char *name;
    for (*n = 0; end == END_CELL; (*n)++) {
        if (*n == MAX_COLUMNS || (end = take_cell(c, &name)) == END_BROKEN)
            return status_set(e, STATUS_INVALID_ARGUMENT, _("line 1 is no line of CSV"));
        const struct schema_field *f = schema_find_field(row, name);
        if (!f || (f->message && !schema_is_timestamp(f->message)))
            return status_set(e, STATUS_INVALID_ARGUMENT,
                              _("there is no column \"%.60s\"; line 1 names some of: %s"), name,
                              column_names(a, row));
        columns[*n] = f;
    }
    return 0;
}

static int
put_cell(struct arena *a, ProtobufCMessage *row, const struct schema_field *f, size_t line,
         const char *cell, const struct typed_here *here, struct status *e)
{
    const char *name = arena_print(a, _("line %zu, %s"), line, f->pb->name);
    const char *value = typed_value(a, f, cell, here);
    if (!name || !value)
        return failure_memory(e);
    return *cell ? json_text_put(a, row, f, name, value, strlen(value), e) : 0;
}

/** One line, which has no more cells than there are columns. */
static int
take_row(struct arena *a, struct csv *c, ProtobufCMessage *row,
         const struct schema_field *const *columns, size_t n, const struct typed_here *here,
         struct status *e)
{
    enum end end = END_CELL;
    size_t line = c->line;
    char *cell;
    for (size_t i = 0; end == END_CELL; i++) {
        end = take_cell(c, &cell);
        if (end == END_BROKEN || i == n)
            return status_set(e, STATUS_INVALID_ARGUMENT,
                              end == END_BROKEN ? _("line %zu is no line of CSV")
                                                : _("line %zu has more cells than line 1"),
                              line);
        if (put_cell(a, row, columns[i], line, cell, here, e) < 0)
            return -1;
    }
    return 0;
}

static int
put_csv(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, struct csv c,
        const struct typed_here *here, struct status *e)
{
    const struct schema_field *columns[MAX_COLUMNS];
    size_t n;
    if (take_header(a, &c, f->message, columns, &n, e) < 0)
        return -1;
    while (*c.at) {
        if (strchr("\r\n", *c.at)) {
            c.line += *c.at++ == '\n';
            continue;
        }
        ProtobufCMessage *row = message_new(a, f->message);
        if (!row || message_put(a, message, f, &row) < 0)
            return failure_memory(e);
        if (take_row(a, &c, row, columns, n, here, e) < 0)
            return -1;
    }
    return 0;
}

/** The array is read as the field of a message of the same type, so that errors name its path. */
static int
put_json(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, const char *text,
         struct status *e)
{
    const char *object = arena_print(a, "{\"%s\":%s}", f->pb->name, text);
    if (!object)
        return failure_memory(e);
    ProtobufCMessage *read = json_read(a, schema_of(message), object, strlen(object), e);
    for (size_t i = 0; read && i < message_count(read, f); i++)
        if (message_put(a, message, f, message_value(read, f, i)) < 0)
            return failure_memory(e);
    return read ? 0 : -1;
}

int
table_put(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, char *text,
          size_t size, const struct typed_here *here, struct status *e)
{
    size_t blank = strspn(text, " \t\r\n");
    if (strlen(text) != size)
        return status_set(e, STATUS_INVALID_ARGUMENT, _("the file is no text"));
    return text[blank] == '[' ? put_json(a, message, f, text, e)
                              : put_csv(a, message, f, (struct csv){text + blank, 1}, here, e);
}
