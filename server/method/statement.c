#include "server/method/statement.h"

#include <stdio.h>
#include <string.h>

#include "server/method/kept_answer.h"
#include "server/method/pg_type.h"
#include "server/method/record.h"
#include "server/method/sql_part.h"
#include "server/method/sql_text.h"

/** What the file may say of the caller; the settings are made by authorize(). */
static const struct caller_name {
    const char *name;
    const char *sql;
} caller_names[] = {
    {"me.member_id", "(SELECT current_setting('jiayi.member_id')::bigint)"},
    {"me.company_id", "(SELECT current_setting('jiayi.company_id')::bigint)"},
    {"me.session_id", "(SELECT jiayi.me_session())"},
};

/** What is needed while a file is compiled. */
struct compiling {
    struct arena *arena;
    struct statement *s;
    /** The form that is made, and its text, with parts in their places. */
    struct statement_form *form;
    const char *text;
    bool is_write;
    struct status *e;
};

static int
refuse_for_memory(const struct statement *s, struct status *e)
{
    return status_set(e, STATUS_INTERNAL, "%s: no memory", s->file);
}

/** What the columns are fields of. */
static const struct schema_message *
row_type(const struct statement *s)
{
    return s->rows ? s->rows->message : s->out;
}

/** The fields that a dotted name of @n bytes leads through; the depth, or -1. */
static int
find_path(const struct schema_message *m, const char *name, size_t n,
          const struct schema_field *path[STATEMENT_MAX_DEPTH])
{
    int depth = 0;
    while (m && depth < STATEMENT_MAX_DEPTH) {
        char part[64];
        const char *dot = memchr(name, '.', n);
        size_t length = dot ? (size_t)(dot - name) : n;
        if (length >= sizeof part)
            return -1;
        memcpy(part, name, length);
        part[length] = 0;
        path[depth] = schema_find_field(m, part);
        if (!path[depth])
            return -1;
        m = path[depth++]->message;
        if (!dot)
            return depth;
        name += length + 1;
        n -= length + 1;
    }
    return -1;
}

/* What the file says of itself. */

/** The field of that name, which has no dots; or NULL. */
static const struct schema_field *
find_field(const struct schema_message *m, const char *name, size_t n)
{
    const struct schema_field *path[STATEMENT_MAX_DEPTH];
    return find_path(m, name, n, path) == 1 ? path[0] : NULL;
}

/** The bit of a field that a condition names; -1 when it is not noted. */
static int
condition_bit(const struct compiling *c, const struct sql_text_term *t)
{
    const struct schema_field *f = find_field(c->s->in, t->field, t->n);
    for (int i = 0; f && i < c->form->n_conditions; i++)
        if (c->form->conditions[i] == f)
            return i;
    return -1;
}

static int
note_term(struct compiling *c, const struct sql_text_term *t)
{
    struct statement *s = c->s;
    if (condition_bit(c, t) >= 0)
        return 0;
    const struct schema_field *f = find_field(s->in, t->field, t->n);
    if (!f)
        return status_set(c->e, STATUS_INTERNAL, "%s: --? names no request field: %.*s", s->file,
                          (int)t->n, t->field);
    if (c->form->n_conditions == STATEMENT_MAX_CONDITIONS)
        return status_set(c->e, STATUS_INTERNAL, "%s: more than %d optional fields", s->file,
                          STATEMENT_MAX_CONDITIONS);
    c->form->conditions[c->form->n_conditions++] = f;
    return 0;
}

static int
note_condition(struct compiling *c, const struct sql_text_line *l)
{
    for (struct sql_text_term t = {0}; sql_text_next_term(l, &t);)
        if (note_term(c, &t) < 0)
            return -1;
    return 0;
}

static int
note_rows(struct compiling *c, const struct sql_text_line *l)
{
    struct statement *s = c->s;
    size_t n;
    const char *name = sql_text_after(l, "-- rows:", &n);
    if (!name)
        return 0;
    s->rows = find_field(s->out, name, n);
    if (!s->rows || !s->rows->message || s->rows->pb->label != PROTOBUF_C_LABEL_REPEATED)
        return status_set(c->e, STATUS_INTERNAL,
                          "%s: -- rows: names no repeated message field: %.*s", s->file, (int)n,
                          name);
    return 0;
}

/** Notes the file's rows and conditions. */
static int
read_directives(struct compiling *c)
{
    for (struct sql_text_line l = {.next = c->text}; sql_text_next_line(&l);)
        if (note_rows(c, &l) < 0 || note_condition(c, &l) < 0)
            return -1;
    return 0;
}

/* Variants. */

