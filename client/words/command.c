#include "client/words/command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "client/base/i18n.h"

enum {
    /** The longest word that is compared for suggestions. */
    NEAR_BYTES = 40,
};

/* Making commands of the schema. */

/** A command's arguments in the making. */
struct maker {
    struct arena *arena;
    struct argument *all;
    size_t n, room;
    bool failed;
};

static struct argument *
add_argument(struct maker *m)
{
    if (m->n == m->room) {
        size_t room = m->room ? 2 * m->room : 16;
        struct argument *more = arena_alloc(m->arena, room * sizeof *more);
        if (!more) {
            m->failed = true;
            return NULL;
        }
        if (m->n)
            memcpy(more, m->all, m->n * sizeof *more);
        m->all = more;
        m->room = room;
    }
    return &m->all[m->n++];
}

static bool
is_taken(const struct maker *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->all[i].place == 0 && strcmp(m->all[i].name, name) == 0)
            return true;
    return false;
}

/** A name with hyphens for underscores, for flags; or upper case, for placeholders. */
static const char *
spell(struct maker *m, const char *name, bool upper)
{
    char *copy = arena_copy(m->arena, name, strlen(name));
    if (!copy)
        m->failed = true;
    for (char *p = copy; p && *p; p++)
        *p = upper ? (char)toupper((unsigned char)*p) : *p == '_' ? '-' : *p;
    return copy ? copy : "";
}

/** The choices as "a|b|c". */
static const char *
spell_choices(struct maker *m, const Jiayi__V1__FieldOption *o)
{
    const char *text = o->choices[0];
    for (size_t i = 1; text && i < o->n_choices; i++)
        text = arena_print(m->arena, "%s|%s", text, o->choices[i]);
    return text ? text : "";
}

static const char *
placeholder_of(struct maker *m, const struct schema_field *f)
{
    static const char *const by_format[] = {
        [JIAYI__V1__FORMAT__EMAIL] = "EMAIL",
        [JIAYI__V1__FORMAT__SLUG] = "SLUG",
        [JIAYI__V1__FORMAT__DECIMAL] = "N",
        [JIAYI__V1__FORMAT__CURRENCY] = "CODE",
        [JIAYI__V1__FORMAT__DATE] = "DATE",
        [JIAYI__V1__FORMAT__PERIOD] = "PERIOD",
        [JIAYI__V1__FORMAT__GRANT] = "PERMISSION:SCOPE",
        [JIAYI__V1__FORMAT__REF] = "KIND/ID",
        [JIAYI__V1__FORMAT__TIME] = "TIME",
    };
    size_t length = strlen(f->pb->name);
    if (f->option->n_choices)
        return spell_choices(m, f->option);
    /* A thing that is there alone is no better named than by what it looks like. */
    bool is_thing = strcmp(f->pb->name, "on") == 0;
    if (f->option->positional && f->option->format != JIAYI__V1__FORMAT__GRANT && !is_thing)
        return length > 3 && strcmp(f->pb->name + length - 3, "_id") == 0
                   ? "ID"
                   : spell(m, f->pb->name, true);
    if (f->option->format < sizeof by_format / sizeof *by_format && by_format[f->option->format])
        return by_format[f->option->format];
    if (f->message)
        return "TIME";
    if (f->pb->type == PROTOBUF_C_TYPE_BYTES)
        return "BASE64";
    return f->pb->type == PROTOBUF_C_TYPE_STRING ? "TEXT" : "N";
}

/**
 * A flag's name; when another field has it already, with the name of the message around it before
 * it.
 */
static const char *
flag_name(struct maker *m, const struct schema_field *const *path, unsigned depth,
          const char *suffix)
{
    const struct schema_field *f = path[depth - 1];
    const char *own = f->option->flag ? f->option->flag : spell(m, f->pb->name, false);
    const char *name = arena_print(m->arena, "%s%s", own, suffix);
    if (name && depth > 1 && is_taken(m, name))
        name = arena_print(m->arena, "%s-%s", spell(m, path[depth - 2]->pb->name, false), name);
    if (!name)
        m->failed = true;
    return name ? name : "";
}

static void
add_editor(struct maker *m, const struct argument *document)
{
    struct argument *editor = add_argument(m);
    if (!editor)
        return;
    *editor = *document;
    editor->name =
        is_taken(m, "editor") ? flag_name(m, document->path, document->depth, "-editor") : "editor";
    editor->kind = ARGUMENT_EDITOR;
    editor->placeholder = NULL;
    editor->required = false;
    editor->comment = N_("Writes it in $VISUAL or $EDITOR instead.");
}

