#include "common/schema.h"

#include <ctype.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/embed.h"
#include "google/protobuf/descriptor.pb-c.h"

typedef Google__Protobuf__FileDescriptorSet FileSet;
typedef Google__Protobuf__FileDescriptorProto File;
typedef Google__Protobuf__DescriptorProto Type;
typedef Google__Protobuf__FieldDescriptorProto Field;
typedef Google__Protobuf__EnumDescriptorProto Enum;
typedef Google__Protobuf__SourceCodeInfo__Location Location;

enum {
    /** The number of our extensions of MethodOptions, FieldOptions and MessageOptions. */
    OPTION_TAG = 50100,
    /** What a schema may take; ours takes about 1 MiB. */
    LIMIT_BYTES = 64 << 20,
    MAX_DEPTH = 16,
    /**
     * A server's schema with more of them is no schema: types, and fields of one type at any depth.
     */
    MAX_TYPES = 4096,
    MAX_FIELDS = 10000,
};

/** A message type or an enumeration while the schema is being made. */
struct declared {
    const File *file;
    const char *name;
    const Type *type;
    const Enum *enumeration;
    struct schema_message *message;
    ProtobufCEnumDescriptor *made_enum;
    /** Once measured: its fields at any depth and itself, and how deep they go; else 0. */
    size_t n_fields;
    int height;
    /** The path to it in the file's source information. */
    int32_t path[2 * MAX_DEPTH];
    size_t n_path;
};

/** The schema in the making. */
struct loader {
    struct schema s;
    struct arena *arena;
    struct declared *all;
    size_t n_all, room;
    /** Where in its file's source information the last comment was. */
    size_t location;
    struct status *e;
};

/** A schema and the arena that everything in it lives in. */
struct owned {
    struct schema s;
    struct arena *arena;
};

static const Jiayi__V1__FieldOption no_field_option = JIAYI__V1__FIELD_OPTION__INIT;
static const Jiayi__V1__MethodOption no_method_option = JIAYI__V1__METHOD_OPTION__INIT;
static const Jiayi__V1__MessageOption no_message_option = JIAYI__V1__MESSAGE_OPTION__INIT;

static int
no_memory(struct loader *l)
{
    return status_set(l->e, STATUS_INTERNAL, "the schema takes too much memory");
}

/**
 * Our option out of the unknown fields that protobuf-c keeps of an options message. What is kept of
 * a length-delimited field begins with its length.
 */
