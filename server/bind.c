#include "server/bind.h"

#include <ctype.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/json.h"
#include "server/page.h"

/* PostgreSQL's built-in types, as pg_type.dat numbers them. */
enum {
    T_BOOL = 16,
    T_BYTEA = 17,
    T_NAME = 19,
    T_INT8 = 20,
    T_INT2 = 21,
    T_INT4 = 23,
    T_TEXT = 25,
    T_FLOAT8 = 701,
    T_TEXT_ARRAY = 1009,
    T_VARCHAR = 1043,
    T_DATE = 1082,
    T_TIMESTAMPTZ = 1184,
    T_JSONB = 3802,
};

/** Seconds from 1970 to 2000, where PostgreSQL's times begin. */
static const int64_t pg_epoch_s = 946684800;

/** What the file may say of the caller; the settings are made by authorize(). */
static const struct caller_name {
    const char *name;
    const char *sql;
} caller_names[] = {
    {"me.member_id", "(SELECT current_setting('jiayi.member_id')::bigint)"},
    {"me.company_id", "(SELECT current_setting('jiayi.company_id')::bigint)"},
    {"me.session_id", "(SELECT current_setting('jiayi.session_id')::bigint)"},
};

/** Keeps a WRITE's answer beside the change; $%d is the request's SHA-256. */
static const char keep_answer[] =
    "kept AS (INSERT INTO jiayi.call_record (member_id, request_id, method, request_sha256, answer)"
    " SELECT current_setting('jiayi.member_id')::bigint,"
    " decode(current_setting('jiayi.request_id'), 'hex'), current_setting('jiayi.method'),"
    " :request_sha256::bytea, jsonb_agg(to_jsonb(answer)) FROM answer HAVING count(*) > 0)"
    " SELECT * FROM answer";

/** A growing text in the arena. */
struct text {
    struct arena *a;
    char *at;
    size_t n, room;
    bool full;
};

static void
add(struct text *t, const char *s, size_t n)
{
    if (t->n + n + 1 > t->room && !t->full) {
        size_t room = 2 * (t->n + n + 1);
        char *more = arena_alloc(t->a, room);
        t->full = !more;
        if (more && t->n)
            memcpy(more, t->at, t->n);
        if (more)
            t->at = more;
        t->room = room;
    }
    if (t->full || !t->at)
        return;
    memcpy(t->at + t->n, s, n);
    t->n += n;
    t->at[t->n] = 0;
}

static void
add_string(struct text *t, const char *s)
{
    add(t, s, strlen(s));
}

/* Scanning SQL: what is inside quotes and comments is not looked at. */

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/** The length of a quoted text that begins at @s: 'x', "x" or $tag$x$tag$; 0 when none begins there. */
static size_t
quoted_length(const char *s)
{
    if (*s == '\'' || *s == '"') {
        const char *p = s + 1;
        while (*p && !(*p == *s && p[1] != *s))
            p += *p == *s ? 2 : 1;
        return (size_t)(p - s) + (*p != 0);
    }
    if (*s == '$' && !isdigit((unsigned char)s[1])) {
        size_t tag = 1;
        while (is_word(s[tag]))
            tag++;
        if (s[tag++] != '$')
            return 0;
        for (const char *p = s + tag; *p; p++)
            if (strncmp(p, s, tag) == 0)
                return (size_t)(p - s) + tag;
        return strlen(s);
    }
    return 0;
}

/** The length of a comment that begins at @s, without the newline; 0 when none does. */
static size_t
comment_length(const char *s)
{
    if (s[0] == '-' && s[1] == '-')
        return strcspn(s, "\n");
    if (s[0] == '/' && s[1] == '*') {
        const char *end = strstr(s + 2, "*/");
        return end ? (size_t)(end - s) + 2 : strlen(s);
    }
    return 0;
}

/** The length of a parameter's name after the colon at @s, 0 when it is no parameter (a cast, a slice). */
static size_t
name_length(const char *begin, const char *s)
{
    if (*s != ':' || s[1] == ':' || (s > begin && s[-1] == ':') ||
        !(isalpha((unsigned char)s[1]) || s[1] == '_'))
        return 0;
    size_t n = 0;
    while (is_word(s[1 + n]) || (s[1 + n] == '.' && isalpha((unsigned char)s[2 + n])))
        n++;
    return n;
}

