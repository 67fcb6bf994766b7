#include "client/command.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/handmade.h"
#include "client/i18n.h"
#include "common/text.h"

enum {
    /** The longest word that is compared for suggestions. */
    NEAR_BYTES = 40,
    REQUEST_ID_BYTES = 16,
};

const struct argument command_globals[] = {
    {.name = "profile",
     .placeholder = "NAME",
     .comment = N_("The sign-in to use, for several side by side; \"default\" where absent.")},
    {.name = "output",
     .placeholder = "table|json|csv",
     .comment = N_("How to write the answer, also -o; a table where absent.")},
    {.name = "timeout",
     .placeholder = "SECONDS",
     .comment = N_("How long to wait at most, such as 2.5; 10 where absent, at most 300.")},
    {.name = "request-id",
     .placeholder = "HEX",
     .comment = N_("16 bytes that name the call. A change that is sent again with the same bytes is done once.")},
    {.name = "help", .kind = ARGUMENT_BOOL, .comment = N_("Shows this help, also -h.")},
    {.name = "version", .kind = ARGUMENT_BOOL, .comment = N_("Shows the version; before the command.")},
};
const size_t command_n_globals = sizeof command_globals / sizeof *command_globals;

enum global { GLOBAL_PROFILE, GLOBAL_OUTPUT, GLOBAL_TIMEOUT, GLOBAL_REQUEST_ID, GLOBAL_HELP, GLOBAL_VERSION };

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
        [JIAYI__V1__FORMAT__EMAIL] = "EMAIL",       [JIAYI__V1__FORMAT__SLUG] = "SLUG",
        [JIAYI__V1__FORMAT__DECIMAL] = "N",         [JIAYI__V1__FORMAT__CURRENCY] = "CODE",
        [JIAYI__V1__FORMAT__DATE] = "DATE",         [JIAYI__V1__FORMAT__PERIOD] = "PERIOD",
        [JIAYI__V1__FORMAT__GRANT] = "PERMISSION:SCOPE",
    };
    size_t length = strlen(f->pb->name);
    if (f->option->n_choices)
        return spell_choices(m, f->option);
    if (f->option->positional && f->option->format != JIAYI__V1__FORMAT__GRANT)
        return length > 3 && strcmp(f->pb->name + length - 3, "_id") == 0 ? "ID" : spell(m, f->pb->name, true);
    if (f->option->format < sizeof by_format / sizeof *by_format && by_format[f->option->format])
        return by_format[f->option->format];
    if (f->message)
        return "TIME";
    if (f->pb->type == PROTOBUF_C_TYPE_BYTES)
        return "BASE64";
    return f->pb->type == PROTOBUF_C_TYPE_STRING ? "TEXT" : "N";
}