static void
add_leaf(struct maker *m, const struct schema_field *const *path, unsigned depth)
{
    const struct schema_field *f = path[depth - 1];
    bool word = f->option->input == JIAYI__V1__INPUT__WORD;
    bool password = f->option->input == JIAYI__V1__INPUT__PASSWORD;
    bool table = f->option->input == JIAYI__V1__INPUT__TABLE;
    struct argument made = {
        .comment = f->comment,
        .kind = password                              ? ARGUMENT_PASSWORD
                : table                               ? ARGUMENT_TABLE
                : !word                               ? ARGUMENT_DOCUMENT
                : f->pb->type == PROTOBUF_C_TYPE_BOOL ? ARGUMENT_BOOL
                                                      : ARGUMENT_WORD,
        .place = (word || table) && depth == 1 && f->option->positional > 0
                     ? (unsigned)f->option->positional
                     : 0,
        .required = f->option->required,
        .repeated = f->pb->label == PROTOBUF_C_LABEL_REPEATED && !table,
        .refers = f->option->refers,
        .depth = depth,
    };
    memcpy(made.path, path, depth * sizeof(struct schema_field *));
    made.placeholder = made.kind == ARGUMENT_BOOL ? NULL : word ? placeholder_of(m, f) : "FILE|-";
    if (made.place) {
        made.name = made.placeholder;
        made.kind = table ? ARGUMENT_TABLE : ARGUMENT_WORD;
    } else {
        made.name = flag_name(m, path, depth, password ? "-file" : "");
    }
    struct argument *a = add_argument(m);
    if (a)
        *a = made;
    if (made.kind == ARGUMENT_DOCUMENT)
        add_editor(m, &made);
}

/** Adds the fields of @type, as they were declared; those of a message go down into it. */
static void
add_fields(struct maker *m, const struct schema_message *type, const struct schema_field **path,
           unsigned depth)
{
    for (unsigned i = 0; i < type->pb.n_fields; i++) {
        const struct schema_field *f = schema_field_at(type, i);
        bool message = f->message && !schema_is_timestamp(f->message);
        path[depth] = f;
        if (f->option->input == JIAYI__V1__INPUT__KEPT)
            continue;
        if (!message || f->option->input == JIAYI__V1__INPUT__TABLE)
            add_leaf(m, path, depth + 1);
        else if (depth + 1 < ARGUMENT_DEPTH && f->pb->label != PROTOBUF_C_LABEL_REPEATED)
            add_fields(m, f->message, path, depth + 1);
        /* Other repeated messages have no form in words; `api call` takes them. */
    }
}

static void
add_all(struct maker *m)
{
    struct argument *a = add_argument(m);
    if (a)
        *a = (struct argument){.name = "all",
                               .kind = ARGUMENT_BOOL,
                               .comment = N_("All of them, page after page.")};
}

/** Puts the positionals first, in their order; the flags stay as they are. */
static void
sort_arguments(struct maker *m)
{
    for (size_t i = 1; i < m->n; i++) {
        struct argument moving = m->all[i];
        size_t at = i;
        for (; at > 0 && moving.place &&
               (!m->all[at - 1].place || m->all[at - 1].place > moving.place);
             at--)
            m->all[at] = m->all[at - 1];
        m->all[at] = moving;
    }
}

static bool
takes_version(const struct schema_method *method)
{
    const struct schema_field *f = method ? schema_find_field(method->in, "version") : NULL;
    return f && method->option->kind == JIAYI__V1__KIND__WRITE &&
           f->pb->type == PROTOBUF_C_TYPE_INT32 && !f->option->required;
}

static void
add_force(struct maker *m)
{
    struct argument *force = add_argument(m);
    if (force)
        *force = (struct argument){
            .name = "force",
            .kind = ARGUMENT_BOOL,
            .comment = N_("Goes on whatever the version is by now. Without it, a newer one than "
                          "this profile was shown last refuses the change."),
        };
}

static void
add_yes(struct maker *m)
{
    struct argument *yes = add_argument(m);
    if (yes)
        *yes = (struct argument){
            .name = "yes",
            .kind = ARGUMENT_BOOL,
            .comment = N_("Does not ask first. Where there is no terminal nothing asks anyway."),
        };
}