/** Whether the combination @mask has the line. */
static bool
has_line(const struct compiling *c, const struct sql_text_line *l, int mask)
{
    for (struct sql_text_term t = {0}; sql_text_next_term(l, &t);)
        if (((mask >> condition_bit(c, &t)) & 1) == t.is_negated)
            return false;
    return true;
}

/** The lines that the combination @mask has, without comments; NULL: none, or no memory. */
static const char *
choose_lines(const struct compiling *c, int mask)
{
    struct sql_text lines = {.arena = c->arena}, code = {.arena = c->arena};
    for (struct sql_text_line l = {.next = c->text}; sql_text_next_line(&l);) {
        if (!has_line(c, &l, mask))
            continue;
        sql_text_add(&lines, l.at, l.n);
        sql_text_add(&lines, "\n", 1);
    }
    sql_text_add(&lines, "", 0);
    for (struct sql_text_token t = {.at = lines.at}; !lines.is_short && sql_text_next(&t);)
        if (t.kind != SQL_TEXT_COMMENT)
            sql_text_add(&code, t.at, t.n);
    sql_text_cut(&code, ";");
    return lines.is_short || code.is_short || code.n == 0 ? NULL : code.at;
}

/** Says where the parameter's value comes from. */
static int
resolve_param(const struct compiling *c, const char *name, size_t n, struct statement_param *ret)
{
    const struct statement *s = c->s;
    *ret = (struct statement_param){.name = arena_copy(c->arena, name, n)};
    if (!ret->name)
        return refuse_for_memory(s, c->e);
    if (strcmp(ret->name, "request_sha256") == 0)
        ret->source = STATEMENT_REQUEST_SHA256;
    else if (!s->in)
        ret->source = STATEMENT_NAMED;
    else if (strcmp(ret->name, "page.limit") == 0)
        ret->source = STATEMENT_PAGE_LIMIT;
    else if (strcmp(ret->name, "page.after") == 0)
        ret->source = STATEMENT_PAGE_AFTER;
    else if ((ret->depth = find_path(s->in, name, n, ret->path)) > 0)
        ret->source = STATEMENT_FIELD;
    else
        return status_set(c->e, STATUS_INTERNAL, "%s: :%s names no request field", s->file,
                          ret->name);
    return 0;
}

static const char *
caller_sql(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof caller_names / sizeof *caller_names; i++)
        if (strlen(caller_names[i].name) == n && strncmp(caller_names[i].name, name, n) == 0)
            return caller_names[i].sql;
    return NULL;
}

/** The number of the parameter of that name, from 1, added when it is new; 0 with an error set. */
static int
param_number(const struct compiling *c, struct statement_variant *v, const char *name, size_t n)
{
    for (int i = 0; i < v->n_params; i++)
        if (strlen(v->params[i].name) == n && strncmp(v->params[i].name, name, n) == 0)
            return i + 1;
    if (v->n_params == STATEMENT_MAX_PARAMS) {
        status_set(c->e, STATUS_INTERNAL, "%s: more than %d parameters", c->s->file,
                   STATEMENT_MAX_PARAMS);
        return 0;
    }
    if (resolve_param(c, name, n, &v->params[v->n_params]) < 0)
        return 0;
    return ++v->n_params;
}

/** Adds what PostgreSQL gets in a name's place. */
static int
add_param(const struct compiling *c, struct statement_variant *v, const char *name, size_t n,
          struct sql_text *to)
{
    const char *caller = caller_sql(name, n);
    char number[16];
    if (!caller) {
        int i = param_number(c, v, name, n);
        if (i == 0)
            return -1;
        snprintf(number, sizeof number, "$%d", i);
    }
    sql_text_add_string(to, caller ? caller : number);
    return 0;
}

/** Makes the variant's SQL of @sql: names become numbers. */
static int
number_params(const struct compiling *c, struct statement_variant *v, const char *sql)
{
    struct sql_text numbered = {.arena = c->arena};
    v->params = arena_alloc(c->arena, STATEMENT_MAX_PARAMS * sizeof *v->params);
    if (!v->params)
        return refuse_for_memory(c->s, c->e);
    for (struct sql_text_token t = {.at = sql}; sql_text_next(&t);) {
        if (t.kind != SQL_TEXT_NAME)
            sql_text_add(&numbered, t.at, t.n);
        else if (add_param(c, v, t.at + 1, t.n - 1, &numbered) < 0)
            return -1;
    }
    v->sql = numbered.at;
    return numbered.is_short ? refuse_for_memory(c->s, c->e) : 0;
}