/** A flag's name; when another field has it already, with the name of the message around it before it. */
static const char *
flag_name(struct maker *m, const struct schema_field *const *path, unsigned depth, const char *suffix)
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
    editor->name = is_taken(m, "editor") ? flag_name(m, document->path, document->depth, "-editor") : "editor";
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
    struct argument made = {
        .comment = f->comment,
        .kind = password                                ? ARGUMENT_PASSWORD
                : !word                                 ? ARGUMENT_DOCUMENT
                : f->pb->type == PROTOBUF_C_TYPE_BOOL   ? ARGUMENT_BOOL
                                                        : ARGUMENT_WORD,
        .place = word && depth == 1 && f->option->positional > 0 ? (unsigned)f->option->positional : 0,
        .required = f->option->required,
        .repeated = f->pb->label == PROTOBUF_C_LABEL_REPEATED,
        .depth = depth,
    };
    memcpy(made.path, path, depth * sizeof(struct schema_field *));
    made.placeholder = made.kind == ARGUMENT_BOOL ? NULL : word ? placeholder_of(m, f) : "FILE|-";
    if (made.place) {
        made.name = made.placeholder;
        made.kind = ARGUMENT_WORD;
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
add_fields(struct maker *m, const struct schema_message *type, const struct schema_field **path, unsigned depth)
{
    for (unsigned position = 0; position < type->pb.n_fields; position++)
        for (unsigned i = 0; i < type->pb.n_fields; i++) {
            const struct schema_field *f = &type->fields[i];
            bool message = f->message && !schema_is_timestamp(f->message);
            if (f->position != position)
                continue;
            path[depth] = f;
            if (!message)
                add_leaf(m, path, depth + 1);
            else if (depth + 1 < ARGUMENT_DEPTH && f->pb->label != PROTOBUF_C_LABEL_REPEATED)
                add_fields(m, f->message, path, depth + 1);
            /* A repeated message has no form in words; `api call` takes it. */
        }
}

/** Puts the positionals first, in their order; the flags stay as they are. */
static void
sort_arguments(struct maker *m)
{
    for (size_t i = 1; i < m->n; i++) {
        struct argument moving = m->all[i];
        size_t at = i;
        for (; at > 0 && moving.place && (!m->all[at - 1].place || m->all[at - 1].place > moving.place); at--)
            m->all[at] = m->all[at - 1];
        m->all[at] = moving;
    }
}

static bool
make_command(struct arena *a, const struct schema_method *method, const struct handmade *by_hand,
             struct command *ret)
{
    struct maker m = {.arena = a};
    const struct schema_field *path[ARGUMENT_DEPTH];
    for (const struct argument *own = by_hand ? by_hand->arguments : NULL; own && own->name; own++) {
        struct argument *to = add_argument(&m);
        if (to)
            *to = *own;
    }
    if (method)
        add_fields(&m, method->in, path, 0);
    sort_arguments(&m);
    *ret = (struct command){
        .name = by_hand ? by_hand->name : method->option->command,
        .comment = by_hand && by_hand->comment ? by_hand->comment : method ? method->comment : "",
        .method = method,
        .arguments = m.all,
        .n_arguments = m.n,
        .run = by_hand ? by_hand->run : NULL,
    };
    return !m.failed;
}

static bool
is_by_hand(const char *name)
{
    for (const struct handmade *h = handmade_commands; h->name; h++)
        if (strcmp(h->name, name) == 0)
            return true;
    return false;
}

static int
compare_command(const void *a, const void *b)
{
    return strcmp(((const struct command *)a)->name, ((const struct command *)b)->name);
}

const struct commands *
command_list(struct arena *a, const struct schema *s)
{
    size_t room = s->n_methods + 1;
    for (const struct handmade *h = handmade_commands; h->name; h++)
        room++;
    struct commands *list = arena_alloc(a, sizeof *list);
    struct command *all = arena_alloc(a, room * sizeof *all);
    size_t n = 0;
    bool made = list && all;
    for (const struct handmade *h = handmade_commands; made && h->name; h++)
        made = make_command(a, h->method ? schema_find_method(s, h->method) : NULL, h, &all[n++]);
    for (size_t i = 0; made && i < s->n_methods; i++) {
        const char *name = s->methods[i].option->command;
        if (name && *name && !is_by_hand(name))
            made = make_command(a, &s->methods[i], NULL, &all[n++]);
    }
    if (!made)
        return NULL;
    qsort(all, n, sizeof *all, compare_command);
    *list = (struct commands){all, n};
    return list;
}

const struct command *
command_find(const struct commands *c, const char *name)
{
    const struct command key = {.name = name};
    return bsearch(&key, c->all, c->n, sizeof key, compare_command);
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

const char *
command_value(const struct parsed *p, const char *name)
{
    int i = command_index(p->command, name);
    return i >= 0 && p->values[i].n ? p->values[i].all[p->values[i].n - 1] : NULL;
}

/* Suggestions. */

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** How many letters are to be changed, added, dropped or swapped with their neighbour to make one of the other. */
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
            now[k] = smaller(smaller(before[k], now[k - 1]) + 1, before[k - 1] + (a[i - 1] != b[k - 1]));
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

/* Parsing. */

struct parser {
    struct arena *arena;
    const struct commands *commands;
    int argc, at;
    char *const *argv;
    struct parsed *parsed;
    struct status *e;
    /** The next positional of the command. */
    size_t next;
    /** The repeated flag that was given last: it takes what positionals are left over. */
    int last_repeated;
    /** After `--` everything is a word. */
    bool only_words;
};

static const char *
help_words(struct parser *p)
{
    const char *name = p->parsed->command ? p->parsed->command->name : p->parsed->noun;
    const char *words = name ? arena_print(p->arena, "jiayi %s", name) : NULL;
    return words ? words : "jiayi";
}

static int
unknown_flag(struct parser *p, const char *word, size_t length)
{
    const struct command *c = p->parsed->command;
    size_t n = 0, room = command_n_globals + (c ? c->n_arguments : 0);
    const char **names = arena_alloc(p->arena, (room + 1) * sizeof(char *));
    const char *typed = arena_copy(p->arena, word, length);
    if (!names || !typed)
        return failure_memory(p->e);
    for (size_t i = 0; c && i < c->n_arguments; i++)
        if (!c->arguments[i].place)
            names[n++] = command_label(p->arena, &c->arguments[i]);
    for (size_t i = 0; i < command_n_globals; i++)
        if (!c || i != GLOBAL_VERSION)
            names[n++] = command_label(p->arena, &command_globals[i]);
    const char *nearest = command_nearest(typed, names, n);
    if (nearest)
        return status_set(p->e, STATUS_USAGE, _("unknown flag %s; did you mean %s?"), typed, nearest);
    return status_set(p->e, STATUS_USAGE, _("unknown flag %s; see `%s --help`"), typed, help_words(p));
}

/** The words that could stand where @word stands: the verbs of the noun, or the first words. */
static size_t
possible_words(struct parser *p, const char **names)
{
    const char *noun = p->parsed->noun;
    size_t n = 0, length = noun ? strlen(noun) : 0;
    for (size_t i = 0; i < p->commands->n; i++) {
        const char *name = p->commands->all[i].name;
        if (noun && (strncmp(name, noun, length) != 0 || name[length] != ' '))
            continue;
        names[n] = noun ? name + length + 1 : arena_copy(p->arena, name, strcspn(name, " "));
        if (names[n])
            n++;
    }
    return n;
}

static int
unknown_command(struct parser *p, const char *word)
{
    const char *noun = p->parsed->noun ? p->parsed->noun : "", *space = *noun ? " " : "";
    const char **names = arena_alloc(p->arena, (p->commands->n + 1) * sizeof(char *));
    if (!names)
        return failure_memory(p->e);
    const char *nearest = command_nearest(word, names, possible_words(p, names));
    if (nearest)
        return status_set(p->e, STATUS_USAGE, _("unknown command %s%s%s; did you mean %s%s%s?"), noun, space, word,
                          noun, space, nearest);
    return status_set(p->e, STATUS_USAGE, _("unknown command %s%s%s; see `%s --help`"), noun, space, word,
                      help_words(p));
}

static int
take_value(struct parser *p, int argument, const char *value)
{
    const struct command *c = p->parsed->command;
    struct values *v = &p->parsed->values[argument];
    if (v->n && !c->arguments[argument].repeated)
        return status_set(p->e, STATUS_USAGE, _("%s is given twice"),
                          command_label(p->arena, &c->arguments[argument]));
    if (!v->all && !(v->all = arena_alloc(p->arena, (size_t)p->argc * sizeof(char *))))
        return failure_memory(p->e);
    v->all[v->n++] = value;
    return 0;
}

/** Reads decimal seconds, to the millisecond. */
static int
read_timeout(struct parser *p, const char *value)
{
    char *end;
    double seconds = strspn(value, "0123456789.") == strlen(value) ? strtod(value, &end) : -1;
    if (!*value || seconds < 0 || *end)
        return status_set(p->e, STATUS_USAGE, _("--timeout: \"%s\" is not a number of seconds such as 2.5"), value);
    if (seconds < 0.001 || seconds * 1000 > COMMAND_MAX_TIMEOUT_MS)
        return status_set(p->e, STATUS_USAGE, _("--timeout: %s is out of range; it may be from 0.001 to %d seconds"),
                          value, COMMAND_MAX_TIMEOUT_MS / 1000);
    p->parsed->timeout_ms = (int64_t)(seconds * 1000);
    return 0;
}

static int
read_output(struct parser *p, const char *value)
{
    static const char *const names[] = {[OUTPUT_TABLE] = "table", [OUTPUT_JSON] = "json", [OUTPUT_CSV] = "csv"};
    for (int i = OUTPUT_TABLE; i <= OUTPUT_CSV; i++)
        if (strcmp(names[i], value) == 0) {
            p->parsed->output = (enum output)i;
            return 0;
        }
    return status_set(p->e, STATUS_USAGE, _("-o: \"%s\" should be table, json or csv"), value);
}

static int
read_request_id(struct parser *p, const char *value)
{
    static const char digits[] = "0123456789abcdef";
    bool well = strlen(value) == 2 * REQUEST_ID_BYTES;
    for (size_t i = 0; well && value[i]; i++) {
        const char *digit = strchr(digits, tolower((unsigned char)value[i]));
        well = digit != NULL;
        if (well)
            p->parsed->request_id[i / 2] = (uint8_t)(p->parsed->request_id[i / 2] << 4 | (digit - digits));
    }
    if (!well)
        return status_set(p->e, STATUS_USAGE, _("--request-id should be 32 hexadecimal digits"));
    p->parsed->has_request_id = true;
    return 0;
}

static int
take_global(struct parser *p, enum global which, const char *value)
{
    switch (which) {
    case GLOBAL_PROFILE:
        p->parsed->profile = value;
        return 0;
    case GLOBAL_OUTPUT:
        return read_output(p, value);
    case GLOBAL_TIMEOUT:
        return read_timeout(p, value);
    case GLOBAL_REQUEST_ID:
        return read_request_id(p, value);
    case GLOBAL_HELP:
        p->parsed->help = true;
        return 0;
    case GLOBAL_VERSION:
        p->parsed->version = true;
        return 0;
    }
    return 0;
}

static int
find_flag(const struct argument *all, size_t n, const char *name, size_t length)
{
    for (size_t i = 0; i < n; i++)
        if (!all[i].place && strlen(all[i].name) == length && strncmp(all[i].name, name, length) == 0)
            return (int)i;
    return -1;
}

/** True when @word is `--name` or `--name=...` of a flag known here: then it is no value. */
static bool
is_known_flag(const struct parser *p, const char *word)
{
    const struct command *c = p->parsed->command;
    if (strncmp(word, "--", 2) != 0 || !word[2])
        return false;
    size_t length = strcspn(word + 2, "=");
    return (c && find_flag(c->arguments, c->n_arguments, word + 2, length) >= 0) ||
           find_flag(command_globals, command_n_globals, word + 2, length) >= 0;
}

/** The value of a flag: what stands behind its =, or else the next word. */
static int
flag_value(struct parser *p, const struct argument *a, const char *word, const char *behind, const char **ret)
{
    bool switch_only = a->kind == ARGUMENT_BOOL || a->kind == ARGUMENT_EDITOR;
    if (switch_only) {
        *ret = behind ? behind : "true";
        if (strcmp(*ret, "true") != 0 && strcmp(*ret, "false") != 0)
            return status_set(p->e, STATUS_USAGE, _("--%s takes no value"), a->name);
        return 0;
    }
    *ret = behind;
    if (!behind && p->at + 1 < p->argc && !is_known_flag(p, p->argv[p->at + 1]))
        *ret = p->argv[++p->at];
    if (!*ret)
        return status_set(p->e, STATUS_USAGE, _("%.*s needs a value: %s"), (int)strcspn(word, "="), word,
                          i18n_text(a->placeholder));
    return 0;
}

static int
parse_long(struct parser *p, const char *word)
{
    const struct command *c = p->parsed->command;
    size_t length = strcspn(word + 2, "=");
    const char *behind = word[2 + length] ? word + 2 + length + 1 : NULL, *value;
    int own = c ? find_flag(c->arguments, c->n_arguments, word + 2, length) : -1;
    if (own >= 0) {
        if (flag_value(p, &c->arguments[own], word, behind, &value) < 0)
            return -1;
        if (c->arguments[own].repeated)
            p->last_repeated = own;
        return take_value(p, own, value);
    }
    int global = find_flag(command_globals, command_n_globals, word + 2, length);
    /* Behind a command, --version is the command's; where it has none, it is a mistake. */
    if (global < 0 || (global == GLOBAL_VERSION && c))
        return unknown_flag(p, word, 2 + length);
    if (flag_value(p, &command_globals[global], word, behind, &value) < 0)
        return -1;
    return take_global(p, (enum global)global, value);
}

static int
parse_short(struct parser *p, const char *word)
{
    const char *value;
    if (strcmp(word, "-h") == 0)
        return take_global(p, GLOBAL_HELP, NULL);
    if (word[1] != 'o')
        return unknown_flag(p, word, strlen(word));
    const char *behind = word[2] == '=' ? word + 3 : word[2] ? word + 2 : NULL;
    if (flag_value(p, &command_globals[GLOBAL_OUTPUT], "-o", behind, &value) < 0)
        return -1;
    return take_global(p, GLOBAL_OUTPUT, value);
}

static int
choose_command(struct parser *p, const struct command *c)
{
    p->parsed->command = c;
    p->parsed->noun = NULL;
    p->parsed->values = arena_alloc(p->arena, (c->n_arguments + 1) * sizeof *p->parsed->values);
    return p->parsed->values ? 0 : failure_memory(p->e);
}

/** A word of the command's name. */
static int
parse_name(struct parser *p, const char *word)
{
    const char *noun = p->parsed->noun;
    const char *name = noun ? arena_print(p->arena, "%s %s", noun, word) : word;
    const struct command *c = name ? command_find(p->commands, name) : NULL;
    if (c && strchr(word, ' ') == NULL)
        return choose_command(p, c);
    if (!noun && command_is_noun(p->commands, word)) {
        p->parsed->noun = word;
        return 0;
    }
    return unknown_command(p, word);
}

static int
parse_positional(struct parser *p, const char *word)
{
    const struct command *c = p->parsed->command;
    if (p->next < c->n_arguments && c->arguments[p->next].place) {
        size_t i = p->next;
        if (!c->arguments[i].repeated)
            p->next++;
        return take_value(p, (int)i, word);
    }
    if (p->last_repeated >= 0)
        return take_value(p, p->last_repeated, word);
    return status_set(p->e, STATUS_USAGE, _("one word too many: \"%s\"; see `%s --help`"), word, help_words(p));
}

static int
parse_word(struct parser *p, const char *word)
{
    bool number = word[0] == '-' && isdigit((unsigned char)word[1]);
    bool flag = word[0] == '-' && word[1] && !number && !p->only_words;
    if (flag && strcmp(word, "--") == 0) {
        p->only_words = true;
        return 0;
    }
    if (flag)
        return word[1] == '-' ? parse_long(p, word) : parse_short(p, word);
    return p->parsed->command ? parse_positional(p, word) : parse_name(p, word);
}

/** True when another argument, an editor's, gave the field of @a. */
static bool
is_given_otherwise(const struct parsed *p, const struct argument *a)
{
    for (size_t i = 0; i < p->command->n_arguments; i++) {
        const struct argument *b = &p->command->arguments[i];
        if (b != a && p->values[i].n && b->depth == a->depth && a->depth &&
            memcmp(a->path, b->path, a->depth * sizeof *a->path) == 0)
            return true;
    }
    return false;
}

/** True when some argument in the message around @a is given: then what is required in it is required. */
static bool
is_parent_given(const struct parsed *p, const struct argument *a)
{
    for (size_t i = 0; i < p->command->n_arguments; i++) {
        const struct argument *b = &p->command->arguments[i];
        if (p->values[i].n && b->depth >= a->depth &&
            memcmp(a->path, b->path, (a->depth - 1) * sizeof *a->path) == 0)
            return true;
    }
    return false;
}

/**
 * What is required must be there; a password may still be prompted for. A command made by hand may know the
 * fields of its request otherwise.
 */
static int
check_required(struct parser *p)
{
    const struct command *c = p->parsed->command;
    for (size_t i = 0; i < c->n_arguments; i++) {
        const struct argument *a = &c->arguments[i];
        bool applies = a->depth <= 1 || is_parent_given(p->parsed, a);
        if (!a->required || p->parsed->values[i].n || a->kind == ARGUMENT_PASSWORD || !applies ||
            (c->run && a->depth) || is_given_otherwise(p->parsed, a))
            continue;
        if (a->kind == ARGUMENT_DOCUMENT)
            return status_set(p->e, STATUS_USAGE, _("--%s or --editor is missing; see `%s --help`"), a->name,
                              help_words(p));
        return status_set(p->e, STATUS_USAGE, _("%s is missing; see `%s --help`"), command_label(p->arena, a),
                          help_words(p));
    }
    return 0;
}

int
command_parse(struct arena *a, const struct commands *c, int argc, char *const *argv, struct parsed *ret,
              struct status *e)
{
    *ret = (struct parsed){0};
    struct parser p = {.arena = a, .commands = c, .argc = argc, .argv = argv, .parsed = ret, .e = e,
                       .last_repeated = -1};
    for (int i = 0; i < argc; i++)
        if (!text_valid(argv[i], strlen(argv[i])))
            return status_set(e, STATUS_USAGE, _("word %d of the command is not valid UTF-8"), i + 1);
    for (; p.at < argc; p.at++)
        if (parse_word(&p, argv[p.at]) < 0)
            return -1;
    if (!ret->command || ret->help)
        return 0;
    return check_required(&p);
}