const struct command *
command_open(const struct commands *c, const struct command *one)
{
    struct command *to = (struct command *)one;
    const struct handmade *by_hand = one->by_hand;
    struct maker m = {.arena = c->arena};
    const struct schema_field *path[ARGUMENT_DEPTH];
    if (one->comment)
        return one;
    if (by_hand && by_hand->method)
        to->method = schema_find_method(c->schema, by_hand->method);
    const struct schema_method *method = one->method;
    if (method)
        schema_open(c->schema, method);
    for (const struct argument *own = by_hand ? by_hand->arguments : NULL; own && own->name;
         own++) {
        struct argument *argument = add_argument(&m);
        if (argument)
            *argument = *own;
    }
    if (method)
        add_fields(&m, method->in, path, 0);
    if (takes_version(method))
        add_force(&m);
    if (method && command_is_paged(method) && !is_taken(&m, "all"))
        add_all(&m);
    if (method && method->option->ends && !by_hand)
        add_yes(&m);
    sort_arguments(&m);
    to->arguments = m.all;
    to->n_arguments = m.n;
    to->run = by_hand ? by_hand->run : NULL;
    to->is_general = !by_hand || by_hand->is_general;
    to->comment = by_hand && by_hand->comment ? by_hand->comment : method ? method->comment : "";
    return m.failed ? NULL : one;
}

static bool
is_by_hand(const struct handmade *by_hand, const char *name)
{
    for (const struct handmade *h = by_hand; h->name; h++)
        if (strcmp(h->name, name) == 0)
            return true;
    return false;
}

static int
compare_command(const void *a, const void *b)
{
    return strcmp(((const struct command *)a)->name, ((const struct command *)b)->name);
}

bool
command_is_paged(const struct schema_method *method)
{
    return schema_find_field(method->in, "page_token") &&
           schema_find_field(method->out, "next_page_token");
}

const struct commands *
command_list(struct arena *a, const struct schema *s, const struct handmade *by_hand)
{
    size_t room = s->n_methods + 1;
    for (const struct handmade *h = by_hand; h->name; h++)
        room++;
    struct commands *list = arena_alloc(a, sizeof *list);
    struct command *all = arena_alloc(a, room * sizeof *all);
    size_t n = 0;
    if (!list || !all)
        return NULL;
    for (const struct handmade *h = by_hand; h->name; h++)
        all[n++] = (struct command){.name = h->name, .by_hand = h};
    for (size_t i = 0; i < s->n_methods; i++) {
        const char *name = s->methods[i].option->command;
        if (name && *name && !is_by_hand(by_hand, name))
            all[n++] = (struct command){.name = name, .method = &s->methods[i]};
    }
    qsort(all, n, sizeof *all, compare_command);
    *list = (struct commands){.all = all, .n = n, .arena = a, .schema = s};
    return list;
}

const struct command *
command_find(const struct commands *c, const char *name)
{
    const struct command key = {.name = name};
    const struct command *found = bsearch(&key, c->all, c->n, sizeof key, compare_command);
    return found ? command_open(c, found) : NULL;
}

bool
command_is_noun(const struct commands *c, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < c->n; i++)
        if (strncmp(c->all[i].name, word, length) == 0 && c->all[i].name[length] == ' ')
            return true;
    return false;
}

bool
command_has_version(const struct command *c)
{
    return takes_version(c->method);
}

const char *
command_label(struct arena *a, const struct argument *argument)
{
    const char *label = argument->place ? argument->name : arena_print(a, "--%s", argument->name);
    return label ? label : argument->name;
}

int
command_index(const struct command *c, const char *name)
{
    for (size_t i = 0; i < c->n_arguments; i++)
        if (strcmp(c->arguments[i].name, name) == 0)
            return (int)i;
    return -1;
}

const struct schema_field *
command_field(const struct argument *argument)
{
    return argument->depth ? argument->path[argument->depth - 1] : NULL;
}

bool
command_requires(const struct command *c, const struct argument *argument)
{
    for (unsigned i = 0; i + 1 < argument->depth; i++)
        if (!argument->path[i]->option->required)
            return false;
    return argument->required && (c->is_general || !argument->depth);
}

/* Suggestions. */

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/**
 * How many letters are to be changed, added, dropped or swapped with their neighbour to make one of
 * the other.
 */
static size_t
distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), row[3][NEAR_BYTES + 1];
    if (n > NEAR_BYTES || m > NEAR_BYTES)
        return NEAR_BYTES;
    for (size_t k = 0; k <= m; k++)
        row[0][k] = k;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (size_t k = 1; k <= m; k++) {
            now[k] =
                smaller(smaller(before[k], now[k - 1]) + 1, before[k - 1] + (a[i - 1] != b[k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                now[k] = smaller(now[k], earlier[k - 2] + 1);
        }
    }
    return row[n % 3][m];
}

const char *
command_nearest(const char *word, const char *const *names, size_t n)
{
    size_t length = strlen(word), best = length < 3 ? 2 : length / 3 + 2;
    const char *found = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t away = distance(word, names[i]);
        /* The beginning of a name is as good as one wrong letter. */
        if (length > 1 && strncmp(names[i], word, length) == 0)
            away = smaller(away, 1);
        if (away < best) {
            best = away;
            found = names[i];
        }
    }
    return found;
}
