/**
 * `jiayi api`: every method of the server, out of the schema that the server itself gives.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/base/input.h"
#include "client/handmade/handmade.h"
#include "client/output/display.h"
#include "client/run/pages.h"
#include "client/run/replay.h"
#include "client/run/session.h"
#include "client/run/version.h"
#include "common/json.h"
#include "common/wire.h"

enum {
    NAME_INDENT = 6,
    /** The most JSON that is read; what becomes of it may have CALL_MAX_BYTES. */
    JSON_BYTES = 16 << 20,
};

static void
free_schema(void *schema)
{
    schema_free(schema);
}

/** A schema of the packed @set, which goes with the client's arena. NULL with @e set. */
static struct schema *
load_schema(struct client *c, const struct profile_schema *from, struct status *e)
{
    const struct schema_message *type =
        schema_find_message(c->schema, "google.protobuf.FileDescriptorSet");
    if (!type || from->size == 0 || wire_check(type, from->set, from->size, e) < 0) {
        status_set(e, STATUS_INTERNAL, "%s", _("the server's answer is malformed"));
        return NULL;
    }
    struct schema *s = schema_load(from->set, from->size, e);
    if (s && arena_defer(c->arena, free_schema, s) < 0) {
        failure_memory(e);
        return NULL;
    }
    return s;
}

/** What the bytes field @name of the answer has; no bytes where it is not there. */
static ProtobufCBinaryData
answered_bytes(const ProtobufCMessage *answer, const char *name)
{
    const struct schema_field *f = schema_find_field(schema_of(answer), name);
    return f && message_has(answer, f) ? *(const ProtobufCBinaryData *)message_value(answer, f, 0)
                                       : (ProtobufCBinaryData){0};
}

/** Asks the server for its schema, unless it is still the @known one. An older server gives all. */
static int
ask_schema(struct client *c, const struct profile_schema *known, struct profile_schema *ret,
           struct status *e)
{
    const struct schema_method *reflect = schema_find_method(c->schema, "ServerService/GetSchema");
    ProtobufCMessage *request = reflect ? message_new(c->arena, reflect->in) : NULL;
    const struct schema_field *f = reflect ? schema_find_field(reflect->in, "known_sha256") : NULL;
    ProtobufCBinaryData sha256 = {PROFILE_SHA256_BYTES, (uint8_t *)known->sha256};
    if (!request || !f || (known->size > 0 && message_put(c->arena, request, f, &sha256) < 0))
        return failure_memory(e);
    ProtobufCMessage *answer = session_call(c, reflect, request, e);
    if (!answer)
        return -1;
    ProtobufCBinaryData set = answered_bytes(answer, "file_descriptor_set");
    sha256 = answered_bytes(answer, "sha256");
    *ret = (struct profile_schema){.set = set.data, .size = set.len};
    if (sha256.len == PROFILE_SHA256_BYTES)
        ret->sha256 = sha256.data;
    return 0;
}

/** The server's schema, kept with the profile. */
static struct schema *
fetch_schema(struct client *c, struct status *e)
{
    struct profile_schema new = {0}, none = {0};
    struct status ignored;
    if (session_open(c, e) < 0)
        return NULL;
    struct profile_schema known = profile_load_schema(c->arena, &c->profile);
    struct schema *kept = known.size > 0 ? load_schema(c, &known, &ignored) : NULL;
    if (ask_schema(c, kept ? &known : &none, &new, e) < 0)
        return NULL;
    if (new.size == 0 && kept)
        return kept;
    struct schema *s = load_schema(c, &new, e);
    if (s && new.sha256)
        profile_save_schema(c->arena, &c->profile, &new);
    return s;
}

static const char *
bare_name(const struct schema_method *m)
{
    const char *slash = strchr(m->short_name, '/');
    return slash ? slash + 1 : m->short_name;
}

/** The method in full, without its package, or by its bare name. */
static const struct schema_method *
find_asked_method(struct client *c, const struct schema *s, struct status *e)
{
    const char *name = parse_value(&c->parsed, "METHOD");
    const struct schema_method *found = schema_find_method(s, name);
    const char **names = arena_alloc(c->arena, (2 * s->n_methods + 1) * sizeof(char *));
    for (size_t i = 0; names && i < s->n_methods; i++) {
        if (!found && strcmp(bare_name(&s->methods[i]), name) == 0)
            found = &s->methods[i];
        names[2 * i] = s->methods[i].short_name;
        names[2 * i + 1] = bare_name(&s->methods[i]);
    }
    if (!names) {
        failure_memory(e);
        return NULL;
    }
    if (found)
        return found;
    const char *near = command_nearest(name, names, 2 * s->n_methods);
    if (near)
        status_set(e, STATUS_USAGE, _("the server has no method %s; did you mean %s?"), name, near);
    else
        status_set(e, STATUS_USAGE, _("the server has no method %s; `jiayi api list` lists them"),
                   name);
    return NULL;
}

