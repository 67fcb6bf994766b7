#include "client/run/version.h"

#include <string.h>

#include "client/base/i18n.h"
#include "client/base/shown.h"
#include "client/output/print.h"

/** The field that takes the version; NULL where the command changes no version of anything. */
static const struct schema_field *
version_field(const struct command *command)
{
    return command_has_version(command) ? schema_find_field(command->method->in, "version") : NULL;
}

static bool
is_forced(const struct client *c)
{
    const char *force = parse_value(&c->parsed, "force");
    return force && strcmp(force, "true") == 0;
}

/** "deal 7": the noun of the method's command and the number. NULL where there is none. */
static const char *
object_name(struct client *c, const struct schema_method *method, const ProtobufCMessage *message,
            const struct schema_field *id)
{
    const char *words = method->option->command;
    if (!words || !id || id->pb->type == PROTOBUF_C_TYPE_STRING || !message_has(message, id))
        return NULL;
    return arena_print(c->arena, "%.*s %lld", (int)strcspn(words, " "), words,
                       (long long)message_integer(message, id, 0));
}

/** What a request is about: its first positional. */
static const char *
requested_object(struct client *c, const ProtobufCMessage *request)
{
    const struct command *command = c->parsed.command;
    const struct schema_field *id = command->n_arguments ? command_field(command->arguments) : NULL;
    return object_name(c, command->method, request, id);
}

static const char *
call_name(struct client *c, const uint8_t *request_id)
{
    char id[2 * CALL_ID_BYTES + 1];
    call_id_text(request_id, id);
    return arena_print(c->arena, "call %s", id);
}

void
version_keep(struct client *c, const ProtobufCMessage *request, const uint8_t *request_id)
{
    const struct schema_field *f = version_field(c->parsed.command);
    const char *name = f ? call_name(c, request_id) : NULL;
    if (name)
        shown_remember(c->arena, &c->profile, &(struct shown){name, message_integer(request, f, 0)},
                       1);
}

/** The version to send; below 1: none. */
static int64_t
choose_version(struct client *c, const ProtobufCMessage *request)
{
    const char *object = requested_object(c, request);
    const char *call = c->parsed.has_request_id ? call_name(c, c->parsed.request_id) : NULL;
    int64_t sent = call ? shown_version(c->arena, &c->profile, call) : -1;
    if (sent >= 0)
        return sent;
    return object ? shown_version(c->arena, &c->profile, object) : -1;
}

int
version_fill(struct client *c, ProtobufCMessage *request, struct status *e)
{
    const struct schema_field *f = version_field(c->parsed.command);
    if (!f)
        return 0;
    bool given = message_has(request, f);
    if (given && is_forced(c))
        return status_set(e, STATUS_USAGE, "%s", _("give --version or --force, not both"));
    int64_t version = given || is_forced(c) ? -1 : choose_version(c, request);
    if (version > 0 && message_put_integer(c->arena, request, f, version) < 0)
        return failure_memory(e);
    c->filled_version = version > 0;
    if (c->parsed.has_request_id)
        version_keep(c, request, c->parsed.request_id);
    return 0;
}

/** It has another noun than the command, such as a comment that was made by `deal need`. */
static bool
is_of_another_noun(struct client *c, const struct schema_method *method,
                   const ProtobufCMessage *object)
{
    const struct schema_method *read = schema_of(object)->read;
    if (!read || !method->option->command)
        return false;
    schema_open(c->schema, read);
    size_t noun = strcspn(method->option->command, " ");
    return !read->option->command || strcspn(read->option->command, " ") != noun ||
           strncmp(read->option->command, method->option->command, noun) != 0;
}

/** Adds the object to @all where it says which version it is. */
static size_t
note_object(struct client *c, const struct schema_method *method, const ProtobufCMessage *object,
            struct shown *all, size_t n)
{
    const struct schema_message *m = schema_of(object);
    const struct schema_field *version = schema_find_field(m, "version");
    const struct schema_field *id = schema_find_field(m, "id");
    bool is_versioned = version && message_has(object, version);
    const char *what = is_versioned ? object_name(c, method, object, id) : NULL;
    if (what)
        all[n++] = (struct shown){what, message_integer(object, version, 0)};
    return n;
}

void
version_note(struct client *c, const struct schema_method *method, const ProtobufCMessage *request,
             const ProtobufCMessage *answer)
{
    const char *asked = request ? requested_object(c, request) : NULL;
    const struct schema_field *list = print_list_field(schema_of(answer));
    size_t rows = list ? message_count(answer, list) : 1, n = 0;
    struct shown *all = arena_alloc(c->arena, rows * sizeof *all);
    if (!all || (list && list->message->option->brief_rows))
        return;
    for (size_t i = 0; i < rows; i++) {
        const ProtobufCMessage *row =
            list ? *(ProtobufCMessage *const *)message_value(answer, list, i) : answer;
        size_t before = n;
        n = note_object(c, method, row, all, n);
        if (asked && n > before && strcmp(asked, all[before].what) != 0 &&
            is_of_another_noun(c, method, row))
            n = before;
    }
    shown_remember(c->arena, &c->profile, all, n);
}

void
version_advise(struct client *c, const ProtobufCMessage *request, struct status *e)
{
    bool is_old = c->filled_version && e->code == STATUS_ABORTED;
    const char *object = is_old ? requested_object(c, request) : NULL;
    if (!object)
        return;
    struct status before = *e;
    size_t noun = strcspn(object, " ");
    status_set(e, before.code, _("%s: jiayi %.*s show%s (--force goes on all the same)"),
               before.message, (int)noun, object, object + noun);
}