/* Lines and conditions. */

static const char *
trim(struct arena *a, const char *s, size_t n)
{
    while (n && isspace((unsigned char)*s))
        s++, n--;
    while (n && isspace((unsigned char)s[n - 1]))
        n--;
    return arena_copy(a, s, n);
}

/** The condition at the end of a line of @n bytes: what follows the last `--?`; NULL when there is none. */
static const char *
line_condition(struct arena *a, const char *line, size_t n, size_t *ret_code)
{
    for (size_t i = n; i >= 3; i--)
        if (strncmp(line + i - 3, "--?", 3) == 0) {
            *ret_code = i - 3;
            return trim(a, line + i, n - i);
        }
    *ret_code = n;
    return NULL;
}

/** The bit of a condition, noted when it is new; -1 when there is no such field or there are too many. */
static int
condition_bit(struct bind_statement *s, const char *name, struct status *e)
{
    const struct schema_field *f = s->in ? schema_find_field(s->in, name) : NULL;
    if (!f)
        return status_set(e, STATUS_INTERNAL, "%s: --? names no request field: %s", s->file, name);
    for (int i = 0; i < s->n_conditions; i++)
        if (s->conditions[i] == f)
            return i;
    if (s->n_conditions == BIND_MAX_CONDITIONS)
        return status_set(e, STATUS_INTERNAL, "%s: more than %d optional fields", s->file,
                          BIND_MAX_CONDITIONS);
    s->conditions[s->n_conditions] = f;
    return s->n_conditions++;
}

static int
find_rows(struct arena *a, struct bind_statement *s, const char *line, size_t n, struct status *e)
{
    static const char directive[] = "-- rows:";
    const size_t length = sizeof directive - 1;
    if (n < length || strncmp(line, directive, length) != 0)
        return 0;
    const char *name = trim(a, line + length, n - length);
    s->rows = name && s->out ? schema_find_field(s->out, name) : NULL;
    if (!s->rows || !s->rows->message || s->rows->pb->label != PROTOBUF_C_LABEL_REPEATED)
        return status_set(e, STATUS_INTERNAL, "%s: -- rows: names no repeated message field: %s",
                          s->file, name ? name : "");
    return 0;
}

/** Notes what the file says of itself: its conditions and its rows. */
static int
read_directives(struct arena *a, struct bind_statement *s, const char *text, struct status *e)
{
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n"), code;
        if (find_rows(a, s, line, n, e) < 0)
            return -1;
        const char *condition = line_condition(a, line, n, &code);
        if (condition && condition_bit(s, condition + (*condition == '!'), e) < 0)
            return -1;
        line += n + (line[n] == '\n');
    }
    return 0;
}

/** The lines that the combination @mask has, without comments. */
static char *
choose_lines(struct arena *a, struct bind_statement *s, const char *text, int mask)
{
    struct status ignored;
    struct text kept = {.a = a};
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n"), code;
        const char *condition = line_condition(a, line, n, &code);
        bool negated = condition && *condition == '!';
        int bit = condition ? condition_bit(s, condition + negated, &ignored) : -1;
        if (bit < 0 || ((mask >> bit) & 1) != negated) {
            add(&kept, line, code);
            add(&kept, "\n", 1);
        }
        line += n + (line[n] == '\n');
    }
    struct text code = {.a = a};
    for (const char *p = kept.at ? kept.at : ""; *p;) {
        size_t skip = comment_length(p), quoted = skip ? 0 : quoted_length(p);
        if (!skip)
            add(&code, p, quoted ? quoted : 1);
        p += skip ? skip : quoted ? quoted : 1;
    }
    while (code.n && (isspace((unsigned char)code.at[code.n - 1]) || code.at[code.n - 1] == ';'))
        code.at[--code.n] = 0;
    return kept.full || code.full ? NULL : code.at;
}

/* Keeping a WRITE's answer. */

static bool
is_keyword(const char *s, const char *keyword)
{
    size_t n = strlen(keyword);
    return strncasecmp(s, keyword, n) == 0 && !is_word(s[n]);
}

