#include "client/output/cell.h"

#include <string.h>

#include "client/base/i18n.h"
#include "client/output/display.h"
#include "client/output/moment.h"
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

time_t
cell_moment(const ProtobufCMessage *timestamp)
{
    const struct schema_field *seconds = schema_find_field(schema_of(timestamp), "seconds");
    return (time_t)message_integer(timestamp, seconds, 0);
}

/** A time: on a terminal as seen from now where that is enough, else exactly; for programs ISO. */
static const char *
time_cell(struct arena *a, const struct print *p, const ProtobufCMessage *t, bool exact)
{
    if (!p->terminal)
        return moment_iso(a, cell_moment(t), p->utc);
    return exact || p->full ? moment_exact(a, cell_moment(t), p->utc)
                            : moment_ago(a, cell_moment(t), p->now);
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

/** The reader's word for a code, or for a word of any language; the value where it is neither. */
static const char *
word_for(const struct schema_field *f, const char *list, const char *value)
{
    const char *code = f->option->any_language ? dictionary_code(list, value) : value;
    return code ? dictionary_word(list, code) : value;
}

/** The value's label in its place, or before it; else the dictionary's word, if there is one. */
static const char *
labelled(struct arena *a, const struct print *p, const ProtobufCMessage *message,
         const struct schema_field *f, const char *value, const char *list)
{
    const char *label =
        p->labels && f->option->refers ? labels_find(p->labels, message, f, value) : NULL;
    if (!label)
        return list ? word_for(f, list, value) : value;
    return p->both ? arena_print(a, "%s <%s>", label, value) : label;
}

/** The dictionary's list that the values of a field are of; NULL: of none. */
static const char *
words_of(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f)
{
    if (!f->option->words_by)
        return f->option->words;
    const struct schema_field *by = schema_find_field(schema_of(message), f->option->words_by);
    const char *list = by ? message_string(message, by) : NULL;
    /* Of a reference, deal/7, its kind. */
    return list ? arena_print(a, "%.*s", (int)strcspn(list, "/"), list) : NULL;
}

/** The value of what is called @name, in the dictionary's words where it has a list for it. */
static const char *
named_value(const ProtobufCMessage *message, const char *name, const char *value)
{
    const struct schema_field *object = schema_find_field(schema_of(message), "object");
    bool state = strcmp(name, "state") == 0 && object;
    return dictionary_word(state ? message_string(message, object) : name, value);
}

/**
 * A text such as "stage: new → won; owner: …" with its names, and values that are codes, in the
 * reader's words. What somebody wrote may have the same marks: a name is what @list has.
 */
static const char *
named_text(struct arena *a, const ProtobufCMessage *message, const char *list, const char *text)
{
    static const char arrow[] = " → ";
    const char *all = "";
    for (char *rest = arena_copy(a, text, strlen(text)); all && rest && *rest;) {
        char *colon = strstr(rest, ": "), *end = NULL, *next = NULL;
        char *name = colon ? arena_copy(a, rest, (size_t)(colon - rest)) : NULL;
        const char *title = name ? dictionary_word(list, name) : NULL;
        if (!title || title == name)
            return arena_print(a, "%s%s", all, rest);
        for (end = strstr(colon, "; "); end; end = strstr(end + 1, "; ")) {
            const char *behind = strstr(end, ": ");
            char *other = behind ? arena_copy(a, end + 2, (size_t)(behind - end) - 2) : NULL;
            if (!other || dictionary_word(list, other) != other)
                break;
        }
        if (end) {
            *end = '\0';
            next = end + 2;
        }
        char *value = colon + 2, *to = strstr(value, arrow);
        if (to) {
            *to = '\0';
            to += sizeof arrow - 1;
        }
        all = arena_print(a, "%s%s%s%s%s%s%s", all, title, _(": "),
                          named_value(message, name, value), to ? arrow : "",
                          to ? named_value(message, name, to) : "", next ? _("; ") : "");
        rest = next;
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
        return schema_is_timestamp(f->message) ? time_cell(a, p, child, f->option->exact)
                                               : message_cell(a, p, child);
    }
    if (f->pb->type == PROTOBUF_C_TYPE_BOOL)
        return message_integer(message, f, index) ? _("yes") : _("no");
    const char *text = json_text(a, message, f, index);
    if (text && p->terminal)
        text = f->option->names ? named_text(a, message, f->option->names, text)
                                : labelled(a, p, message, f, text, words_of(a, message, f));
    return text ? display_clean(a, text, DISPLAY_ONE_LINE) : NULL;
}

/** On a terminal the company of a person of another one stands behind the address. */
static const char *
add_company(struct arena *a, const ProtobufCMessage *message, const struct schema_field *f,
            const char *person)
{
    const char *name = arena_print(a, "%s_company", f->pb->name);
    const struct schema_field *g = name ? schema_find_field(schema_of(message), name) : NULL;
    const char *company = g ? message_string(message, g) : NULL;
    const char *clean = company ? display_clean(a, company, DISPLAY_ONE_LINE) : NULL;
    if (!name || (company && !clean))
        return NULL;
    return clean ? arena_print(a, "%s (%s)", person, clean) : person;
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
    bool person = p->terminal && f->pb->type == PROTOBUF_C_TYPE_STRING;
    return all && *all && person ? add_company(a, message, f, all) : all;
}

bool
cell_is_number(const char *s, bool unit)
{
    s += *s == '-' || *s == '+';
    size_t whole = strspn(s, "0123456789"), point = s[whole] == '.';
    size_t digits = whole + point + (point ? strspn(s + whole + 1, "0123456789") : 0);
    const char *behind = s + digits;
    if (!*behind)
        return digits > point;
    return unit && whole > 0 && *behind == ' ' && strlen(behind) == 4 &&
           strspn(behind + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

void
cell_put(const struct print *p, const char *text)
{
    bool turns = p->terminal && display_turns(text);
    fprintf(p->file, "%s%s%s", turns ? DISPLAY_ISOLATE : "", text,
            turns ? DISPLAY_ISOLATE_END : "");
}

void
cell_bold(const struct print *p)
{
    if (p->colour)
        fputs("\033[1m", p->file);
}

void
cell_plain(const struct print *p)
{
    if (p->colour)
        fputs("\033[m", p->file);
}
