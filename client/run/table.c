#include "client/run/table.h"

#include <string.h>

#include "client/base/i18n.h"
#include "client/run/csv.h"
#include "common/json.h"
#include "common/json_text.h"

enum { MAX_COLUMNS = 32 };

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
    enum csv_end end = CSV_CELL;
    char *name;
    for (*n = 0; end == CSV_CELL; (*n)++) {
        if (*n == MAX_COLUMNS || (end = csv_cell(c, &name)) == CSV_BROKEN)
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
    enum csv_end end = CSV_CELL;
    size_t line = c->line;
    char *cell;
    for (size_t i = 0; end == CSV_CELL; i++) {
        end = csv_cell(c, &cell);
        if (end == CSV_BROKEN || i == n)
            return status_set(e, STATUS_INVALID_ARGUMENT,
                              end == CSV_BROKEN ? _("line %zu is no line of CSV")
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
                              : put_csv(a, message, f, (struct csv){text + blank, 1, ','}, here, e);
}
