#include "server/method/method.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/embed.h"

enum { LIMIT_BYTES = 64 << 20, MAX_FILES = 8 };

/** What is needed while the table is made. */
struct loading {
    struct methods *m;
    const struct native *natives;
    struct status *e;
    size_t files_used;
};

static size_t
count_files(void)
{
    size_t n = 0;
    while (embed_methods[n].name)
        n++;
    return n;
}

/** The noun of a command: "deal" of "deal move"; of a method without a command, its service's. */
static const char *
noun_of(struct arena *a, const struct schema_method *s)
{
    const char *command = s->option->command;
    if (command && strchr(command, ' '))
        return arena_copy(a, command, strcspn(command, " "));
    return "such thing";
}

static void
read_request_fields(struct method *m)
{
    const struct schema_message *in = m->schema->in;
    for (unsigned i = 0; i < in->pb.n_fields; i++) {
        if (in->fields[i].option->positional == 1)
            m->subject = &in->fields[i];
        m->has_hash |= in->fields[i].option->hash;
        if (in->fields[i].option->search)
            m->search = &in->fields[i];
    }
}

/**
 * What stands between the method's name and ".sql" in the file's; "" for the method's own file,
 * NULL for one of another method.
 */
static const char *
suffix_of(struct arena *a, const char *file, const char *method)
{
    size_t n = strlen(method), length = strlen(file);
    if (strncmp(file, method, n) != 0 || file[n] != '.' || length < n + 4 ||
        strcmp(file + length - 4, ".sql") != 0)
        return NULL;
    if (length == n + 4)
        return "";
    return arena_copy(a, file + n + 1, length - n - 5);
}

static struct statement *
compile_file(struct loading *l, struct method *m, const struct embed *file, const char *suffix)
{
    const struct schema_message *in = m->native ? NULL : m->schema->in;
    const struct schema_message *out = m->native ? NULL : m->schema->out;
    const struct schema_field *rows = NULL;
    if (!m->native && *suffix) {
        rows = schema_find_field(out, suffix);
        if (!rows || !rows->message || rows->pb->label != PROTOBUF_C_LABEL_REPEATED) {
            status_set(l->e, STATUS_INTERNAL, "%s: %s has no repeated message field %s", file->name,
                       out->pb.name, suffix);
            return NULL;
        }
    }
    bool is_write = m->kind == JIAYI__V1__KIND__WRITE && !m->native && !*suffix;
    return statement_compile(l->m->arena, file->name, (const char *)file->data, in, out, rows,
                             is_write, &l->m->n_variants, l->e);
}

static int
take_method_file(struct loading *l, struct method *m, const struct embed *file, const char *suffix)
{
    struct statement *s = compile_file(l, m, file, suffix);
    if (!s)
        return -1;
    l->files_used++;
    if (m->native)
        m->steps[m->n_steps++] = (struct method_step){suffix, s};
    else if (*suffix)
        m->more[m->n_more++] = s;
    else
        m->statement = s;
    if (m->n_more == MAX_FILES || m->n_steps == MAX_FILES)
        return status_set(l->e, STATUS_INTERNAL, "%s: more than %d files", m->schema->name,
                          MAX_FILES);
    return 0;
}

static const struct native *
find_native(const struct native *natives, const char *method)
{
    for (; natives->method; natives++)
        if (strcmp(natives->method, method) == 0)
            return natives;
    return NULL;
}

static bool
is_number(const struct schema_field *f)
{
    return f && f->pb->type == PROTOBUF_C_TYPE_INT64 && f->pb->label == PROTOBUF_C_LABEL_OPTIONAL;
}

/** What makes a call one to be held, and what it waits for; -1 where it cannot be. */
static int
take_hold(struct method *m, const char *since)
{
    m->since = schema_find_field(m->schema->in, since);
    m->cursor = schema_find_field(m->schema->out, "cursor");
    bool fits = m->kind == JIAYI__V1__KIND__READ && !m->is_public && !m->native && !m->addition &&
                m->schema->is_stream;
    return fits && is_number(m->since) && is_number(m->cursor) ? 0 : -1;
}

/** What of the answer pages have as a cookie; -1 where it cannot be one. */
static int
take_cookie(struct method *m)
{
    const struct schema_message *out = m->schema->out;
    for (unsigned i = 0; i < out->pb.n_fields; i++)
        if (out->fields[i].option->cookie) {
            m->cookie = &out->fields[i];
            m->cookie_until = schema_find_field(out, m->cookie->option->cookie);
        }
    if (!m->cookie)
        return 0;
    return m->cookie->pb->type == PROTOBUF_C_TYPE_STRING && m->cookie_until &&
                   m->cookie_until->message &&
                   strcmp(m->cookie_until->message->pb.name, "google.protobuf.Timestamp") == 0
               ? 0
               : -1;
}

