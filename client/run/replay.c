#include "client/run/replay.h"

#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/output/display.h"

/** The field of the answer whose value the READ's request wants for @asked; NULL for none. */
static const struct schema_field *
source_of(const struct schema_message *out, const struct schema_field *asked)
{
    const struct schema_field *same = schema_find_field(out, asked->pb->name);
    return same || asked->option->positional != 1 ? same : schema_field_at(out, 0);
}

/** The READ's request for what @kept is about; NULL without memory. */
static ProtobufCMessage *
ask_for(struct client *c, const struct schema_method *read, const ProtobufCMessage *kept)
{
    ProtobufCMessage *request = message_new(c->arena, read->in);
    for (unsigned i = 0; request && i < read->in->pb.n_fields; i++) {
        const struct schema_field *to = &read->in->fields[i],
                                  *from = source_of(schema_of(kept), to);
        bool fits = from && from->pb->type == to->pb->type && message_has(kept, from);
        if (fits && message_put(c->arena, request, to, message_value(kept, from, 0)) < 0)
            return NULL;
    }
    return request;
}

/** Whether the answer to @method has the field, where what @method did was not done before. */
static bool
answers(const struct schema_method *method, const struct schema_field *f)
{
    bool does = !f->option->only_read;
    for (size_t i = 0; !does && i < method->option->n_answers; i++)
        does = strcmp(method->option->answers[i], f->pb->name) == 0;
    return does;
}

/** What @read tells that @method answers as well, but for what was kept. 0; -1 without memory. */
static int
add_rest(struct client *c, const struct schema_method *method, ProtobufCMessage *to,
         const ProtobufCMessage *read)
{
    const struct schema_message *m = schema_of(to);
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        if (f->option->replay || !answers(method, f))
            continue;
        for (size_t k = 0; k < message_count(read, f); k++)
            if (message_put(c->arena, to, f, message_value(read, f, k)) < 0)
                return -1;
    }
    return 0;
}

/** The kept fields of the answer; a message that can be added to. NULL without memory. */
static ProtobufCMessage *
copy_kept(struct client *c, const ProtobufCMessage *kept)
{
    const struct schema_message *m = schema_of(kept);
    ProtobufCMessage *copy = message_new(c->arena, m);
    for (unsigned i = 0; copy && i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        for (size_t k = 0; k < message_count(kept, f); k++)
            if (message_put(c->arena, copy, f, message_value(kept, f, k)) < 0)
                return NULL;
    }
    return copy;
}

/** The whole answer of @method, of which @kept was kept, or that itself. */
static ProtobufCMessage *
complete(struct client *c, const struct schema_method *method, ProtobufCMessage *kept)
{
    const struct schema_method *read = method->out->read;
    struct status e = {0};
    ProtobufCMessage *request = ask_for(c, read, kept), *whole = copy_kept(c, kept);
    ProtobufCMessage *now = request && whole ? session_call(c, read, request, &e) : NULL;
    if (now && add_rest(c, method, whole, now) == 0)
        return whole;
    if (e.code == STATUS_OK)
        failure_memory(&e);
    const char *why = display_clean(c->arena, e.message, DISPLAY_ONE_LINE);
    fprintf(stderr, _("jiayi: it was done; the rest of the answer cannot be read: %s\n"),
            why ? why : e.message);
    return kept;
}

ProtobufCMessage *
replay_call(struct client *c, const struct schema_method *method, const ProtobufCMessage *request,
            struct status *e)
{
    ProtobufCMessage *answer = session_call(c, method, request, e);
    const struct schema_method *read = method->out->read;
    if (!answer || !read || !c->is_replayed)
        return answer;
    schema_open(c->schema, read);
    return complete(c, method, answer);
}
