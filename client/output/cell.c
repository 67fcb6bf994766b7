#include "client/output/cell.h"

#include <string.h>

#include "client/base/i18n.h"
#include "client/output/display.h"
#include "client/words/dictionary.h"
#include "common/json_text.h"

const char *
cell_title(struct arena *a, const struct schema_field *f)
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
        const char *one = cell_text(a, p, message, schema_field_at(m, i));
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
    if (text && p->terminal && f->option->words)
        text = dictionary_word(f->option->words, text);
    return text ? display_clean(a, text, DISPLAY_ONE_LINE) : NULL;
}

const char *
cell_text(struct arena *a, const struct print *p, const ProtobufCMessage *message,
          const struct schema_field *f)
{
    const char *all = "";
    for (size_t i = 0; all && i < message_count(message, f); i++) {
        const char *one = value_cell(a, p, message, f, i);
        all = one && i ? arena_print(a, "%s, %s", all, one) : one;
    }
    return all;
}