static const char *
kind_name(const struct schema_method *m)
{
    static const char *const names[] = {"READ", "WRITE", "HEAVY"};
    return m->option->kind < 3 ? names[m->option->kind] : "";
}

/* List. */

static json_t *
method_json(const struct schema_method *m)
{
    return json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s, s:s, s:s}", "method", m->name, "kind",
                     kind_name(m), "permission", m->option->permission, "command",
                     m->option->command, "example", m->option->example, "request", m->in->pb.name,
                     "response", m->out->pb.name, "comment", m->comment);
}

static int
print_value(struct client *c, json_t *value, struct status *e)
{
    char *text = value ? json_print_value(c->arena, value, JSON_LINES, e) : NULL;
    json_decref(value);
    if (!text)
        return failure_memory(e);
    puts(text);
    return 0;
}

static int
list_json(struct client *c, const struct schema *s, struct status *e)
{
    json_begin();
    json_t *all = json_array();
    for (size_t i = 0; i < s->n_methods; i++)
        json_array_append_new(all, method_json(&s->methods[i]));
    return print_value(c, json_pack("{s:o}", "methods", all), e);
}

static void
clean_row(struct client *c, const char *const *cells, size_t n, const size_t *widths)
{
    for (size_t i = 0; i < n; i++) {
        char *clean = display_clean(c->arena, cells[i] ? cells[i] : "", DISPLAY_ONE_LINE);
        if (clean && i + 1 < n)
            display_pad(stdout, clean, widths[i] + 2);
        else
            puts(clean ? clean : "");
    }
}

static int
list_csv(struct client *c, const struct schema *s)
{
    puts("method,kind,permission,command");
    for (size_t i = 0; i < s->n_methods; i++) {
        const struct schema_method *m = &s->methods[i];
        char *line = arena_print(c->arena, "%s,%s,%s,%s", m->name, kind_name(m),
                                 m->option->permission ? m->option->permission : "",
                                 m->option->command ? m->option->command : "");
        char *clean = line ? display_clean(c->arena, line, DISPLAY_ONE_LINE) : NULL;
        if (clean)
            puts(clean);
    }
    return 0;
}

int
api_list(struct client *c, struct status *e)
{
    struct schema *s = fetch_schema(c, e);
    if (!s)
        return -1;
    if (c->parsed.output == OUTPUT_JSON)
        return list_json(c, s, e);
    if (c->parsed.output == OUTPUT_CSV)
        return list_csv(c, s);
    size_t widths[3] = {strlen(_("METHOD")), strlen("WRITE"), strlen(_("PERMISSION"))};
    for (size_t i = 0; i < s->n_methods; i++) {
        const struct schema_method *m = &s->methods[i];
        size_t name = strlen(m->short_name),
               permission = m->option->permission ? strlen(m->option->permission) : 0;
        widths[0] = name > widths[0] ? name : widths[0];
        widths[2] = permission > widths[2] ? permission : widths[2];
    }
    clean_row(c, (const char *[]){_("METHOD"), _("KIND"), _("PERMISSION"), _("COMMAND")}, 4,
              widths);
    for (size_t i = 0; i < s->n_methods; i++) {
        const struct schema_method *m = &s->methods[i];
        clean_row(c,
                  (const char *[]){m->short_name, kind_name(m), m->option->permission,
                                   m->option->command},
                  4, widths);
    }
    return 0;
}

/* Show. */