/** Where the main statement begins, behind the WITH list if there is one. */
static const char *
main_statement(const char *sql)
{
    static const char *const verbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "VALUES"};
    int depth = 0;
    for (const char *p = sql; *p;) {
        size_t quoted = quoted_length(p);
        if (quoted) {
            p += quoted;
            continue;
        }
        depth += (*p == '(') - (*p == ')');
        if (depth == 0 && isalpha((unsigned char)*p)) {
            for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
                if (is_keyword(p, verbs[i]))
                    return p;
            while (is_word(*p))
                p++;
            continue;
        }
        p++;
    }
    return NULL;
}

/** The statement that also keeps its own answer in call_record. */
static char *
with_kept_answer(struct arena *a, const char *sql)
{
    while (isspace((unsigned char)*sql))
        sql++;
    const char *verb = main_statement(sql);
    if (!verb)
        return NULL;
    struct text t = {.a = a};
    add_string(&t, is_keyword(sql, "WITH") ? "" : "WITH ");
    add(&t, sql, (size_t)(verb - sql));
    while (t.n && isspace((unsigned char)t.at[t.n - 1]))
        t.at[--t.n] = 0;
    add_string(&t, verb == sql ? " answer AS (" : ", answer AS (");
    add_string(&t, verb);
    add_string(&t, "), ");
    add_string(&t, keep_answer);
    return t.full ? NULL : t.at;
}

/* Parameters. */

