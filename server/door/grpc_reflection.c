#include "server/door/grpc_reflection.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/embed.h"
#include "common/packed.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "server/base/metrics.h"
#include "server/call/budget.h"
#include "server/call/whose.h"

typedef Google__Protobuf__FileDescriptorProto file_descriptor;
typedef Grpc__Reflection__V1__ServerReflectionRequest reflection_request;
typedef Grpc__Reflection__V1__ServerReflectionResponse reflection_response;

/** A file of the schema, and as it stands in the descriptor set. */
struct file {
    const file_descriptor *d;
    ProtobufCBinaryData packed;
};

/** All files, made at the first question; they stay. */
static struct file *files;
static size_t n_files;
static const char **services;
static size_t n_services;

/* The table. */

/** Adds what a FileDescriptorSet has; the first of two of one name counts. */
static void
read_set(const struct embed *set)
{
    struct packed rest = {set->data, set->data + set->size}, value;
    uint64_t tag;
    while (packed_field(&rest, &tag, &value)) {
        size_t n = (size_t)(value.end - value.at);
        file_descriptor *d = google__protobuf__file_descriptor_proto__unpack(NULL, n, value.at);
        bool is_new = d && d->name;
        for (size_t i = 0; is_new && i < n_files; i++)
            is_new = strcmp(files[i].d->name, d->name) != 0;
        struct file *grown = is_new ? realloc(files, (n_files + 1) * sizeof *files) : NULL;
        if (!grown) {
            if (d)
                google__protobuf__file_descriptor_proto__free_unpacked(d, NULL);
            continue;
        }
        files = grown;
        files[n_files++] = (struct file){d, {n, (uint8_t *)value.at}};
    }
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
read_sets(void)
{
    size_t room = 0;
    read_set(&embed_schema[0]);
    read_set(&embed_standard[0]);
    for (size_t i = 0; i < n_files; i++)
        room += files[i].d->n_service;
    services = calloc(room + 1, sizeof *services);
    for (size_t i = 0; services && i < n_files; i++)
        for (size_t k = 0; k < files[i].d->n_service; k++) {
            char *name;
            if (asprintf(&name, "%s.%s", files[i].d->package, files[i].d->service[k]->name) > 0)
                services[n_services++] = name;
        }
    if (services)
        qsort(services, n_services, sizeof *services, compare_names);
}

static void
prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_sets);
}

size_t
grpc_reflection_service_count(void)
{
    prepare();
    return n_services;
}

const char *
grpc_reflection_service(size_t i)
{
    return services[i];
}

bool
grpc_reflection_has_service(const char *name)
{
    prepare();
    return n_services > 0 &&
           bsearch(&name, services, n_services, sizeof *services, compare_names) != NULL;
}

/* Finding. */

static const struct file *
find_file(const char *name)
{
    for (size_t i = 0; i < n_files; i++)
        if (strcmp(files[i].d->name, name) == 0)
            return &files[i];
    return NULL;
}

/** Is @name, of @n bytes, what @symbol begins with, up to its end or a point? */
static bool
is_head(const char *name, const char *symbol)
{
    size_t n = strlen(name);
    return strncmp(name, symbol, n) == 0 && (!symbol[n] || symbol[n] == '.');
}

/** Does the file declare what @symbol, without the package, names or is a part of? */
static bool
declares(const file_descriptor *d, const char *symbol)
{
    bool found = false;
    for (size_t i = 0; i < d->n_message_type && !found; i++)
        found = is_head(d->message_type[i]->name, symbol);
    for (size_t i = 0; i < d->n_enum_type && !found; i++)
        found = is_head(d->enum_type[i]->name, symbol);
    for (size_t i = 0; i < d->n_service && !found; i++)
        found = is_head(d->service[i]->name, symbol);
    for (size_t i = 0; i < d->n_extension && !found; i++)
        found = is_head(d->extension[i]->name, symbol);
    return found;
}

static const struct file *
find_symbol(const char *symbol)
{
    for (size_t i = 0; i < n_files; i++) {
        const file_descriptor *d = files[i].d;
        if (d->package && is_head(d->package, symbol) && symbol[strlen(d->package)] &&
            declares(d, symbol + strlen(d->package) + 1))
            return &files[i];
    }
    return NULL;
}

/** Does the extension extend the type of that name? */
static bool
extends(const Google__Protobuf__FieldDescriptorProto *x, const char *type)
{
    return x->extendee && strcmp(x->extendee + (*x->extendee == '.'), type) == 0;
}

static const struct file *
find_extension(const Grpc__Reflection__V1__ExtensionRequest *r)
{
    for (size_t i = 0; i < n_files; i++)
        for (size_t k = 0; k < files[i].d->n_extension; k++)
            if (extends(files[i].d->extension[k], r->containing_type) &&
                files[i].d->extension[k]->number == r->extension_number)
                return &files[i];
    return NULL;
}

#define SAID(what) GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_##what

/* Answers: each points into the arena and into the table. */

struct answer {
    struct arena *arena;
    reflection_response out;
    Grpc__Reflection__V1__FileDescriptorResponse found;
    Grpc__Reflection__V1__ExtensionNumberResponse numbers;
    Grpc__Reflection__V1__ListServiceResponse list;
    Grpc__Reflection__V1__ErrorResponse error;
};

static void
say_error(struct answer *r, enum status_code code, const char *message)
{
    grpc__reflection__v1__error_response__init(&r->error);
    r->error.error_code = (int32_t)code;
    r->error.error_message = (char *)message;
    r->out.message_response_case = SAID(ERROR_RESPONSE);
    r->out.error_response = &r->error;
}