static int
load_method(struct loading *l, struct method *m, const struct schema_method *schema)
{
    struct arena *a = l->m->arena;
    const struct native *native = find_native(l->natives, schema->short_name);
    bool beside = native && (native->is_addition || native->is_check);
    *m = (struct method){.schema = schema,
                         .index = (size_t)(m - l->m->all),
                         .kind = schema->option->kind,
                         .permission = schema->option->permission,
                         .permission_no = "1",
                         .noun = noun_of(a, schema),
                         .native = native && !beside ? native : NULL,
                         .addition = native && native->is_addition ? native : NULL,
                         .check = native && native->is_check ? native : NULL};
    if (!m->permission || !*m->permission)
        return status_set(l->e, STATUS_INTERNAL, "%s has no permission", schema->name);
    m->is_public = strcmp(m->permission, "public") == 0;
    read_request_fields(m);
    m->more = arena_alloc(a, MAX_FILES * sizeof(struct statement *));
    m->steps = arena_alloc(a, MAX_FILES * sizeof *m->steps);
    if (!m->noun || !m->more || !m->steps)
        return status_set(l->e, STATUS_INTERNAL, "no memory for the methods");
    for (const struct embed *file = embed_methods; file->name; file++) {
        const char *suffix = suffix_of(a, file->name, schema->short_name);
        if (suffix && take_method_file(l, m, file, suffix) < 0)
            return -1;
    }
    if (!m->statement && !m->native)
        return status_set(l->e, STATUS_INTERNAL,
                          "%s has neither server/sql/methods/%s.sql nor a native function",
                          schema->name, schema->short_name);
    if (schema->option->hold && take_hold(m, schema->option->hold) < 0)
        return status_set(l->e, STATUS_INTERNAL,
                          "%s is not to be held: it must be a READ of a session whose request has "
                          "the number %s and that answers a stream, each with the number cursor",
                          schema->name, schema->option->hold);
    if (take_cookie(m) < 0)
        return status_set(l->e, STATUS_INTERNAL,
                          "%s: what is a cookie must be a string, and name a time of its message",
                          m->schema->name);
    if (m->kind == JIAYI__V1__KIND__WRITE && m->is_public && !m->native)
        return status_set(l->e, STATUS_INTERNAL, "%s changes something without a session",
                          schema->name);
    return 0;
}

static int
load_all(struct loading *l)
{
    struct methods *m = l->m;
    m->schema = schema_embedded();
    m->all = arena_alloc(m->arena, (m->schema->n_methods + 1) * sizeof *m->all);
    if (!m->all)
        return status_set(l->e, STATUS_INTERNAL, "no memory for the methods");
    for (m->n = 0; m->n < m->schema->n_methods; m->n++)
        if (load_method(l, &m->all[m->n], &m->schema->methods[m->n]) < 0)
            return -1;
    for (const struct embed *file = embed_methods; l->files_used < count_files() && file->name;
         file++) {
        bool used = false;
        for (size_t i = 0; i < m->n && !used; i++)
            used = suffix_of(m->arena, file->name, m->all[i].schema->short_name) != NULL;
        if (!used)
            return status_set(l->e, STATUS_INTERNAL, "%s: the schema has no such method",
                              file->name);
    }
    return 0;
}

struct methods *
methods_load(const struct native *natives, struct status *e)
{
    struct arena *a = arena_new(LIMIT_BYTES);
    struct methods *m = a ? arena_alloc(a, sizeof *m) : NULL;
    if (!m) {
        status_set(e, STATUS_INTERNAL, "no memory for the methods");
        arena_free(a);
        return NULL;
    }
    m->arena = a;
    struct loading l = {.m = m, .natives = natives, .e = e};
    if (load_all(&l) == 0)
        return m;
    arena_free(a);
    return NULL;
}

void
methods_free(struct methods *m)
{
    if (m)
        arena_free(m->arena);
}

const struct method *
methods_find(const struct methods *m, const char *name)
{
    const struct schema_method *s = schema_find_method(m->schema, name);
    return s ? &m->all[s - m->schema->methods] : NULL;
}

const struct statement *
method_step(const struct method *m, const char *name)
{
    for (int i = 0; i < m->n_steps; i++)
        if (strcmp(m->steps[i].name, name) == 0)
            return m->steps[i].statement;
    abort(); /* a native method names only files that stand beside it */
}