static const char *
shown_type(const struct schema_field *f)
{
    static const char *const names[] = {
        [PROTOBUF_C_TYPE_INT32] = "int32",    [PROTOBUF_C_TYPE_SINT32] = "int32",
        [PROTOBUF_C_TYPE_SFIXED32] = "int32", [PROTOBUF_C_TYPE_INT64] = "int64",
        [PROTOBUF_C_TYPE_SINT64] = "int64",   [PROTOBUF_C_TYPE_SFIXED64] = "int64",
        [PROTOBUF_C_TYPE_UINT32] = "uint32",  [PROTOBUF_C_TYPE_FIXED32] = "uint32",
        [PROTOBUF_C_TYPE_UINT64] = "uint64",  [PROTOBUF_C_TYPE_FIXED64] = "uint64",
        [PROTOBUF_C_TYPE_FLOAT] = "float",    [PROTOBUF_C_TYPE_DOUBLE] = "double",
        [PROTOBUF_C_TYPE_BOOL] = "bool",      [PROTOBUF_C_TYPE_STRING] = "string",
        [PROTOBUF_C_TYPE_BYTES] = "bytes",
    };
    if (f->message)
        return f->message->pb.short_name;
    if (f->pb->type == PROTOBUF_C_TYPE_ENUM)
        return ((const ProtobufCEnumDescriptor *)f->pb->descriptor)->short_name;
    return names[f->pb->type];
}

static const char *
format_name(const struct schema_field *f)
{
    const ProtobufCEnumValue *v =
        protobuf_c_enum_descriptor_get_value(&jiayi__v1__format__descriptor,
                                             (int)f->option->format);
    return v && f->option->format ? v->name : NULL;
}

/** What the options say of a field, as words: "required, EMAIL, at most 254 characters". */
static const char *
rules_of(struct arena *a, const struct schema_field *f, bool is_request)
{
    const Jiayi__V1__FieldOption *o = f->option;
    const char *all = "";
    bool text = f->pb->type == PROTOBUF_C_TYPE_STRING || f->pb->type == PROTOBUF_C_TYPE_BYTES;
    if (o->required)
        all = arena_print(a, "%s", _("required"));
    if (o->secret)
        all = arena_print(a, "%s%s%s", all, *all ? ", " : "", _("secret"));
    if (format_name(f))
        all = arena_print(a, "%s%s%s", all, *all ? ", " : "", format_name(f));
    for (size_t i = 0; i < o->n_choices; i++)
        all = arena_print(a, i ? "%s|%s%s" : *all ? "%s, %s%s" : "%s%s%s", all, o->choices[i], "");
    if (is_request && text && !o->n_choices)
        all = arena_print(a, "%s%s%d–%d %s", all, *all ? ", " : "", o->min_length, o->max_length,
                          _("characters"));
    if (o->has_minimum)
        all = arena_print(a, "%s%s≥ %lld", all, *all ? ", " : "", (long long)o->minimum);
    if (o->has_maximum)
        all = arena_print(a, "%s%s≤ %lld", all, *all ? ", " : "", (long long)o->maximum);
    return all;
}

static void
show_fields(struct client *c, const struct schema_message *m, size_t indent, bool is_request)
{
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = schema_field_at(m, i);
        const char *rules = rules_of(c->arena, f, is_request);
        const char *head = arena_print(c->arena, "%s %s%s%s%s%s", f->pb->name,
                                       f->pb->label == PROTOBUF_C_LABEL_REPEATED ? "repeated " : "",
                                       shown_type(f), *rules ? " (" : "", rules, *rules ? ")" : "");
        char *line = head ? display_clean(c->arena, head, DISPLAY_ONE_LINE) : NULL;
        char *comment = display_clean(c->arena, f->comment, DISPLAY_ONE_LINE);
        printf("%*s%s\n", (int)indent, "", line ? line : "");
        if (comment && *comment) {
            printf("%*s", (int)indent + 4, "");
            display_wrap(stdout, comment, indent + 4, display_columns(stdout));
        }
        if (f->message && !schema_is_timestamp(f->message))
            show_fields(c, f->message, indent + NAME_INDENT, is_request);
    }
}

static json_t *
field_json(const struct schema_field *f, bool is_request)
{
    const Jiayi__V1__FieldOption *o = f->option;
    bool text = f->pb->type == PROTOBUF_C_TYPE_STRING || f->pb->type == PROTOBUF_C_TYPE_BYTES;
    json_t *value =
        json_pack("{s:s, s:s, s:b, s:s}", "name", f->pb->name, "type", shown_type(f), "repeated",
                  f->pb->label == PROTOBUF_C_LABEL_REPEATED, "comment", f->comment);
    json_t *choices = json_array();
    for (size_t i = 0; i < o->n_choices; i++)
        json_array_append_new(choices, json_string(o->choices[i]));
    if (o->required)
        json_object_set_new(value, "required", json_true());
    if (o->secret)
        json_object_set_new(value, "secret", json_true());
    if (format_name(f))
        json_object_set_new(value, "format", json_string(format_name(f)));
    if (is_request && text) {
        json_object_set_new(value, "min_length", json_integer(o->min_length));
        json_object_set_new(value, "max_length", json_integer(o->max_length));
    }
    if (o->has_minimum)
        json_object_set_new(value, "minimum", json_integer(o->minimum));
    if (o->has_maximum)
        json_object_set_new(value, "maximum", json_integer(o->maximum));
    if (o->n_choices)
        json_object_set(value, "choices", choices);
    json_decref(choices);
    return value;
}