/** Adds a file behind those that are there, if it is not among them, and what it imports. */
static void
add_file(ProtobufCBinaryData *to, size_t *n, const struct file *f)
{
    for (size_t i = 0; i < *n; i++)
        if (to[i].data == f->packed.data)
            return;
    to[(*n)++] = f->packed;
    for (size_t i = 0; i < f->d->n_dependency; i++) {
        const struct file *import = find_file(f->d->dependency[i]);
        if (import)
            add_file(to, n, import);
    }
}

static void
say_file(struct answer *r, const struct file *f)
{
    ProtobufCBinaryData *all = f ? arena_alloc(r->arena, n_files * sizeof *all) : NULL;
    if (!all) {
        say_error(r, STATUS_NOT_FOUND, "the server has no such thing");
        return;
    }
    grpc__reflection__v1__file_descriptor_response__init(&r->found);
    r->found.file_descriptor_proto = all;
    add_file(all, &r->found.n_file_descriptor_proto, f);
    r->out.message_response_case = SAID(FILE_DESCRIPTOR_RESPONSE);
    r->out.file_descriptor_response = &r->found;
}

static void
say_numbers(struct answer *r, const char *type)
{
    size_t room = 0;
    grpc__reflection__v1__extension_number_response__init(&r->numbers);
    for (size_t i = 0; i < n_files; i++)
        room += files[i].d->n_extension;
    r->numbers.base_type_name = (char *)type;
    r->numbers.extension_number = arena_alloc(r->arena, (room + 1) * sizeof(int32_t));
    for (size_t i = 0; r->numbers.extension_number && i < n_files; i++)
        for (size_t k = 0; k < files[i].d->n_extension; k++)
            if (extends(files[i].d->extension[k], type))
                r->numbers.extension_number[r->numbers.n_extension_number++] =
                    files[i].d->extension[k]->number;
    if (r->numbers.n_extension_number == 0 && !find_symbol(type)) {
        say_error(r, STATUS_NOT_FOUND, "the server has no such thing");
        return;
    }
    r->out.message_response_case = SAID(ALL_EXTENSION_NUMBERS_RESPONSE);
    r->out.all_extension_numbers_response = &r->numbers;
}

static void
say_services(struct answer *r)
{
    Grpc__Reflection__V1__ServiceResponse *each = arena_alloc(r->arena, n_services * sizeof *each);
    Grpc__Reflection__V1__ServiceResponse **all =
        arena_alloc(r->arena, n_services * sizeof(void *));
    grpc__reflection__v1__list_service_response__init(&r->list);
    for (size_t i = 0; each && all && i < n_services; i++) {
        grpc__reflection__v1__service_response__init(&each[i]);
        each[i].name = (char *)services[i];
        all[i] = &each[i];
        r->list.n_service++;
    }
    r->list.service = all;
    r->out.message_response_case = SAID(LIST_SERVICES_RESPONSE);
    r->out.list_services_response = &r->list;
}

#define ASKED(what) GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_##what

static void
say(struct answer *r, const reflection_request *q)
{
    switch (q->message_request_case) {
    case ASKED(FILE_BY_FILENAME): say_file(r, find_file(q->file_by_filename)); break;
    case ASKED(FILE_CONTAINING_SYMBOL): say_file(r, find_symbol(q->file_containing_symbol)); break;
    case ASKED(FILE_CONTAINING_EXTENSION):
        say_file(r, find_extension(q->file_containing_extension));
        break;
    case ASKED(ALL_EXTENSION_NUMBERS_OF_TYPE):
        say_numbers(r, q->all_extension_numbers_of_type);
        break;
    case ASKED(LIST_SERVICES): say_services(r); break;
    default: say_error(r, STATUS_INVALID_ARGUMENT, "nothing is asked"); break;
    }
}

/** As ServerService/GetSchema: a network is given so much of it. */
static int
charge(const struct grpc_ask *q, size_t bytes, struct status *e)
{
    uint32_t wait_ms =
        budget_charge(q->gate->strangers, whose_network(q->address), bytes, clock_now_us());
    if (wait_ms == 0)
        return 0;
    metrics_refused(METRICS_REFUSED_SCHEMA_RATE, q->address);
    status_set(e, STATUS_RESOURCE_EXHAUSTED,
               "your network asks for the schema too often; try again a little later");
    e->retry_after_ms = wait_ms;
    return -1;
}

int
grpc_reflection_answer(const struct grpc_ask *q, struct arena *a, ProtobufCBinaryData in,
                       ProtobufCBinaryData *ret, struct status *e)
{
    struct answer r = {.arena = a};
    reflection_request *asked =
        grpc__reflection__v1__server_reflection_request__unpack(arena_allocator(a), in.len,
                                                                in.data);
    prepare();
    if (!asked)
        return status_set(e, STATUS_INVALID_ARGUMENT, "the request is malformed");
    grpc__reflection__v1__server_reflection_response__init(&r.out);
    r.out.valid_host = asked->host;
    r.out.original_request = asked;
    say(&r, asked);
    size_t n = grpc__reflection__v1__server_reflection_response__get_packed_size(&r.out);
    if (charge(q, n, e) < 0)
        return -1;
    uint8_t *packed = arena_alloc(a, n);
    if (!packed)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED,
                          "the answer takes too much memory; ask for less");
    grpc__reflection__v1__server_reflection_response__pack(&r.out, packed);
    *ret = (ProtobufCBinaryData){n, packed};
    return 0;
}
