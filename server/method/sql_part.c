#include "server/method/sql_part.h"

#include <string.h>

#include "server/method/sql_text.h"

/** What a use begins with. */
static const char part_prefix[] = ":part.";

/** A part of the file. */
struct part {
    /** Its @name_n bytes within the file. */
    const char *name;
    size_t name_n;
    /** Where its lines begin and end. */
    const char *begin, *end;
    bool is_used;
    /** Its lines are being added: a use of it now is one in itself. */
    bool is_open;
};

/** What is needed while a file is expanded. */
struct expansion {
    const char *file;
    const struct schema_message *in;
    struct status *e;
    struct part parts[SQL_PART_MAX];
    int n_parts;
    struct sql_text out;
};

/** Says what is wrong with the part of that name. Returns -1. */
static int
refuse_part(struct expansion *x, const char *name, size_t n, const char *what)
{
    return status_set(x->e, STATUS_INTERNAL, "%s: part %.*s %s", x->file, (int)n, name, what);
}

static struct part *
find_part(struct expansion *x, const char *name, size_t n)
{
    for (int i = 0; i < x->n_parts; i++)
        if (x->parts[i].name_n == n && strncmp(x->parts[i].name, name, n) == 0)
            return &x->parts[i];
    return NULL;
}

/** Whether it is one word, as :part.name needs it. */
static bool
is_part_name(const char *name, size_t n)
{
    struct sql_text_token t = {.at = name};
    return n && sql_text_next(&t) && t.kind == SQL_TEXT_WORD && t.n == n;
}

static bool
is_field_name(const struct schema_message *m, const char *name, size_t n)
{
    for (unsigned i = 0; m && i < m->pb.n_fields; i++) {
        const char *field = m->fields[i].pb->name;
        if (strlen(field) == n && strncmp(field, name, n) == 0)
            return true;
    }
    return false;
}

/** Notes the part that begins after the line @l, `-- part: name`, when it may be called so. */
static int
begin_part(struct expansion *x, const struct sql_text_line *l, const char *name, size_t n)
{
    if (!is_part_name(name, n) || l->condition)
        return status_set(x->e, STATUS_INTERNAL,
                          "%s: -- part: needs a name of one word, and nothing else", x->file);
    if (find_part(x, name, n))
        return refuse_part(x, name, n, "is there twice");
    if (is_field_name(x->in, name, n))
        return refuse_part(x, name, n, "has the name of a request field");
    if (x->n_parts == SQL_PART_MAX)
        return status_set(x->e, STATUS_INTERNAL, "%s: more than %d parts", x->file, SQL_PART_MAX);
    x->parts[x->n_parts++] = (struct part){.name = name, .name_n = n, .begin = l->next};
    return 0;
}

/** What a line does: -- part: begins a part, -- end ends one. */
enum border { BORDER_NONE, BORDER_BEGIN, BORDER_END };

static enum border
border_of(const struct sql_text_line *l, const char **ret_name, size_t *ret_n)
{
    size_t n;
    *ret_name = sql_text_after(l, "-- part:", ret_n);
    if (*ret_name)
        return BORDER_BEGIN;
    return sql_text_after(l, "-- end", &n) && n == 0 ? BORDER_END : BORDER_NONE;
}

/** Notes the file's parts; the lines outside them go to @ret_rest. */
static int
collect_parts(struct expansion *x, const char *text, struct sql_text *ret_rest)
{
    struct part *open = NULL;
    for (struct sql_text_line l = {.next = text}; sql_text_next_line(&l);) {
        const char *name;
        size_t n;
        enum border border = border_of(&l, &name, &n);
        if (border == BORDER_BEGIN) {
            if (open)
                break;
            if (begin_part(x, &l, name, n) < 0)
                return -1;
            open = &x->parts[x->n_parts - 1];
        } else if (border == BORDER_END) {
            if (!open)
                return status_set(x->e, STATUS_INTERNAL, "%s: -- end without -- part:", x->file);
            open->end = l.at;
            open = NULL;
        } else if (!open) {
            sql_text_add(ret_rest, l.at, (size_t)(l.next - l.at));
        }
    }
    return open ? refuse_part(x, open->name, open->name_n, "has no -- end") : 0;
}