static const void *
find_option(struct loader *l, const ProtobufCMessage *options, const ProtobufCMessageDescriptor *as,
            const void *otherwise)
{
    for (unsigned i = 0; options && i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *u = &options->unknown_fields[i];
        if (u->tag != OPTION_TAG || u->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            continue;
        size_t skip = 0;
        while (skip < u->len && u->data[skip] & 0x80)
            skip++;
        if (skip++ >= u->len)
            continue;
        const void *found =
            protobuf_c_message_unpack(as, arena_allocator(l->arena), u->len - skip, u->data + skip);
        if (found)
            return found;
    }
    return otherwise;
}

/** The comment before what @path names, with its lines joined; "" when there is none. */
static const char *
find_comment(struct loader *l, const File *file, const int32_t *path, size_t n)
{
    const Google__Protobuf__SourceCodeInfo *info = file->source_code_info;
    for (size_t i = 0; info && i < info->n_location; i++) {
        /* What is asked for next mostly stands next. */
        size_t next = (l->location + i) % info->n_location;
        const Location *at = info->location[next];
        if (at->n_path != n || memcmp(at->path, path, n * sizeof *path) != 0 ||
            !at->leading_comments)
            continue;
        l->location = next;
        char *text = arena_copy(l->arena, at->leading_comments, strlen(at->leading_comments));
        if (!text)
            return "";
        char *to = text;
        for (const char *from = at->leading_comments; *from; from++) {
            if (isspace((unsigned char)*from) && (to == text || to[-1] == ' '))
                continue;
            *to++ = isspace((unsigned char)*from) ? ' ' : *from;
        }
        while (to > text && to[-1] == ' ')
            to--;
        *to = 0;
        return text;
    }
    return "";
}

static struct declared *
find_declared(struct loader *l, const char *name)
{
    if (name && name[0] == '.')
        name++;
    for (size_t i = 0; name && i < l->n_all; i++)
        if (strcmp(l->all[i].name, name) == 0)
            return &l->all[i];
    return NULL;
}

/* Declaring: the names of all types first, for they may be used before they are declared. */

static struct declared *
declare(struct loader *l, const File *file, const struct declared *outer, const char *name)
{
    if (l->n_all == MAX_TYPES)
        return NULL;
    if (l->n_all == l->room) {
        size_t room = l->room ? 2 * l->room : 64;
        struct declared *more = arena_alloc(l->arena, room * sizeof *more);
        if (!more)
            return NULL;
        if (l->n_all)
            memcpy(more, l->all, l->n_all * sizeof *more);
        l->all = more;
        l->room = room;
    }
    const char *scope = outer ? outer->name : file->package ? file->package : "";
    struct declared *d = &l->all[l->n_all];
    *d = (struct declared){.file = file};
    d->name = arena_print(l->arena, "%s%s%s", scope, *scope ? "." : "", name ? name : "");
    if (!d->name)
        return NULL;
    l->n_all++;
    return d;
}

static int
declare_enum(struct loader *l, const File *file, const struct declared *outer, const Enum *type)
{
    struct declared *d = declare(l, file, outer, type->name);
    ProtobufCEnumDescriptor *made = d ? arena_alloc(l->arena, sizeof *made) : NULL;
    ProtobufCEnumValue *values =
        made ? arena_alloc(l->arena, type->n_value * sizeof *values) : NULL;
    if (!values)
        return no_memory(l);
    for (size_t i = 0; i < type->n_value; i++) {
        if (!type->value[i]->name)
            return status_set(l->e, STATUS_INTERNAL, "the schema's %s has a value without a name",
                              d->name);
        values[i] = (ProtobufCEnumValue){type->value[i]->name, type->value[i]->name,
                                         type->value[i]->number};
    }
    *made = (ProtobufCEnumDescriptor){
        .magic = PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
        .name = d->name,
        .short_name = type->name,
        .n_values = (unsigned)type->n_value,
        .values = values,
    };
    d->enumeration = type;
    d->made_enum = made;
    return 0;
}

static int
declare_type(struct loader *l, const File *file, const struct declared *outer, const Type *type,
             int32_t index, int depth)
{
    if (depth >= MAX_DEPTH)
        return status_set(l->e, STATUS_INTERNAL, "the schema nests too deeply");
    struct declared *d = declare(l, file, outer, type->name);
    if (!d || !(d->message = arena_alloc(l->arena, sizeof *d->message)))
        return no_memory(l);
    d->type = type;
    if (outer)
        memcpy(d->path, outer->path, outer->n_path * sizeof *d->path);
    d->n_path = outer ? outer->n_path : 0;
    d->path[d->n_path++] =
        outer ? 3 : 4; /* DescriptorProto.nested_type, FileDescriptorProto.message_type */
    d->path[d->n_path++] = index;
    /* The table may move while the nested types are declared. */
    const struct declared self = *d;
    for (size_t i = 0; i < type->n_enum_type; i++)
        if (declare_enum(l, file, &self, type->enum_type[i]) < 0)
            return -1;
    for (size_t i = 0; i < type->n_nested_type; i++)
        if (declare_type(l, file, &self, type->nested_type[i], (int32_t)i, depth + 1) < 0)
            return -1;
    return 0;
}

/* Making the descriptors. */

/** protobuf-c's type for descriptor.proto's; -1 for a group. */
static int
type_of(Google__Protobuf__FieldDescriptorProto__Type type)
{
    static const int types[] = {
        [1] = PROTOBUF_C_TYPE_DOUBLE,    [2] = PROTOBUF_C_TYPE_FLOAT,
        [3] = PROTOBUF_C_TYPE_INT64,     [4] = PROTOBUF_C_TYPE_UINT64,
        [5] = PROTOBUF_C_TYPE_INT32,     [6] = PROTOBUF_C_TYPE_FIXED64,
        [7] = PROTOBUF_C_TYPE_FIXED32,   [8] = PROTOBUF_C_TYPE_BOOL,
        [9] = PROTOBUF_C_TYPE_STRING,    [10] = -1,
        [11] = PROTOBUF_C_TYPE_MESSAGE,  [12] = PROTOBUF_C_TYPE_BYTES,
        [13] = PROTOBUF_C_TYPE_UINT32,   [14] = PROTOBUF_C_TYPE_ENUM,
        [15] = PROTOBUF_C_TYPE_SFIXED32, [16] = PROTOBUF_C_TYPE_SFIXED64,
        [17] = PROTOBUF_C_TYPE_SINT32,   [18] = PROTOBUF_C_TYPE_SINT64,
    };
    return type >= 1 && type <= 18 ? types[type] : -1;
}

static size_t
place(size_t *end, size_t size, size_t align)
{
    size_t at = (*end + align - 1) / align * align;
    *end = at + size;
    return at;
}

static bool
has_presence_flag(const ProtobufCFieldDescriptor *f)
{
    return f->label == PROTOBUF_C_LABEL_OPTIONAL && f->type != PROTOBUF_C_TYPE_STRING &&
           f->type != PROTOBUF_C_TYPE_MESSAGE;
}

/** Gives @f the place that protoc-c would give it in the struct that ends at @end so far. */
static void
lay_out(ProtobufCFieldDescriptor *f, size_t *end)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
        f->quantifier_offset = (unsigned)place(end, sizeof(size_t), sizeof(size_t));
        f->offset = (unsigned)place(end, sizeof(void *), sizeof(void *));
        return;
    }
    if (has_presence_flag(f))
        f->quantifier_offset =
            (unsigned)place(end, sizeof(protobuf_c_boolean), sizeof(protobuf_c_boolean));
    size_t size = schema_value_size(f->type);
    f->offset =
        (unsigned)place(end, size, f->type == PROTOBUF_C_TYPE_BYTES ? sizeof(size_t) : size);
}