static int
compile_variant(const struct compiling *c, int mask)
{
    const char *sql = choose_lines(c, mask);
    if (sql && c->is_write)
        sql = kept_answer_with(c->arena, sql, row_type(c->s), c->s->rows);
    else if (sql && statement_is_record(c->s))
        sql = record_statement(c->arena, sql);
    if (!sql)
        return status_set(c->e, STATUS_INTERNAL, "%s: holds no statement", c->s->file);
    return number_params(c, &c->s->variants[c->form->first_variant + mask], sql);
}

/* Forms. */

/** The fields that a line `-- for:` names are the form's. */
static int
note_asked(struct compiling *c, const char *names, size_t n)
{
    struct statement_form *form = c->form;
    for (const char *end = names + n; names < end;) {
        size_t length = strcspn(names, " \n");
        length = length > (size_t)(end - names) ? (size_t)(end - names) : length;
        const struct schema_field *f = find_field(c->s->in, names, length);
        if (!f || form->n_asked == STATEMENT_MAX_ASKED)
            return status_set(c->e, STATUS_INTERNAL,
                              "%s: -- for: names no request field, or more than %d: %.*s",
                              c->s->file, STATEMENT_MAX_ASKED, (int)length, names);
        form->asked[form->n_asked++] = f;
        names += length;
        names += strspn(names, " ");
    }
    return 0;
}

/** Adds a form, whose text begins with @text. */
static int
add_form(struct compiling *c, const char *text, const char *asked, size_t asked_n)
{
    struct statement *s = c->s;
    if (s->n_forms == STATEMENT_MAX_FORMS)
        return status_set(c->e, STATUS_INTERNAL, "%s: more than %d forms", s->file,
                          STATEMENT_MAX_FORMS);
    c->form = &s->forms[s->n_forms++];
    c->form->first_variant = s->n_variants;
    c->text = text;
    if (note_asked(c, asked, asked_n) < 0 || read_directives(c) < 0)
        return -1;
    s->n_variants += 1 << c->form->n_conditions;
    return 0;
}

/** Finds the forms in @text, whose texts go to @texts. */
static int
find_forms(struct compiling *c, const char *text, const char *texts[STATEMENT_MAX_FORMS])
{
    const char *begin = text, *asked = "";
    size_t n, asked_n = 0;
    for (struct sql_text_line l = {.next = text};;) {
        bool more = sql_text_next_line(&l);
        const char *names = more ? sql_text_after(&l, "-- for:", &n) : NULL;
        if (more && !names)
            continue;
        const char *own = arena_copy(c->arena, begin, (size_t)((more ? l.at : l.next) - begin));
        if (!own)
            return refuse_for_memory(c->s, c->e);
        texts[c->s->n_forms < STATEMENT_MAX_FORMS ? c->s->n_forms : 0] = own;
        if (add_form(c, own, asked, asked_n) < 0)
            return -1;
        if (!more)
            return 0;
        begin = l.next;
        asked = names;
        asked_n = n;
    }
}

static int
compile_variants(struct compiling *c, const char *text, unsigned *next_id)
{
    struct statement *s = c->s;
    const char *texts[STATEMENT_MAX_FORMS] = {0};
    if (find_forms(c, text, texts) < 0)
        return -1;
    s->variants = arena_alloc(c->arena, (size_t)s->n_variants * sizeof *s->variants);
    if (!s->variants)
        return refuse_for_memory(s, c->e);
    for (int i = 0; i < s->n_forms; i++) {
        c->form = &s->forms[i];
        c->text = texts[i];
        for (int mask = 0; mask < 1 << c->form->n_conditions; mask++) {
            s->variants[c->form->first_variant + mask].id = (*next_id)++;
            if (compile_variant(c, mask) < 0)
                return -1;
        }
    }
    s->replay_id = c->is_write ? (*next_id)++ : 0;
    return 0;
}

struct statement *
statement_compile(struct arena *a, const char *file, const char *text,
                  const struct schema_message *in, const struct schema_message *out,
                  const struct schema_field *rows, bool is_write, unsigned *next_id,
                  struct status *e)
{
    struct statement *s = arena_alloc(a, sizeof *s);
    if (!s) {
        status_set(e, STATUS_INTERNAL, "%s: no memory", file);
        return NULL;
    }
    *s = (struct statement){
        .file = file, .in = in, .out = out, .rows = rows, .page_key = -1, .refusal = -1};
    struct compiling c = {.arena = a, .s = s, .is_write = is_write, .e = e};
    const char *expanded = sql_part_expand(a, file, text, in, e);
    return expanded && compile_variants(&c, expanded, next_id) == 0 ? s : NULL;
}

/* The check at boot: types. */

