#include "common/schema.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/embed.h"
#include "common/schema_types.h"

/** What a schema may take, in bytes; ours takes about 1 MiB. */
enum { LIMIT_BYTES = 64 << 20 };

/** Where a method was declared. */
struct schema_origin {
    struct schema_file *file;
    const Google__Protobuf__MethodDescriptorProto *method;
    /** The numbers of its service in the file, and of itself in the service. */
    int32_t service, number;
};

/** A schema, and what the rest of it is made of when it is needed. */
struct loader {
    struct schema s;
    struct schema_types types;
    /** The methods of s, to be completed. */
    struct schema_method *methods;
    /** There is nothing left to be made. */
    bool is_whole;
};

static const Jiayi__V1__MethodOption no_method_option = JIAYI__V1__METHOD_OPTION__INIT;

/* Methods. */

static int
compare_method(const void *a, const void *b)
{
    return strcmp(((const struct schema_method *)a)->name, ((const struct schema_method *)b)->name);
}

/** The method of that name, in full or without the package, as far as it is completed. */
static const struct schema_method *
find_method(const struct schema *s, const char *name)
{
    const struct schema_method key = {.name = name};
    const struct schema_method *found =
        bsearch(&key, s->methods, s->n_methods, sizeof key, compare_method);
    for (size_t i = 0; !found && i < s->n_methods; i++)
        if (strcmp(s->methods[i].short_name, name) == 0)
            found = &s->methods[i];
    return found;
}

static int
read_method(struct loader *l, const struct schema_origin *o, struct schema_method *ret)
{
    const Google__Protobuf__FileDescriptorProto *head = o->file->head;
    const char *service = head->service[o->service]->name;
    struct schema_origin *origin = arena_alloc(l->types.arena, sizeof *origin);
    if (!o->method->name || !service)
        return status_set(l->types.e, STATUS_INTERNAL, "the schema has a method without a name");
    const char *package = head->package ? head->package : "", *dot = *package ? "." : "";
    ret->name = arena_print(l->types.arena, "%s%s%s/%s", package, dot, service, o->method->name);
    if (!origin || !ret->name)
        return schema_types_short(&l->types);
    ret->short_name = ret->name + strlen(package) + strlen(dot);
    *origin = *o;
    ret->origin = origin;
    ret->comment = "";
    ret->is_stream = o->method->server_streaming;
    ret->option = schema_types_option(&l->types, (const ProtobufCMessage *)o->method->options,
                                      &jiayi__v1__method_option__descriptor, &no_method_option);
    return 0;
}

/** Finds the method that each message says it is read by. */
static int
resolve_reads(struct loader *l)
{
    for (size_t i = 0; i < l->types.n_messages; i++) {
        struct schema_message *m = (struct schema_message *)l->types.messages[i];
        const struct schema_method *read =
            m->option->read && !m->read ? find_method(&l->s, m->option->read) : NULL;
        const struct schema_message *out;
        if (!read || read->option->kind != JIAYI__V1__KIND__READ)
            continue;
        if (schema_types_find(&l->types, read->origin->file, read->origin->method->output_type,
                              &out) < 0)
            return -1;
        m->read = out == m ? read : NULL;
    }
    return 0;
}

/** Makes all types that are declared, and those that turn out to be needed with them. */
static int
make_types(struct loader *l)
{
    size_t n;
    do {
        n = l->types.n_all;
        if (schema_types_make(&l->types) < 0 || resolve_reads(l) < 0)
            return -1;
        l->s.messages = l->types.messages;
        l->s.n_messages = l->types.n_messages;
    } while (n < l->types.n_all);
    return 0;
}

/** Completes a method: its comment and its types. */
static int
open_method(struct loader *l, struct schema_method *m)
{
    const struct schema_origin *o = m->origin;
    const int32_t path[] = {6, o->service, 2, o->number}; /* service, method */
    const struct schema_message *in, *out;
    if (m->in)
        return 0;
    if (schema_types_find(&l->types, o->file, o->method->input_type, &in) < 0 ||
        schema_types_find(&l->types, o->file, o->method->output_type, &out) < 0)
        return -1;
    if (!in || !out)
        return status_set(l->types.e, STATUS_INTERNAL, "the schema lacks a type of %s", m->name);
    if (make_types(l) < 0 || schema_types_check(&l->types, in) < 0 ||
        schema_types_check(&l->types, out) < 0)
        return -1;
    m->comment = schema_file_comment(l->types.arena, o->file, path, 4);
    m->in = in;
    m->out = out;
    return 0;
}

/** All methods of all files, as far as files' heads have them. */
static int
collect_methods(struct loader *l)
{
    size_t n = 0, room = 1;
    for (size_t i = 0; i < l->types.n_files; i++)
        for (size_t k = 0; k < l->types.files[i].head->n_service; k++)
            room += l->types.files[i].head->service[k]->n_method;
    l->methods = arena_alloc(l->types.arena, room * sizeof *l->methods);
    if (!l->methods)
        return schema_types_short(&l->types);
    for (size_t i = 0; i < l->types.n_files; i++)
        for (size_t k = 0; k < l->types.files[i].head->n_service; k++)
            for (size_t m = 0; m < l->types.files[i].head->service[k]->n_method; m++) {
                const struct schema_origin o = {&l->types.files[i],
                                                l->types.files[i].head->service[k]->method[m],
                                                (int32_t)k, (int32_t)m};
                if (read_method(l, &o, &l->methods[n++]) < 0)
                    return -1;
            }
    qsort(l->methods, n, sizeof *l->methods, compare_method);
    l->s.methods = l->methods;
    l->s.n_methods = n;
    return 0;
}