static int
make_field(struct loader *l, const struct declared *d, size_t index, ProtobufCFieldDescriptor *pb,
           struct schema_field *field)
{
    const Field *from = d->type->field[index];
    int type = type_of(from->type);
    if (!from->name || type < 0 || from->has_oneof_index || from->number < 1)
        return status_set(l->e, STATUS_INTERNAL,
                          "the schema's %s has a field that is not supported: %s", d->name,
                          from->name ? from->name : "");
    bool proto3 = d->file->syntax && strcmp(d->file->syntax, "proto3") == 0;
    *pb = (ProtobufCFieldDescriptor){.name = from->name, .id = (uint32_t)from->number};
    pb->type = (ProtobufCType)type;
    pb->label = from->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED
                    ? PROTOBUF_C_LABEL_REPEATED
                : proto3 && type != PROTOBUF_C_TYPE_MESSAGE ? PROTOBUF_C_LABEL_NONE
                                                            : PROTOBUF_C_LABEL_OPTIONAL;
    *field = (struct schema_field){.position = (unsigned)index};
    if (type == PROTOBUF_C_TYPE_MESSAGE || type == PROTOBUF_C_TYPE_ENUM) {
        const struct declared *used = find_declared(l, from->type_name);
        const void *found = !used                             ? NULL
                            : type == PROTOBUF_C_TYPE_MESSAGE ? (const void *)used->message
                                                              : (const void *)used->made_enum;
        if (!found)
            return status_set(l->e, STATUS_INTERNAL, "the schema lacks the type of %s.%s", d->name,
                              from->name);
        pb->descriptor = found;
        field->message = type == PROTOBUF_C_TYPE_MESSAGE ? found : NULL;
    }
    int32_t path[2 * MAX_DEPTH + 2];
    memcpy(path, d->path, d->n_path * sizeof *path);
    path[d->n_path] = 2; /* DescriptorProto.field */
    path[d->n_path + 1] = (int32_t)index;
    field->comment = find_comment(l, d->file, path, d->n_path + 2);
    field->option = find_option(l, (const ProtobufCMessage *)from->options,
                                &jiayi__v1__field_option__descriptor, &no_field_option);
    return 0;
}