static int
describe_param(const struct statement *s, struct statement_param *p, Oid type, struct status *e)
{
    p->type = type;
    if (p->source != STATEMENT_FIELD)
        return 0;
    const struct schema_field *f = p->path[p->depth - 1];
    bool repeated = f->pb->label == PROTOBUF_C_LABEL_REPEATED;
    bool message = f->message && !schema_is_timestamp(f->message);
    if (message && !repeated)
        return status_set(e, STATUS_INTERNAL, "%s: :%s is a message; name a field of it", s->file,
                          p->name);
    if (message && type != PG_TYPE_JSONB)
        return status_set(e, STATUS_INTERNAL, "%s: :%s are messages; cast it to jsonb", s->file,
                          p->name);
    if (!message && repeated != (type == PG_TYPE_TEXT_ARRAY))
        return status_set(e, STATUS_INTERNAL, "%s: :%s is repeated; cast it to text[]", s->file,
                          p->name);
    if (!message && repeated && f->pb->type != PROTOBUF_C_TYPE_STRING &&
        f->pb->type != PROTOBUF_C_TYPE_INT64 && f->pb->type != PROTOBUF_C_TYPE_INT32)
        return status_set(e, STATUS_INTERNAL,
                          "%s: :%s is repeated, and neither strings nor whole numbers", s->file,
                          p->name);
    return 0;
}

static int
describe_params(const struct statement *s, struct statement_variant *v, const PGresult *d,
                struct status *e)
{
    if (PQnparams(d) != v->n_params)
        return status_set(e, STATUS_INTERNAL, "%s: %d parameters, PostgreSQL finds %d", s->file,
                          v->n_params, PQnparams(d));
    for (int i = 0; i < v->n_params; i++)
        if (describe_param(s, &v->params[i], PQparamtype(d, i), e) < 0)
            return -1;
    return 0;
}

static int
describe_column(struct statement *s, int i, const char *name, Oid type, struct status *e)
{
    struct statement_column *c = &s->columns[i];
    const struct schema_message *m = row_type(s);
    c->type = type;
    if (strcmp(name, "page.key") == 0) {
        char more[64];
        snprintf(more, sizeof more, "more_%s", s->rows ? s->rows->pb->name : "");
        s->page_key = i;
        s->more = schema_find_field(s->out, "next_page_token");
        if (!s->more)
            s->more = schema_find_field(s->out, more);
        if (!s->more)
            return status_set(e, STATUS_INTERNAL, "%s: page.key needs next_page_token or %s in %s",
                              s->file, more, s->out->pb.name);
        if (type == PG_TYPE_INT8 || type == PG_TYPE_TEXT)
            return 0;
        return status_set(e, STATUS_INTERNAL, "%s: page.key must be int8 or text", s->file);
    }
    if (strcmp(name, KEPT_ANSWER_REFUSAL) == 0 && !s->rows && type == PG_TYPE_TEXT) {
        s->refusal = i;
        return 0;
    }
    c->depth = find_path(m, name, strlen(name), c->path);
    if (c->depth < 1)
        return status_set(e, STATUS_INTERNAL, "%s: column \"%s\" names no field of %s", s->file,
                          name, m->pb.name);
    if (!pg_type_fits(type, c->path[c->depth - 1]))
        return status_set(e, STATUS_INTERNAL, "%s: column \"%s\" does not fit its field: it is %s",
                          s->file, name, pg_type_name(type));
    return 0;
}

static int
describe_columns(struct arena *a, struct statement *s, const PGresult *d, struct status *e)
{
    s->n_columns = PQnfields(d);
    s->columns = arena_alloc(a, (size_t)(s->n_columns + 1) * sizeof *s->columns);
    if (!s->columns)
        return refuse_for_memory(s, e);
    for (int i = 0; i < s->n_columns; i++)
        if (describe_column(s, i, PQfname(d, i), PQftype(d, i), e) < 0)
            return -1;
    return 0;
}

/** The variants of a file must give the same columns. */
static int
compare_columns(const struct statement *s, const PGresult *d, struct status *e)
{
    bool same = PQnfields(d) == s->n_columns;
    for (int i = 0; same && i < s->n_columns; i++)
        same = PQftype(d, i) == s->columns[i].type;
    return same ? 0
                : status_set(e, STATUS_INTERNAL, "%s: an optional line changes the columns",
                             s->file);
}

int
statement_describe(struct arena *a, struct statement *s, struct statement_variant *v,
                   const PGresult *d, struct status *e)
{
    if (describe_params(s, v, d, e) < 0)
        return -1;
    if (!s->out)
        return 0;
    if (s->columns)
        return compare_columns(s, d, e);
    if (describe_columns(a, s, d, e) < 0)
        return -1;
    if (!s->replay_id)
        return 0;
    s->replay_sql = kept_answer_replay(a, d, row_type(s), s->rows);
    return s->replay_sql ? 0 : refuse_for_memory(s, e);
}