/** The fields that a dotted name of @n bytes leads through; the depth, or -1. */
static int
find_path(const struct schema_message *m, const char *name, size_t n,
          const struct schema_field *path[BIND_MAX_DEPTH])
{
    int depth = 0;
    while (m && depth < BIND_MAX_DEPTH) {
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

static int
resolve(struct arena *a, const struct bind_statement *s, const char *name, size_t n,
        struct bind_param *ret, struct status *e)
{
    *ret = (struct bind_param){.name = arena_copy(a, name, n), .source = BIND_NAMED};
    if (!ret->name)
        return status_set(e, STATUS_INTERNAL, "%s: no memory", s->file);
    if (strcmp(ret->name, "request_sha256") == 0)
        ret->source = BIND_REQUEST_SHA256;
    else if (!s->in)
        ret->source = BIND_NAMED;
    else if (strcmp(ret->name, "page.limit") == 0)
        ret->source = BIND_PAGE_LIMIT;
    else if (strcmp(ret->name, "page.after") == 0)
        ret->source = BIND_PAGE_AFTER;
    else if ((ret->depth = find_path(s->in, name, n, ret->path)) > 0)
        ret->source = BIND_FIELD;
    else
        return status_set(e, STATUS_INTERNAL, "%s: :%s names no request field", s->file, ret->name);
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

/** The number of the parameter of that name, from 1; it is added when it is new. 0 with @e set. */
static int
number_of(struct arena *a, const struct bind_statement *s, struct bind_variant *v, const char *name,
          size_t n, struct status *e)
{
    for (int i = 0; i < v->n_params; i++)
        if (strlen(v->params[i].name) == n && strncmp(v->params[i].name, name, n) == 0)
            return i + 1;
    if (v->n_params == BIND_MAX_PARAMS) {
        status_set(e, STATUS_INTERNAL, "%s: more than %d parameters", s->file, BIND_MAX_PARAMS);
        return 0;
    }
    if (resolve(a, s, name, n, &v->params[v->n_params], e) < 0)
        return 0;
    return ++v->n_params;
}

/** Replaces names by numbers. */
static int
number_params(struct arena *a, const struct bind_statement *s, struct bind_variant *v,
              const char *sql, struct status *e)
{
    struct text t = {.a = a};
    v->params = arena_alloc(a, BIND_MAX_PARAMS * sizeof *v->params);
    if (!v->params)
        return status_set(e, STATUS_INTERNAL, "%s: no memory", s->file);
    for (const char *p = sql; *p;) {
        size_t quoted = quoted_length(p), n = quoted ? 0 : name_length(sql, p);
        if (n == 0) {
            add(&t, p, quoted ? quoted : 1);
            p += quoted ? quoted : 1;
            continue;
        }
        const char *caller = caller_sql(p + 1, n);
        char number[16];
        if (!caller) {
            int i = number_of(a, s, v, p + 1, n, e);
            if (i == 0)
                return -1;
            snprintf(number, sizeof number, "$%d", i);
        }
        add_string(&t, caller ? caller : number);
        p += 1 + n;
    }
    v->sql = t.at;
    return t.full ? status_set(e, STATUS_INTERNAL, "%s: no memory", s->file) : 0;
}

static int
compile_variant(struct arena *a, struct bind_statement *s, const char *text, int mask,
                bool is_write, struct status *e)
{
    const char *sql = choose_lines(a, s, text, mask);
    if (sql && is_write)
        sql = with_kept_answer(a, sql);
    if (!sql)
        return status_set(e, STATUS_INTERNAL, "%s: holds no statement", s->file);
    return number_params(a, s, &s->variants[mask], sql, e);
}

struct bind_statement *
bind_compile(struct arena *a, const char *file, const char *text, const struct schema_message *in,
             const struct schema_message *out, const struct schema_field *rows, bool is_write,
             unsigned *next_id, struct status *e)
{
    struct bind_statement *s = arena_alloc(a, sizeof *s);
    if (!s) {
        status_set(e, STATUS_INTERNAL, "%s: no memory", file);
        return NULL;
    }
    *s = (struct bind_statement){.file = file, .in = in, .out = out, .rows = rows, .page_key = -1};
    if (read_directives(a, s, text, e) < 0)
        return NULL;
    s->n_variants = 1 << s->n_conditions;
    s->variants = arena_alloc(a, (size_t)s->n_variants * sizeof *s->variants);
    for (int mask = 0; s->variants && mask < s->n_variants; mask++) {
        s->variants[mask].id = (*next_id)++;
        if (compile_variant(a, s, text, mask, is_write, e) < 0)
            return NULL;
    }
    s->replay_id = is_write ? (*next_id)++ : 0;
    return s->variants ? s : NULL;
}

/* The check at boot: types. */

static bool
is_integer(ProtobufCType type)
{
    return type == PROTOBUF_C_TYPE_INT32 || type == PROTOBUF_C_TYPE_INT64 ||
           type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_UINT64 ||
           type == PROTOBUF_C_TYPE_ENUM;
}

/** Whether a column of PostgreSQL's type @type can fill the field. */
static bool
fits(const struct schema_field *f, Oid type)
{
    bool repeated = f->pb->label == PROTOBUF_C_LABEL_REPEATED;
    switch (type) {
    case T_TEXT_ARRAY: return repeated && f->pb->type == PROTOBUF_C_TYPE_STRING;
    case T_JSONB: return repeated && f->message;
    case T_INT2:
    case T_INT4: return !repeated && is_integer(f->pb->type);
    case T_INT8:
        return !repeated && is_integer(f->pb->type) && f->pb->type != PROTOBUF_C_TYPE_INT32;
    case T_BOOL: return !repeated && f->pb->type == PROTOBUF_C_TYPE_BOOL;
    case T_TEXT:
    case T_VARCHAR:
    case T_NAME:
    case T_DATE: return !repeated && f->pb->type == PROTOBUF_C_TYPE_STRING;
    case T_BYTEA: return !repeated && f->pb->type == PROTOBUF_C_TYPE_BYTES;
    case T_FLOAT8: return !repeated && f->pb->type == PROTOBUF_C_TYPE_DOUBLE;
    case T_TIMESTAMPTZ: return !repeated && f->message && schema_is_timestamp(f->message);
    default: return false;
    }
}

static const char *
type_name(Oid type)
{
    static const struct {
        Oid type;
        const char *name;
    } names[] = {{T_BOOL, "bool"},    {T_BYTEA, "bytea"},   {T_NAME, "name"},
                 {T_INT8, "int8"},    {T_INT2, "int2"},     {T_INT4, "int4"},
                 {T_TEXT, "text"},    {T_FLOAT8, "float8"}, {T_TEXT_ARRAY, "text[]"},
                 {T_VARCHAR, "text"}, {T_DATE, "date"},     {T_TIMESTAMPTZ, "timestamptz"},
                 {T_JSONB, "jsonb"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].type == type)
            return names[i].name;
    return "a type without a field type; cast it to text";
}

static int
describe_column(struct bind_statement *s, int i, const char *name, Oid type, struct status *e)
{
    struct bind_column *c = &s->columns[i];
    const struct schema_message *m = s->rows ? s->rows->message : s->out;
    c->type = type;
    if (strcmp(name, "page.key") == 0) {
        s->page_key = i;
        if (type == T_INT8 || type == T_TEXT)
            return 0;
        return status_set(e, STATUS_INTERNAL, "%s: page.key must be int8 or text", s->file);
    }
    c->depth = find_path(m, name, strlen(name), c->path);
    if (c->depth < 1)
        return status_set(e, STATUS_INTERNAL, "%s: column \"%s\" names no field of %s", s->file,
                          name, m->pb.name);
    if (!fits(c->path[c->depth - 1], type))
        return status_set(e, STATUS_INTERNAL, "%s: column \"%s\" does not fit its field: it is %s",
                          s->file, name, type_name(type));
    return 0;
}

static int
describe_columns(struct arena *a, struct bind_statement *s, const PGresult *d, struct status *e)
{
    s->n_columns = PQnfields(d);
    s->columns = arena_alloc(a, (size_t)(s->n_columns + 1) * sizeof *s->columns);
    if (!s->columns)
        return status_set(e, STATUS_INTERNAL, "%s: no memory", s->file);
    for (int i = 0; i < s->n_columns; i++)
        if (describe_column(s, i, PQfname(d, i), PQftype(d, i), e) < 0)
            return -1;
    return 0;
}

/** The variants of a file must give the same columns. */
static int
compare_columns(const struct bind_statement *s, const PGresult *d, struct status *e)
{
    bool same = PQnfields(d) == s->n_columns;
    for (int i = 0; same && i < s->n_columns; i++)
        same = PQftype(d, i) == s->columns[i].type;
    return same ? 0
                : status_set(e, STATUS_INTERNAL, "%s: an optional line changes the columns",
                             s->file);
}

/** The statement that reads a kept answer back, with the same columns. */
static int
make_replay(struct arena *a, struct bind_statement *s, const PGresult *d, struct status *e)
{
    struct text t = {.a = a};
    add_string(&t, "SELECT kept.* FROM jiayi.call_record,"
                   " jsonb_to_recordset(call_record.answer) AS kept(");
    for (int i = 0; i < s->n_columns; i++) {
        add_string(&t, i ? ", \"" : "\"");
        add_string(&t, PQfname(d, i));
        add_string(&t, "\" ");
        add_string(&t, type_name(s->columns[i].type));
    }
    add_string(&t, ") WHERE member_id = (SELECT current_setting('jiayi.member_id')::bigint)"
                   " AND request_id = $1");
    s->replay_sql = t.at;
    return t.full ? status_set(e, STATUS_INTERNAL, "%s: no memory", s->file) : 0;
}

int
bind_describe(struct arena *a, struct bind_statement *s, struct bind_variant *v, const PGresult *d,
              struct status *e)
{
    if (PQnparams(d) != v->n_params)
        return status_set(e, STATUS_INTERNAL, "%s: %d parameters, PostgreSQL finds %d", s->file,
                          v->n_params, PQnparams(d));
    for (int i = 0; i < v->n_params; i++) {
        struct bind_param *p = &v->params[i];
        p->type = PQparamtype(d, i);
        if (p->source != BIND_FIELD)
            continue;
        const struct schema_field *f = p->path[p->depth - 1];
        if (f->message && !schema_is_timestamp(f->message))
            return status_set(e, STATUS_INTERNAL, "%s: :%s is a message; name a field of it",
                              s->file, p->name);
        if ((f->pb->label == PROTOBUF_C_LABEL_REPEATED) != (p->type == T_TEXT_ARRAY))
            return status_set(e, STATUS_INTERNAL, "%s: :%s is repeated; cast it to text[]", s->file,
                              p->name);
    }
    if (!s->out)
        return 0;
    if (s->columns)
        return compare_columns(s, d, e);
    if (describe_columns(a, s, d, e) < 0)
        return -1;
    return s->replay_id ? make_replay(a, s, d, e) : 0;
}

/* A call: values. */

const struct bind_variant *
bind_choose(const struct bind_statement *s, const ProtobufCMessage *request)
{
    int mask = 0;
    for (int i = 0; i < s->n_conditions; i++)
        mask |= message_has(request, s->conditions[i]) << i;
    return &s->variants[mask];
}

static int
value_set(struct bind_values *v, int i, const void *value, size_t length, bool is_binary)
{
    v->values[i] = value;
    v->lengths[i] = (int)length;
    v->formats[i] = is_binary;
    return value ? 0 : -1;
}

/** PostgreSQL's binary form of a one-dimensional text[]. */
static int
bind_text_array(struct arena *a, struct bind_values *v, int i, const ProtobufCMessage *message,
                const struct schema_field *f)
{
    size_t n = message_count(message, f), size = 20;
    for (size_t k = 0; k < n; k++)
        size += 4 + strlen(*(char *const *)message_value(message, f, k));
    uint8_t *out = arena_alloc(a, size), *at = out;
    if (!out)
        return -1;
    const uint32_t head[] = {htobe32(n > 0), 0, htobe32(T_TEXT), htobe32((uint32_t)n), htobe32(1)};
    size_t head_size = n > 0 ? sizeof head : 12;
    memcpy(at, head, head_size);
    at += head_size;
    for (size_t k = 0; k < n; k++) {
        const char *s = *(char *const *)message_value(message, f, k);
        uint32_t length = htobe32((uint32_t)strlen(s));
        memcpy(at, &length, 4);
        memcpy(at + 4, s, strlen(s));
        at += 4 + strlen(s);
    }
    return value_set(v, i, out, (size_t)(at - out), true);
}

static int
bind_integer(struct arena *a, struct bind_values *v, int i, int64_t value, Oid type)
{
    uint8_t *out = arena_alloc(a, 24);
    if (!out)
        return -1;
    switch (type) {
    case T_INT8: {
        uint64_t wide = htobe64((uint64_t)value);
        memcpy(out, &wide, 8);
        return value_set(v, i, out, 8, true);
    }
    case T_INT4:
        if (value == (int32_t)value) {
            uint32_t narrow = htobe32((uint32_t)value);
            memcpy(out, &narrow, 4);
            return value_set(v, i, out, 4, true);
        }
        break;
    case T_BOOL: out[0] = value != 0; return value_set(v, i, out, 1, true);
    default: break;
    }
    /* As text PostgreSQL takes it for any type, and refuses what does not fit. */
    return value_set(v, i, out, (size_t)snprintf((char *)out, 24, "%lld", (long long)value), false);
}

static int
bind_timestamp(struct arena *a, struct bind_values *v, int i, const ProtobufCMessage *timestamp)
{
    const struct schema_message *m = schema_of(timestamp);
    int64_t s = message_integer(timestamp, schema_find_field(m, "seconds"), 0);
    int64_t ns = message_integer(timestamp, schema_find_field(m, "nanos"), 0);
    return bind_integer(a, v, i, (s - pg_epoch_s) * 1000000 + ns / 1000, T_INT8);
}

static int
bind_field(struct arena *a, struct bind_values *v, int i, const struct bind_param *p,
           const ProtobufCMessage *message)
{
    for (int k = 0; message && k < p->depth - 1; k++)
        message = message_child(message, p->path[k]);
    const struct schema_field *f = p->path[p->depth - 1];
    if (!message || (!message_has(message, f) && p->type != T_TEXT_ARRAY))
        return 0; /* absent: NULL */
    if (p->type == T_TEXT_ARRAY)
        return bind_text_array(a, v, i, message, f);
    if (f->message)
        return bind_timestamp(a, v, i, message_child(message, f));
    if (f->pb->type == PROTOBUF_C_TYPE_BYTES) {
        const ProtobufCBinaryData *bytes = message_value(message, f, 0);
        return value_set(v, i, bytes->len ? (const void *)bytes->data : "", bytes->len, true);
    }
    if (f->pb->type == PROTOBUF_C_TYPE_STRING)
        return value_set(v, i, message_string(message, f), 0, false);
    return bind_integer(a, v, i, message_integer(message, f, 0), p->type);
}

static int
values_new(struct arena *a, int n, struct bind_values *ret, struct status *e)
{
    size_t count = (size_t)n + 1;
    *ret = (struct bind_values){.n = n,
                                .values = arena_alloc(a, count * sizeof(char *)),
                                .lengths = arena_alloc(a, count * sizeof(int)),
                                .formats = arena_alloc(a, count * sizeof(int))};
    if (!ret->values || !ret->lengths || !ret->formats)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    return 0;
}

static int
bind_one(struct arena *a, const struct bind_param *p, int i, const ProtobufCMessage *request,
         const uint8_t *request_sha256, struct bind_values *ret, struct status *e)
{
    switch (p->source) {
    case BIND_PAGE_LIMIT: return bind_integer(a, ret, i, page_size(request) + 1, p->type);
    case BIND_PAGE_AFTER: {
        const char *key = NULL;
        if (page_after(a, request, &key, e) < 0)
            return -1;
        /* A token of another list may not even be a number. */
        if (key && p->type == T_INT8 && strspn(key, "-0123456789") != strlen(key))
            return page_refuse(e);
        return key ? value_set(ret, i, key, 0, false) : 0;
    }
    case BIND_REQUEST_SHA256: return value_set(ret, i, request_sha256, 32, true);
    default: return bind_field(a, ret, i, p, request);
    }
}

int
bind_request(struct arena *a, const struct bind_variant *v, const ProtobufCMessage *request,
             const uint8_t *request_sha256, struct bind_values *ret, struct status *e)
{
    if (values_new(a, v->n_params, ret, e) < 0)
        return -1;
    for (int i = 0; i < v->n_params; i++)
        if (bind_one(a, &v->params[i], i, request, request_sha256, ret, e) < 0)
            return e->code
                       ? -1
                       : status_set(e, STATUS_RESOURCE_EXHAUSTED, "the call takes too much memory");
    return 0;
}

int
bind_names(struct arena *a, const struct bind_variant *v, const struct bind_named *named, size_t n,
           struct bind_values *ret, struct status *e)
{
    if (values_new(a, v->n_params, ret, e) < 0)
        return -1;
    for (int i = 0; i < v->n_params; i++)
        for (size_t k = 0; k < n; k++)
            if (strcmp(named[k].name, v->params[i].name) == 0)
                ret->values[i] = named[k].value;
    return 0;
}

/* A call: the result. */

static int64_t
read_integer(const char *value, int length)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (length) {
    case 1: return *value;
    case 2: memcpy(&two, value, 2); return (int16_t)be16toh(two);
    case 4: memcpy(&four, value, 4); return (int32_t)be32toh(four);
    default: memcpy(&eight, value, 8); return (int64_t)be64toh(eight);
    }
}

static int
put_timestamp(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, int64_t us)
{
    ProtobufCMessage *t = message_new(a, f->message);
    if (!t)
        return -1;
    int64_t s = us / 1000000, rest = us % 1000000;
    if (rest < 0) {
        rest += 1000000;
        s--;
    }
    if (message_put_integer(a, t, schema_find_field(f->message, "seconds"), s + pg_epoch_s) < 0 ||
        message_put_integer(a, t, schema_find_field(f->message, "nanos"), rest * 1000) < 0)
        return -1;
    return message_put(a, message, f, &t);
}

static int
put_date(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, int64_t days)
{
    time_t at = (time_t)(days * 86400 + pg_epoch_s);
    struct tm day;
    gmtime_r(&at, &day);
    char *text = arena_alloc(a, 16);
    if (!text || strftime(text, 16, "%Y-%m-%d", &day) == 0)
        return -1;
    return message_put(a, message, f, &text);
}

/** The elements of a text[] in binary form; NULL elements are left out. */
static int
put_text_array(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
               const char *value, int length)
{
    if (length < 20)
        return 0; /* no dimensions: empty */
    int64_t n = read_integer(value + 12, 4);
    const char *at = value + 20, *end = value + length;
    for (int64_t i = 0; i < n && end - at >= 4; i++) {
        int64_t size = read_integer(at, 4);
        at += 4;
        if (size < 0)
            continue;
        if (size > end - at || message_put_string(a, message, f, at, (size_t)size) < 0)
            return -1;
        at += size;
    }
    return 0;
}

/** An array of objects becomes the elements of a repeated message field. A jsonb's binary form is a 1 and the text. */
static int
put_objects(struct arena *a, ProtobufCMessage *message, const struct schema_field *f,
            const char *value, int length)
{
    struct status ignored;
    const char *text = length > 1 ? arena_print(a, "{\"%s\":%s}", f->pb->name, value + 1) : NULL;
    ProtobufCMessage *read =
        text ? json_read(a, schema_of(message), text, strlen(text), &ignored) : NULL;
    for (size_t i = 0; read && i < message_count(read, f); i++)
        if (message_put(a, message, f, message_value(read, f, i)) < 0)
            return -1;
    return read ? 0 : -1;
}

static int
put_value(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, Oid type,
          const char *value, int length)
{
    switch (type) {
    case T_TEXT:
    case T_VARCHAR:
    case T_NAME: return message_put(a, message, f, &value);
    case T_TIMESTAMPTZ: return put_timestamp(a, message, f, read_integer(value, length));
    case T_DATE: return put_date(a, message, f, read_integer(value, length));
    case T_TEXT_ARRAY: return put_text_array(a, message, f, value, length);
    case T_JSONB: return put_objects(a, message, f, value, length);
    case T_BYTEA: {
        ProtobufCBinaryData bytes = {(size_t)length, (uint8_t *)value};
        return message_put(a, message, f, &bytes);
    }
    case T_FLOAT8: {
        int64_t bits = read_integer(value, length);
        return message_put(a, message, f, &bits);
    }
    default: return message_put_integer(a, message, f, read_integer(value, length));
    }
}

static int
put_row(struct arena *a, const struct bind_statement *s, const PGresult *result, int row,
        ProtobufCMessage *to)
{
    for (int i = 0; i < s->n_columns; i++) {
        const struct bind_column *c = &s->columns[i];
        if (c->depth == 0 || PQgetisnull(result, row, i))
            continue;
        ProtobufCMessage *at = to;
        for (int k = 0; at && k < c->depth - 1; k++)
            at = message_need_child(a, at, c->path[k]);
        if (!at || put_value(a, at, c->path[c->depth - 1], c->type, PQgetvalue(result, row, i),
                             PQgetlength(result, row, i)) < 0)
            return -1;
    }
    return 0;
}

/** The key of the last row kept becomes the token of the next page. */
static int
put_next_page(struct arena *a, const struct bind_statement *s, const PGresult *result, int row,
              ProtobufCMessage *response)
{
    const struct schema_field *f = schema_find_field(s->out, "next_page_token");
    const char *value = PQgetvalue(result, row, s->page_key), *token;
    char number[24];
    if (s->columns[s->page_key].type == T_INT8) {
        snprintf(number, sizeof number, "%lld", (long long)read_integer(value, 8));
        value = number;
    }
    token = page_token(a, value);
    return token && f ? message_put(a, response, f, &token) : -1;
}

int
bind_result(struct arena *a, const struct bind_statement *s, const PGresult *result,
            const ProtobufCMessage *request, ProtobufCMessage *response, struct status *e)
{
    int n = PQntuples(result), rc = 0;
    if (!s->rows) {
        rc = n > 0 ? put_row(a, s, result, 0, response) : 0;
    } else {
        bool more = s->page_key >= 0 && n > page_size(request);
        n -= more;
        for (int row = 0; row < n && rc == 0; row++) {
            ProtobufCMessage *element = message_new(a, s->rows->message);
            if (!element || message_put(a, response, s->rows, &element) < 0)
                rc = -1;
            else
                rc = put_row(a, s, result, row, element);
        }
        if (rc == 0 && more)
            rc = put_next_page(a, s, result, n - 1, response);
    }
    if (rc < 0)
        return status_set(e, STATUS_RESOURCE_EXHAUSTED,
                          "the answer takes too much memory; ask for a smaller page");
    return n;
}