static json_t *
fields_json(const struct schema_message *m, bool is_request)
{
    json_t *all = json_array();
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = schema_field_at(m, i);
        json_t *one = field_json(f, is_request);
        if (f->message && !schema_is_timestamp(f->message))
            json_object_set_new(one, "fields", fields_json(f->message, is_request));
        json_array_append_new(all, one);
    }
    return all;
}

static void
show_message(struct client *c, const char *heading, const struct schema_message *m, bool is_request)
{
    char *comment = display_clean(c->arena, m->comment, DISPLAY_ONE_LINE);
    printf("\n%s %s", heading, m->pb.short_name);
    if (comment && *comment)
        printf(" - %s", comment);
    putchar('\n');
    if (m->pb.n_fields == 0)
        printf("  %s\n", _("(no fields)"));
    show_fields(c, m, 2, is_request);
}

int
api_show(struct client *c, struct status *e)
{
    struct schema *s = fetch_schema(c, e);
    const struct schema_method *m = s ? find_asked_method(c, s, e) : NULL;
    if (!m)
        return -1;
    if (c->parsed.output == OUTPUT_JSON) {
        json_begin();
        json_t *value = method_json(m);
        if (value) {
            json_object_set_new(value, "request_fields", fields_json(m->in, true));
            json_object_set_new(value, "response_fields", fields_json(m->out, false));
        }
        return print_value(c, value, e);
    }
    char *comment = display_clean(c->arena, m->comment, DISPLAY_ONE_LINE);
    printf("%s\n", m->name);
    display_wrap(stdout, comment ? comment : "", 0, display_columns(stdout));
    printf(_("\nkind: %s\npermission: %s\n"), kind_name(m),
           m->option->permission ? m->option->permission : "");
    if (m->option->command)
        printf(_("command: jiayi %s\n"), m->option->command);
    show_message(c, _("Request"), m->in, true);
    show_message(c, _("Response"), m->out, false);
    return 0;
}

/* Call. */

/** The name of a secret field that is set; NULL when there is none. */
static const char *
find_secret(const ProtobufCMessage *message)
{
    const struct schema_message *m = schema_of(message);
    const char *found = NULL;
    for (unsigned i = 0; !found && i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        if (f->option->secret && message_has(message, f))
            found = f->pb->name;
        else if (f->message && f->pb->label != PROTOBUF_C_LABEL_REPEATED && message_has(message, f))
            found = find_secret(message_child(message, f));
    }
    return found;
}

static ProtobufCMessage *
read_request(struct client *c, const struct schema_method *m, struct status *e)
{
    const char *given = parse_value(&c->parsed, "JSON");
    char *text = (char *)(given ? given : "{}");
    size_t size = strlen(text);
    bool from_stdin = strcmp(text, "-") == 0;
    if (from_stdin && input_read(c->arena, "-", JSON_BYTES, &text, &size, e) < 0)
        return NULL;
    ProtobufCMessage *request = json_read(c->arena, m->in, text, size, e);
    const char *secret = request && !from_stdin ? find_secret(request) : NULL;
    if (secret)
        status_field(
            e, secret, "%s",
            _("a secret must not stand on the command line, where others can see it; give the "
              "JSON on standard input: -"));
    if (!request || secret)
        failure_usage(e);
    return secret ? NULL : request;
}

int
api_call(struct client *c, struct status *e)
{
    struct schema *s = fetch_schema(c, e);
    const struct schema_method *m = s ? find_asked_method(c, s, e) : NULL;
    ProtobufCMessage *request = m ? read_request(c, m, e) : NULL, *answer;
    if (!request || !(answer = replay_call(c, m, request, e)))
        return -1;
    /* What takes JSON gives JSON. */
    struct print_options o = pages_options(c);
    if (o.output == OUTPUT_DEFAULT)
        o.output = OUTPUT_JSON;
    if (print_answer(c->arena, answer, &o, e) < 0)
        return -1;
    version_note(c, m, NULL, answer);
    return 0;
}