/** The name of the part that the line gives way to, or NULL. */
static const char *
used_name(const struct sql_text_line *l, size_t *ret_n)
{
    const size_t prefix = strlen(part_prefix);
    size_t n;
    const char *s = sql_text_trim(l->at, l->n, &n);
    if (n <= prefix || strncmp(s, part_prefix, prefix) != 0 ||
        !is_part_name(s + prefix, n - prefix))
        return NULL;
    *ret_n = n - prefix;
    return s + prefix;
}

static int add_part(struct expansion *x, const char *name, size_t n, const char *condition);

/** Adds a line, with @condition beside its own. */
static void
add_line(struct sql_text *out, const struct sql_text_line *l, const char *condition)
{
    size_t newline = l->next > l->at && l->next[-1] == '\n';
    sql_text_add(out, l->at, (size_t)(l->next - l->at) - newline);
    if (*condition) {
        sql_text_add_string(out, l->condition ? " " : " --? ");
        sql_text_add_string(out, condition);
    }
    sql_text_add(out, "\n", newline);
}

/** The line's own condition and @condition in one; "": there is none. */
static const char *
both_conditions(struct expansion *x, const struct sql_text_line *l, const char *condition)
{
    struct sql_text both = {.arena = x->out.arena};
    sql_text_add(&both, l->condition ? l->condition : "", l->condition_n);
    sql_text_add_string(&both, l->condition && *condition ? " " : "");
    sql_text_add_string(&both, condition);
    x->out.is_short |= both.is_short;
    return both.is_short ? "" : both.at;
}

/** Adds the lines up to @end, parts in the place of their names. */
static int
add_lines(struct expansion *x, const char *begin, const char *end, const char *condition)
{
    for (struct sql_text_line l = {.next = begin}; l.next < end && sql_text_next_line(&l);) {
        size_t n;
        const char *name = used_name(&l, &n);
        if (!name)
            add_line(&x->out, &l, condition);
        else if (add_part(x, name, n, both_conditions(x, &l, condition)) < 0)
            return -1;
    }
    return 0;
}

static int
add_part(struct expansion *x, const char *name, size_t n, const char *condition)
{
    struct part *p = find_part(x, name, n);
    if (!p)
        return refuse_part(x, name, n, "is not there");
    if (p->is_open)
        return refuse_part(x, name, n, "is used in itself");
    p->is_used = p->is_open = true;
    int rc = add_lines(x, p->begin, p->end, condition);
    p->is_open = false;
    return rc;
}

/** Each use had a line to itself, and every part is used. */
static int
check_uses(struct expansion *x)
{
    for (struct sql_text_token t = {.at = x->out.at}; sql_text_next(&t);)
        if (t.kind == SQL_TEXT_NAME && strncmp(t.at, part_prefix, strlen(part_prefix)) == 0)
            return status_set(x->e, STATUS_INTERNAL, "%s: %.*s must have a line to itself", x->file,
                              (int)t.n, t.at);
    for (int i = 0; i < x->n_parts; i++)
        if (!x->parts[i].is_used)
            return refuse_part(x, x->parts[i].name, x->parts[i].name_n, "is never used");
    return 0;
}

const char *
sql_part_expand(struct arena *a, const char *file, const char *text,
                const struct schema_message *in, struct status *e)
{
    struct expansion x = {.file = file, .in = in, .e = e, .out = {.arena = a}};
    struct sql_text rest = {.arena = a};
    if (collect_parts(&x, text, &rest) < 0)
        return NULL;
    sql_text_add(&rest, "", 0);
    sql_text_add(&x.out, "", 0);
    if (!rest.is_short && add_lines(&x, rest.at, rest.at + rest.n, "") < 0)
        return NULL;
    if (rest.is_short || x.out.is_short) {
        status_set(e, STATUS_INTERNAL, "%s: no memory", file);
        return NULL;
    }
    return check_uses(&x) < 0 ? NULL : x.out.at;
}
