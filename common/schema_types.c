#include "common/schema_types.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef Google__Protobuf__DescriptorProto Type;
typedef Google__Protobuf__FieldDescriptorProto Field;
typedef Google__Protobuf__EnumDescriptorProto Enum;

enum {
    /** The number of our extensions of MethodOptions, FieldOptions and MessageOptions. */
    OPTION_TAG = 50100,
    MAX_DEPTH = 16,
    /**
     * A server's schema with more of them is no schema: types, and fields of one type at any depth.
     */
    MAX_TYPES = 4096,
    MAX_FIELDS = 10000,
};

struct schema_declared {
    struct schema_file *file;
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

static const Jiayi__V1__FieldOption no_field_option = JIAYI__V1__FIELD_OPTION__INIT;
static const Jiayi__V1__MessageOption no_message_option = JIAYI__V1__MESSAGE_OPTION__INIT;

int
schema_types_short(struct schema_types *t)
{
    return status_set(t->e, STATUS_INTERNAL, "the schema takes too much memory");
}

/* What is kept of a length-delimited field begins with its length. */
const void *
schema_types_option(struct schema_types *t, const ProtobufCMessage *options,
                    const ProtobufCMessageDescriptor *as, const void *otherwise)
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
            protobuf_c_message_unpack(as, arena_allocator(t->arena), u->len - skip, u->data + skip);
        if (found)
            return found;
    }
    return otherwise;
}

/* Declaring: the names of all types first, for they may be used before they are declared. */

static struct schema_declared *
declare(struct schema_types *t, struct schema_file *file, const struct schema_declared *outer,
        const char *name)
{
    if (t->n_all == MAX_TYPES)
        return NULL;
    if (t->n_all == t->room) {
        size_t room = t->room ? 2 * t->room : 64;
        struct schema_declared *more = arena_alloc(t->arena, room * sizeof *more);
        if (!more)
            return NULL;
        if (t->n_all)
            memcpy(more, t->all, t->n_all * sizeof *more);
        t->all = more;
        t->room = room;
    }
    const char *scope = outer ? outer->name : file->head->package ? file->head->package : "";
    struct schema_declared *d = &t->all[t->n_all];
    *d = (struct schema_declared){.file = file};
    d->name = arena_print(t->arena, "%s%s%s", scope, *scope ? "." : "", name ? name : "");
    if (!d->name)
        return NULL;
    t->n_all++;
    return d;
}