/* The whole. */

/** The heads of all files, and the methods. */
static int
read_set(struct loader *l, const uint8_t *set, size_t size)
{
    enum { SET_FILE = 1 };
    struct packed rest = {set, size ? set + size : set}, value;
    uint64_t tag;
    size_t room = 1;
    while (packed_field(&rest, &tag, &value))
        room++;
    l->types.files = arena_alloc(l->types.arena, room * sizeof *l->types.files);
    if (!l->types.files)
        return schema_types_short(&l->types);
    for (rest = (struct packed){set, size ? set + size : set}; rest.at < rest.end;) {
        if (!packed_field(&rest, &tag, &value) ||
            (tag == (SET_FILE << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) &&
             schema_file_read(l->types.arena, value, &l->types.files[l->types.n_files++]) < 0))
            return status_set(l->types.e, STATUS_INTERNAL, "the schema is not a FileDescriptorSet");
    }
    return collect_methods(l);
}

/** Makes all that is not made yet. */
static int
make_whole(struct loader *l)
{
    for (size_t i = 0; i < l->types.n_files; i++)
        if (schema_types_open(&l->types, &l->types.files[i]) < 0)
            return -1;
    if (make_types(l) < 0)
        return -1;
    for (size_t i = 0; i < l->s.n_methods; i++)
        if (open_method(l, &l->methods[i]) < 0)
            return -1;
    l->is_whole = true;
    return 0;
}

/** @whole: makes all of it, of a copy of @set; else its methods, of @set, which has to last. */
static struct schema *
load_set(const uint8_t *set, size_t size, bool whole, struct status *e)
{
    struct arena *a = arena_new(LIMIT_BYTES);
    struct loader *l = a ? arena_alloc(a, sizeof *l) : NULL;
    if (!l) {
        schema_types_short(&(struct schema_types){.e = e});
        arena_free(a);
        return NULL;
    }
    l->types = (struct schema_types){.arena = a, .e = e};
    l->s.set = whole ? arena_copy(a, set, size) : set;
    l->s.set_size = size;
    if (l->s.set && read_set(l, l->s.set, size) == 0 && (!whole || make_whole(l) == 0) &&
        !arena_is_short(a)) {
        l->types.e = NULL;
        return &l->s;
    }
    /* A comment or an option that there is no memory for looks like one that is not there. */
    if (arena_is_short(a))
        schema_types_short(&l->types);
    arena_free(a);
    return NULL;
}

struct schema *
schema_load(const uint8_t *set, size_t size, struct status *e)
{
    return load_set(set, size, true, e);
}

static _Noreturn void
give_up(const struct status *e)
{
    fprintf(stderr, "the program's own schema cannot be used: %s\n", e->message);
    exit(EXIT_FAILURE);
}

static struct schema *embedded;

static void
load_embedded(void)
{
    struct status e = {0};
    embedded = load_set(embed_schema[0].data, embed_schema[0].size, true, &e);
    if (!embedded)
        give_up(&e);
}

const struct schema *
schema_embedded(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_embedded);
    return embedded;
}

const struct schema *
schema_brief(void)
{
    struct status e = {0};
    const struct schema *s = load_set(embed_schema[0].data, embed_schema[0].size, false, &e);
    if (!s)
        give_up(&e);
    return s;
}

/** A brief schema is the program's own, so that only memory can be missing. */
static void
finish_schema(struct loader *l, struct schema_method *m)
{
    struct status e = {0};
    l->types.e = &e;
    if ((m ? open_method(l, m) : make_whole(l)) < 0 ||
        (arena_is_short(l->types.arena) && schema_types_short(&l->types) < 0))
        give_up(&e);
    l->types.e = NULL;
}

void
schema_open(const struct schema *s, const struct schema_method *m)
{
    struct loader *l = (struct loader *)s;
    if (!m->in)
        finish_schema(l, &l->methods[m - s->methods]);
}

const char *
schema_head(const struct schema *s, const struct schema_method *m)
{
    static const int32_t syntax[] = {12}; /* FileDescriptorProto.syntax */
    return schema_file_comment(((struct loader *)s)->types.arena, m->origin->file, syntax, 1);
}

void
schema_free(struct schema *s)
{
    if (s)
        arena_free(((struct loader *)s)->types.arena);
}

const struct schema_method *
schema_find_method(const struct schema *s, const char *name)
{
    const struct schema_method *found = find_method(s, name);
    if (found)
        schema_open(s, found);
    return found;
}

static int
compare_to_name(const void *name, const void *message)
{
    return strcmp(name, (*(const struct schema_message *const *)message)->pb.name);
}

const struct schema_message *
schema_find_message(const struct schema *s, const char *name)
{
    struct loader *l = (struct loader *)s;
    /* Which file has it is not known beforehand. */
    if (!l->is_whole)
        finish_schema(l, NULL);
    const struct schema_message *const *found =
        bsearch(name, s->messages, s->n_messages, sizeof(struct schema_message *), compare_to_name);
    return found ? *found : NULL;
}

const struct schema_field *
schema_find_field(const struct schema_message *m, const char *name)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(&m->pb, name);
    return f ? &m->fields[f - m->pb.fields] : NULL;
}

const struct schema_field *
schema_field_at(const struct schema_message *m, unsigned position)
{
    return position < m->pb.n_fields ? &m->fields[m->fields[position].declared] : NULL;
}

const struct schema_message *
schema_of(const ProtobufCMessage *message)
{
    return (const struct schema_message *)message->descriptor;
}

int
schema_is_timestamp(const struct schema_message *m)
{
    return m && strcmp(m->pb.name, "google.protobuf.Timestamp") == 0;
}
