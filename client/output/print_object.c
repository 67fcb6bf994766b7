#include "client/output/print_object.h"

#include <string.h>

#include "client/output/display.h"
#include "client/output/print_table.h"
#include "client/output/record.h"

enum {
    /** A text longer than this, or of several lines, stands below by itself. */
    LONG_BYTES = 400,
};

/** Where a field of an object is shown. */
enum part { PART_LINE, PART_TEXT, PART_TABLE, PART_NONE };

static enum part
part_of_field(const ProtobufCMessage *message, const struct schema_field *f)
{
    if (!message_has(message, f))
        return PART_NONE;
    if (f->pb->label == PROTOBUF_C_LABEL_REPEATED && f->message)
        return PART_TABLE;
    if (f->pb->label == PROTOBUF_C_LABEL_REPEATED || f->pb->type != PROTOBUF_C_TYPE_STRING)
        return PART_LINE;
    const char *text = message_string(message, f);
    return strchr(text, '\n') || strlen(text) > LONG_BYTES ? PART_TEXT : PART_LINE;
}

static size_t
widest_title(struct arena *a, const ProtobufCMessage *message)
{
    const struct schema_message *m = schema_of(message);
    size_t widest = 0;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const char *title = cell_title(a, &m->fields[i]);
        size_t width = display_width(title, strlen(title));
        if (part_of_field(message, &m->fields[i]) == PART_LINE && width > widest)
            widest = width;
    }
    return widest;
}

static int
print_field_line(struct arena *a, const struct print *p, const ProtobufCMessage *message,
                 const struct schema_field *f, size_t width)
{
    struct print line = *p;
    line.both = true;
    const char *cell = cell_text(a, &line, message, f);
    return cell ? record_line(a, p, width, cell_title(a, f), cell) : -1;
}

static void
print_heading(struct arena *a, const struct print *p, const struct schema_field *f)
{
    fputc('\n', p->file);
    cell_bold(p);
    fputs(cell_title(a, f), p->file);
    cell_plain(p);
    fputs(":\n", p->file);
}

static int
print_text(struct arena *a, const struct print *p, const ProtobufCMessage *message,
           const struct schema_field *f)
{
    char *text = display_clean(a, message_string(message, f), DISPLAY_LINES);
    if (!text)
        return -1;
    print_heading(a, p, f);
    for (char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        bool more = *end == '\n';
        *end = 0;
        cell_put(p, line);
        fputc('\n', p->file);
        end += more;
    }
    return 0;
}

static int
print_part(struct arena *a, const struct print *p, const ProtobufCMessage *message, enum part part,
           struct status *e)
{
    const struct schema_message *m = schema_of(message);
    size_t width = part == PART_LINE ? widest_title(a, message) : 0;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = schema_field_at(m, i);
        int rv = 0;
        if (part_of_field(message, f) != part)
            continue;
        if (part == PART_LINE)
            rv = print_field_line(a, p, message, f, width);
        else if (part == PART_TEXT)
            rv = print_text(a, p, message, f);
        if (rv < 0)
            return failure_memory(e);
        if (part != PART_TABLE)
            continue;
        print_heading(a, p, f);
        if (print_table(a, p, f->message, message_value(message, f, 0), message_count(message, f),
                        e) < 0)
            return -1;
    }
    return 0;
}

int
print_object(struct arena *a, const struct print *p, const ProtobufCMessage *message,
             struct status *e)
{
    struct print full = *p;
    full.full = true;
    for (enum part part = PART_LINE; part <= PART_TABLE; part++)
        if (print_part(a, &full, message, part, e) < 0)
            return -1;
    return 0;
}