static int
declare_enum(struct schema_types *t, struct schema_file *file, const struct schema_declared *outer,
             const Enum *type)
{
    struct schema_declared *d = declare(t, file, outer, type->name);
    ProtobufCEnumDescriptor *made = d ? arena_alloc(t->arena, sizeof *made) : NULL;
    ProtobufCEnumValue *values =
        made ? arena_alloc(t->arena, type->n_value * sizeof *values) : NULL;
    if (!values)
        return schema_types_short(t);
    for (size_t i = 0; i < type->n_value; i++) {
        if (!type->value[i]->name)
            return status_set(t->e, STATUS_INTERNAL, "the schema's %s has a value without a name",
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
declare_type(struct schema_types *t, struct schema_file *file, const struct schema_declared *outer,
             const Type *type, int32_t index, int depth)
{
    if (depth >= MAX_DEPTH)
        return status_set(t->e, STATUS_INTERNAL, "the schema nests too deeply");
    struct schema_declared *d = declare(t, file, outer, type->name);
    if (!d || !(d->message = arena_alloc(t->arena, sizeof *d->message)))
        return schema_types_short(t);
    d->type = type;
    if (outer)
        memcpy(d->path, outer->path, outer->n_path * sizeof *d->path);
    d->n_path = outer ? outer->n_path : 0;
    d->path[d->n_path++] =
        outer ? 3 : 4; /* DescriptorProto.nested_type, FileDescriptorProto.message_type */
    d->path[d->n_path++] = index;
    /* The table may move while the nested types are declared. */
    const struct schema_declared self = *d;
    for (size_t i = 0; i < type->n_enum_type; i++)
        if (declare_enum(t, file, &self, type->enum_type[i]) < 0)
            return -1;
    for (size_t i = 0; i < type->n_nested_type; i++)
        if (declare_type(t, file, &self, type->nested_type[i], (int32_t)i, depth + 1) < 0)
            return -1;
    return 0;
}

int
schema_types_open(struct schema_types *t, struct schema_file *f)
{
    if (f->types)
        return 0;
    if (schema_file_open(t->arena, f) < 0)
        return status_set(t->e, STATUS_INTERNAL, "the schema is not a FileDescriptorSet");
    f->first = t->n_all;
    for (size_t k = 0; k < f->types->n_enum_type; k++)
        if (declare_enum(t, f, NULL, f->types->enum_type[k]) < 0)
            return -1;
    for (size_t k = 0; k < f->types->n_message_type; k++)
        if (declare_type(t, f, NULL, f->types->message_type[k], (int32_t)k, 0) < 0)
            return -1;
    f->n = t->n_all - f->first;
    return 0;
}

/* Finding a type where protoc lets it be: in the same file, or in one that this imports. */

static struct schema_declared *
find_in_file(struct schema_types *t, const struct schema_file *f, const char *name)
{
    for (size_t i = f->first; i < f->first + f->n; i++)
        if (strcmp(t->all[i].name, name) == 0)
            return &t->all[i];
    return NULL;
}

static struct schema_file *
find_file(struct schema_types *t, const char *name)
{
    for (size_t i = 0; i < t->n_files; i++)
        if (t->files[i].head->name && strcmp(t->files[i].head->name, name) == 0)
            return &t->files[i];
    return NULL;
}

/** *@ret is NULL where @f and what it imports have no such type. Returns -1 with the error set. */
static int
find_declared(struct schema_types *t, struct schema_file *f, const char *name,
              struct schema_declared **ret)
{
    if (name && name[0] == '.')
        name++;
    *ret = NULL;
    if (!name || schema_types_open(t, f) < 0)
        return name ? -1 : 0;
    *ret = find_in_file(t, f, name);
    for (size_t i = 0; !*ret && i < f->head->n_dependency; i++) {
        struct schema_file *other = find_file(t, f->head->dependency[i]);
        if (other && schema_types_open(t, other) < 0)
            return -1;
        *ret = other ? find_in_file(t, other, name) : NULL;
    }
    return 0;
}

int
schema_types_find(struct schema_types *t, struct schema_file *f, const char *name,
                  const struct schema_message **ret)
{
    struct schema_declared *found;
    if (find_declared(t, f, name, &found) < 0)
        return -1;
    *ret = found ? found->message : NULL;
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
make_field(struct schema_types *t, const struct schema_declared *d, size_t index,
           ProtobufCFieldDescriptor *pb, struct schema_field *field)
{
    const Field *from = d->type->field[index];
    int type = type_of(from->type);
    if (!from->name || type < 0 || from->has_oneof_index || from->number < 1)
        return status_set(t->e, STATUS_INTERNAL,
                          "the schema's %s has a field that is not supported: %s", d->name,
                          from->name ? from->name : "");
    const char *syntax = d->file->head->syntax;
    bool proto3 = syntax && strcmp(syntax, "proto3") == 0;
    *pb = (ProtobufCFieldDescriptor){.name = from->name, .id = (uint32_t)from->number};
    pb->type = (ProtobufCType)type;
    pb->label = from->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED
                    ? PROTOBUF_C_LABEL_REPEATED
                : proto3 && type != PROTOBUF_C_TYPE_MESSAGE ? PROTOBUF_C_LABEL_NONE
                                                            : PROTOBUF_C_LABEL_OPTIONAL;
    *field = (struct schema_field){.position = (unsigned)index};
    if (type == PROTOBUF_C_TYPE_MESSAGE || type == PROTOBUF_C_TYPE_ENUM) {
        struct schema_declared *used;
        if (find_declared(t, d->file, from->type_name, &used) < 0)
            return -1;
        const void *found = !used                             ? NULL
                            : type == PROTOBUF_C_TYPE_MESSAGE ? (const void *)used->message
                                                              : (const void *)used->made_enum;
        if (!found)
            return status_set(t->e, STATUS_INTERNAL, "the schema lacks the type of %s.%s", d->name,
                              from->name);
        pb->descriptor = found;
        field->message = type == PROTOBUF_C_TYPE_MESSAGE ? found : NULL;
    }
    int32_t path[2 * MAX_DEPTH + 2];
    memcpy(path, d->path, d->n_path * sizeof *path);
    path[d->n_path] = 2; /* DescriptorProto.field */
    path[d->n_path + 1] = (int32_t)index;
    field->comment = schema_file_comment(t->arena, d->file, path, d->n_path + 2);
    field->option = schema_types_option(t, (const ProtobufCMessage *)from->options,
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
make_ranges(struct schema_types *t, ProtobufCMessageDescriptor *pb)
{
    ProtobufCIntRange *ranges = arena_alloc(t->arena, (pb->n_fields + 1) * sizeof *ranges);
    if (!ranges)
        return schema_types_short(t);
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
make_name_index(struct schema_types *t, ProtobufCMessageDescriptor *pb)
{
    unsigned *order = arena_alloc(t->arena, (pb->n_fields + 1) * sizeof *order);
    if (!order)
        return schema_types_short(t);
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
make_message(struct schema_types *t, const struct schema_declared *d)
{
    struct schema_message *m = d->message;
    size_t n = d->type->n_field, end = sizeof(ProtobufCMessage);
    ProtobufCFieldDescriptor *pb = arena_alloc(t->arena, (n + 1) * sizeof *pb);
    struct schema_field *fields = arena_alloc(t->arena, (n + 1) * sizeof *fields);
    struct schema_field *sorted = arena_alloc(t->arena, (n + 1) * sizeof *sorted);
    if (!pb || !fields || !sorted)
        return schema_types_short(t);
    m->comment = schema_file_comment(t->arena, d->file, d->path, d->n_path);
    for (size_t i = 0; i < n; i++) {
        if (make_field(t, d, i, &pb[i], &fields[i]) < 0)
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
    for (size_t i = 0; i < n; i++)
        sorted[sorted[i].position].declared = (unsigned)i;
    const char *dot = strrchr(d->name, '.');
    m->pb = (ProtobufCMessageDescriptor){
        .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
        .name = d->name,
        .short_name = dot ? dot + 1 : d->name,
        .package_name = d->file->head->package,
        .n_fields = (unsigned)n,
        /*
         * NULL for none, as from protoc-c: protobuf-c looks at the first before it looks at their
         * number.
         */
        .fields = n ? pb : NULL,
    };
    m->pb.sizeof_message = (end + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
    m->fields = sorted;
    m->option = schema_types_option(t, (const ProtobufCMessage *)d->type->options,
                                    &jiayi__v1__message_option__descriptor, &no_message_option);
    return make_ranges(t, &m->pb) < 0 ? -1 : make_name_index(t, &m->pb);
}

/**
 * Refuses recursive types: protobuf-c would follow them as deep as a peer likes. And those that fan
 * out: who prints one would not come to an end.
 */
static int
check_depth(struct schema_types *t, const struct schema_message *m, int depth,
            const struct schema_declared **ret)
{
    struct schema_declared *d = t->all;
    const struct schema_declared *below;
    while (d->message != m)
        d++;
    *ret = d;
    if (depth + d->height >= MAX_DEPTH)
        return status_set(t->e, STATUS_INTERNAL, "the schema's %s is recursive", m->pb.name);
    if (d->n_fields)
        return 0;
    size_t all = m->pb.n_fields + 1;
    int height = 0;
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        if (!m->fields[i].message)
            continue;
        if (check_depth(t, m->fields[i].message, depth + 1, &below) < 0)
            return -1;
        all += below->n_fields;
        height = below->height >= height ? below->height + 1 : height;
        if (all > MAX_FIELDS)
            return status_set(t->e, STATUS_INTERNAL, "the schema's %s has too many fields",
                              m->pb.name);
    }
    d->n_fields = all;
    d->height = height;
    return 0;
}

static bool
is_single(const struct schema_message *m, const char *name, ProtobufCType type)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(&m->pb, name);
    return f && f->type == type && f->label != PROTOBUF_C_LABEL_REPEATED;
}

/** The program reads the fields of one type, Timestamp, itself. */
static int
check_timestamp(struct schema_types *t, const struct schema_message *m)
{
    if (strcmp(m->pb.name, "google.protobuf.Timestamp") != 0 ||
        (is_single(m, "seconds", PROTOBUF_C_TYPE_INT64) &&
         is_single(m, "nanos", PROTOBUF_C_TYPE_INT32)))
        return 0;
    return status_set(t->e, STATUS_INTERNAL, "the schema's %s is not the known one", m->pb.name);
}

static int
compare_message(const void *a, const void *b)
{
    const struct schema_message *const *x = a, *const *y = b;
    return strcmp((*x)->pb.name, (*y)->pb.name);
}

/** Puts the messages that are made in order. */
static int
collect_messages(struct schema_types *t)
{
    t->messages = arena_alloc(t->arena, (t->n_made + 1) * sizeof(struct schema_message *));
    t->n_messages = 0;
    if (!t->messages)
        return schema_types_short(t);
    for (size_t i = 0; i < t->n_made; i++)
        if (t->all[i].message)
            t->messages[t->n_messages++] = t->all[i].message;
    qsort(t->messages, t->n_messages, sizeof(struct schema_message *), compare_message);
    return 0;
}

int
schema_types_make(struct schema_types *t)
{
    if (t->n_made == t->n_all)
        return 0;
    /* Some are declared meanwhile, for others use them. */
    for (; t->n_made < t->n_all; t->n_made++) {
        /* The table may move. */
        const struct schema_declared d = t->all[t->n_made];
        if (!d.message)
            continue;
        if (make_message(t, &d) < 0 || check_timestamp(t, d.message) < 0)
            return -1;
    }
    return collect_messages(t);
}

int
schema_types_check(struct schema_types *t, const struct schema_message *m)
{
    const struct schema_declared *unused;
    return check_depth(t, m, 0, &unused);
}