static int
compare_number(const void *a, const void *b)
{
    const ProtobufCFieldDescriptor *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

/** The look-up by number: runs of consecutive numbers, and an end. */
static int
make_ranges(struct loader *l, ProtobufCMessageDescriptor *pb)
{
    ProtobufCIntRange *ranges = arena_alloc(l->arena, (pb->n_fields + 1) * sizeof *ranges);
    if (!ranges)
        return no_memory(l);
    unsigned n = 0;
    for (unsigned i = 0; i < pb->n_fields; i++)
        if (i == 0 || pb->fields[i].id != pb->fields[i - 1].id + 1)
            ranges[n++] = (ProtobufCIntRange){(int)pb->fields[i].id, i};
    ranges[n] = (ProtobufCIntRange){0, pb->n_fields};
    pb->n_field_ranges = n;
    pb->field_ranges = ranges;
    return 0;
}

/** The look-up by name: an index sorted by insertion, for messages are short. */
static int
make_name_index(struct loader *l, ProtobufCMessageDescriptor *pb)
{
    unsigned *order = arena_alloc(l->arena, (pb->n_fields + 1) * sizeof *order);
    if (!order)
        return no_memory(l);
    for (unsigned i = 0; i < pb->n_fields; i++) {
        unsigned at = i;
        for (; at > 0 && strcmp(pb->fields[order[at - 1]].name, pb->fields[i].name) > 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    pb->fields_sorted_by_name = order;
    return 0;
}

static int
make_message(struct loader *l, const struct declared *d)
{
    size_t n = d->type->n_field, end = sizeof(ProtobufCMessage);
    ProtobufCFieldDescriptor *pb = arena_alloc(l->arena, (n + 1) * sizeof *pb);
    struct schema_field *fields = arena_alloc(l->arena, (n + 1) * sizeof *fields);
    struct schema_field *sorted = arena_alloc(l->arena, (n + 1) * sizeof *sorted);
    if (!pb || !fields || !sorted)
        return no_memory(l);
    for (size_t i = 0; i < n; i++) {
        if (make_field(l, d, i, &pb[i], &fields[i]) < 0)
            return -1;
        lay_out(&pb[i], &end);
        pb[i].reserved_flags = (unsigned)i;
    }
    qsort(pb, n, sizeof *pb, compare_number);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = fields[pb[i].reserved_flags];
        sorted[i].pb = &pb[i];
        pb[i].reserved_flags = 0;
    }
    const char *dot = strrchr(d->name, '.');
    struct schema_message *m = d->message;
    m->pb = (ProtobufCMessageDescriptor){
        .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
        .name = d->name,
        .short_name = dot ? dot + 1 : d->name,
        .package_name = d->file->package,
        .n_fields = (unsigned)n,
        /*
         * NULL for none, as from protoc-c: protobuf-c looks at the first before it looks at their
         * number.
         */
        .fields = n ? pb : NULL,
    };
    m->pb.sizeof_message = (end + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
    m->fields = sorted;
    m->comment = find_comment(l, d->file, d->path, d->n_path);
    m->option = find_option(l, (const ProtobufCMessage *)d->type->options,
                            &jiayi__v1__message_option__descriptor, &no_message_option);
    return make_ranges(l, &m->pb) < 0 ? -1 : make_name_index(l, &m->pb);
}

/**
 * Refuses recursive types: protobuf-c would follow them as deep as a peer likes. And those that fan
 * out: who prints one would not come to an end.
 */
static int
check_depth(struct loader *l, const struct schema_message *m, int depth,
            const struct declared **ret)
{
    struct declared *d = l->all;
    const struct declared *below;
    while (d->message != m)
        d++;
    *ret = d;
    if (depth + d->height >= MAX_DEPTH)
        return status_set(l->e, STATUS_INTERNAL, "the schema's %s is recursive", m->pb.name);
    if (d->n_fields)
        return 0;
    size_t all = m->pb.n_fields + 1;
    int height = 0;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        if (!m->fields[i].message)
            continue;
        if (check_depth(l, m->fields[i].message, depth + 1, &below) < 0)
            return -1;
        all += below->n_fields;
        height = below->height >= height ? below->height + 1 : height;
        if (all > MAX_FIELDS)
            return status_set(l->e, STATUS_INTERNAL, "the schema's %s has too many fields",
                              m->pb.name);
    }
    d->n_fields = all;
    d->height = height;
    return 0;
}

/** The program reads the fields of this one type itself. */
static int
check_timestamp(struct loader *l, const struct schema_message *m)
{
    const struct schema_field *seconds = schema_find_field(m, "seconds"),
                              *nanos = schema_find_field(m, "nanos");
    bool known = seconds && seconds->pb->type == PROTOBUF_C_TYPE_INT64 &&
                 seconds->pb->label != PROTOBUF_C_LABEL_REPEATED && nanos &&
                 nanos->pb->type == PROTOBUF_C_TYPE_INT32 &&
                 nanos->pb->label != PROTOBUF_C_LABEL_REPEATED;
    return known ? 0
                 : status_set(l->e, STATUS_INTERNAL, "the schema's %s is not the known one",
                              m->pb.name);
}

static int
make_methods(struct loader *l, const File *file, int32_t index, struct schema_method **next)
{
    const Google__Protobuf__ServiceDescriptorProto *service = file->service[index];
    for (size_t i = 0; i < service->n_method; i++) {
        const Google__Protobuf__MethodDescriptorProto *from = service->method[i];
        const struct declared *in = find_declared(l, from->input_type);
        const struct declared *out = find_declared(l, from->output_type);
        if (!in || !in->message || !out || !out->message || !from->name || !service->name)
            return status_set(l->e, STATUS_INTERNAL, "the schema lacks a type of %s",
                              from->name ? from->name : "a method");
        const int32_t path[] = {6, index, 2, (int32_t)i}; /* service, method */
        struct schema_method *m = (*next)++;
        m->short_name = arena_print(l->arena, "%s/%s", service->name, from->name);
        m->name = arena_print(l->arena, "%s%s%s", file->package ? file->package : "",
                              file->package ? "." : "", m->short_name);
        if (!m->short_name || !m->name)
            return no_memory(l);
        m->comment = find_comment(l, file, path, 4);
        m->option = find_option(l, (const ProtobufCMessage *)from->options,
                                &jiayi__v1__method_option__descriptor, &no_method_option);
        m->in = in->message;
        m->out = out->message;
        const struct declared *unused;
        if (check_depth(l, m->in, 0, &unused) < 0 || check_depth(l, m->out, 0, &unused) < 0)
            return -1;
    }
    return 0;
}

static int
compare_method(const void *a, const void *b)
{
    return strcmp(((const struct schema_method *)a)->name, ((const struct schema_method *)b)->name);
}

static int
compare_message(const void *a, const void *b)
{
    const struct schema_message *const *x = a, *const *y = b;
    return strcmp((*x)->pb.name, (*y)->pb.name);
}

static int
collect_methods(struct loader *l, const FileSet *files)
{
    size_t n = 0;
    for (size_t i = 0; i < files->n_file; i++)
        for (size_t k = 0; k < files->file[i]->n_service; k++)
            n += files->file[i]->service[k]->n_method;
    struct schema_method *methods = arena_alloc(l->arena, (n + 1) * sizeof *methods),
                         *next = methods;
    if (!methods)
        return no_memory(l);
    for (size_t i = 0; i < files->n_file; i++)
        for (size_t k = 0; k < files->file[i]->n_service; k++)
            if (make_methods(l, files->file[i], (int32_t)k, &next) < 0)
                return -1;
    qsort(methods, n, sizeof *methods, compare_method);
    l->s.methods = methods;
    l->s.n_methods = n;
    return 0;
}

/** Finds the method that each message says it is read by. */
static void
resolve_reads(struct loader *l)
{
    for (size_t i = 0; i < l->n_all; i++) {
        struct schema_message *m = l->all[i].message;
        const char *name = m ? m->option->read : NULL;
        const struct schema_method *read = name ? schema_find_method(&l->s, name) : NULL;
        if (read && read->out == m && read->option->kind == JIAYI__V1__KIND__READ)
            m->read = read;
    }
}

static int
collect_messages(struct loader *l)
{
    const struct schema_message **messages =
        arena_alloc(l->arena, (l->n_all + 1) * sizeof(struct schema_message *));
    if (!messages)
        return no_memory(l);
    size_t n = 0;
    for (size_t i = 0; i < l->n_all; i++) {
        if (!l->all[i].message)
            continue;
        if (make_message(l, &l->all[i]) < 0)
            return -1;
        if (schema_is_timestamp(l->all[i].message) && check_timestamp(l, l->all[i].message) < 0)
            return -1;
        messages[n++] = l->all[i].message;
    }
    qsort(messages, n, sizeof(struct schema_message *), compare_message);
    l->s.messages = messages;
    l->s.n_messages = n;
    return 0;
}

static int
load(struct loader *l, const uint8_t *set, size_t size)
{
    l->s.set = arena_copy(l->arena, set, size);
    l->s.set_size = size;
    if (!l->s.set)
        return no_memory(l);
    const FileSet *files = (const FileSet *)protobuf_c_message_unpack(
        &google__protobuf__file_descriptor_set__descriptor, arena_allocator(l->arena), size, set);
    if (!files)
        return status_set(l->e, STATUS_INTERNAL, "the schema is not a FileDescriptorSet");
    for (size_t i = 0; i < files->n_file; i++) {
        const File *file = files->file[i];
        for (size_t k = 0; k < file->n_enum_type; k++)
            if (declare_enum(l, file, NULL, file->enum_type[k]) < 0)
                return -1;
        for (size_t k = 0; k < file->n_message_type; k++)
            if (declare_type(l, file, NULL, file->message_type[k], (int32_t)k, 0) < 0)
                return -1;
    }
    if (collect_messages(l) < 0 || collect_methods(l, files) < 0)
        return -1;
    resolve_reads(l);
    return 0;
}

struct schema *
schema_load(const uint8_t *set, size_t size, struct status *e)
{
    struct loader l = {.arena = arena_new(LIMIT_BYTES), .e = e};
    struct owned *o = l.arena ? arena_alloc(l.arena, sizeof *o) : NULL;
    if (!o) {
        no_memory(&l);
    } else if (load(&l, set, size) == 0) {
        if (!arena_is_short(l.arena)) {
            *o = (struct owned){l.s, l.arena};
            return &o->s;
        }
        /* A comment or an option that there is no memory for looks like one that is not there. */
        no_memory(&l);
    }
    arena_free(l.arena);
    return NULL;
}

static struct schema *embedded;

static void
load_embedded(void)
{
    struct status e = {0};
    embedded = schema_load(embed_schema[0].data, embed_schema[0].size, &e);
    if (!embedded) {
        fprintf(stderr, "the program's own schema cannot be used: %s\n", e.message);
        exit(EXIT_FAILURE);
    }
}

const struct schema *
schema_embedded(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_embedded);
    return embedded;
}

void
schema_free(struct schema *s)
{
    if (s)
        arena_free(((struct owned *)s)->arena);
}

const struct schema_method *
schema_find_method(const struct schema *s, const char *name)
{
    const struct schema_method key = {.name = name};
    const struct schema_method *found =
        bsearch(&key, s->methods, s->n_methods, sizeof key, compare_method);
    for (size_t i = 0; !found && i < s->n_methods; i++)
        if (strcmp(s->methods[i].short_name, name) == 0)
            found = &s->methods[i];
    return found;
}

const struct schema_message *
schema_find_message(const struct schema *s, const char *name)
{
    const struct schema_message key = {.pb.name = name}, *at = &key;
    const struct schema_message *const *found =
        bsearch(&at, s->messages, s->n_messages, sizeof(struct schema_message *), compare_message);
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
    for (unsigned i = 0; i < m->pb.n_fields; i++)
        if (m->fields[i].position == position)
            return &m->fields[i];
    return NULL;
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
