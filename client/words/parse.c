#include "client/words/parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "client/base/i18n.h"
#include "common/text.h"

enum { REQUEST_ID_BYTES = 16 };

const struct argument parse_globals[] = {
    {.name = "profile",
     .placeholder = "NAME",
     .refers = "profile",
     .comment = N_("The sign-in to use, for several side by side; where absent that of "
                   "JIAYI_PROFILE, else of `jiayi profile use`, else \"default\".")},
    {.name = "output",
     .placeholder = "table|json|csv",
     .comment = N_("How to write the answer, also -o; a table where absent.")},
    {.name = "timeout",
     .placeholder = "SECONDS",
     .comment = N_("How long to wait at most, such as 2.5; 10 where absent, at most 300.")},
    {.name = "request-id",
     .placeholder = "HEX",
     .comment = N_("16 bytes that name the call. A change that is sent again with the same bytes "
                   "is done once.")},
    {.name = "utc",
     .kind = ARGUMENT_BOOL,
     .comment = N_("Times in UTC instead of the zone of this machine.")},
    {.name = "bom",
     .kind = ARGUMENT_BOOL,
     .comment = N_("With -o csv: a byte order mark first, by which spreadsheets know UTF-8.")},
    {.name = "raw",
     .kind = ARGUMENT_BOOL,
     .comment = N_("With -o csv: every value as it is, for programs. Without it, a text that a "
                   "spreadsheet would take for a formula begins with an apostrophe.")},
    {.name = "no-pager",
     .kind = ARGUMENT_BOOL,
     .comment = N_("Prints without $PAGER what is longer than the terminal.")},
    {.name = "help", .kind = ARGUMENT_BOOL, .comment = N_("Shows this help, also -h.")},
    {.name = "version",
     .kind = ARGUMENT_BOOL,
     .comment = N_("Shows the version; before the command.")},
};
const size_t parse_n_globals = sizeof parse_globals / sizeof *parse_globals;

enum global {
    GLOBAL_PROFILE,
    GLOBAL_OUTPUT,
    GLOBAL_TIMEOUT,
    GLOBAL_REQUEST_ID,
    GLOBAL_UTC,
    GLOBAL_BOM,
    GLOBAL_RAW,
    GLOBAL_NO_PAGER,
    GLOBAL_HELP,
    GLOBAL_VERSION
};

const char *
parse_value(const struct parsed *p, const char *name)
{
    int i = command_index(p->command, name);
    return i >= 0 && p->values[i].n ? p->values[i].all[p->values[i].n - 1] : NULL;
}

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
    size_t n = 0, room = parse_n_globals + (c ? c->n_arguments : 0);
    const char **names = arena_alloc(p->arena, (room + 1) * sizeof(char *));
    const char *typed = arena_copy(p->arena, word, length);
    if (!names || !typed)
        return failure_memory(p->e);
    for (size_t i = 0; c && i < c->n_arguments; i++)
        if (!c->arguments[i].place)
            names[n++] = command_label(p->arena, &c->arguments[i]);
    for (size_t i = 0; i < parse_n_globals; i++)
        if (!c || i != GLOBAL_VERSION)
            names[n++] = command_label(p->arena, &parse_globals[i]);
    const char *nearest = command_nearest(typed, names, n);
    if (nearest)
        return status_set(p->e, STATUS_USAGE, _("unknown flag %s; did you mean %s?"), typed,
                          nearest);
    return status_set(p->e, STATUS_USAGE, _("unknown flag %s; see `%s --help`"), typed,
                      help_words(p));
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
        return status_set(p->e, STATUS_USAGE, _("unknown command %s%s%s; did you mean %s%s%s?"),
                          noun, space, word, noun, space, nearest);
    return status_set(p->e, STATUS_USAGE, _("unknown command %s%s%s; see `%s --help`"), noun, space,
                      word, help_words(p));
}

static int
take_argument_value(struct parser *p, int argument, const char *value)
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
    char *end = NULL;
    double seconds = strtod(value, &end);
    bool number = *value && strspn(value, "0123456789.") == strlen(value) && end && !*end;
    if (!number)
        return status_set(p->e, STATUS_USAGE,
                          _("--timeout: \"%s\" is not a number of seconds such as 2.5"), value);
    if (seconds < 0.001 || seconds * 1000 > PARSE_MAX_TIMEOUT_MS)
        return status_set(p->e, STATUS_USAGE,
                          _("--timeout: %s is out of range; it may be from 0.001 to %d seconds"),
                          value, PARSE_MAX_TIMEOUT_MS / 1000);
    p->parsed->timeout_ms = (int64_t)(seconds * 1000);
    return 0;
}

static int
read_output(struct parser *p, const char *value)
{
    static const struct {
        const char *name;
        enum output output;
    } forms[] = {{"table", OUTPUT_TABLE}, {"json", OUTPUT_JSON}, {"csv", OUTPUT_CSV}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, value) == 0) {
            p->parsed->output = forms[i].output;
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
            p->parsed->request_id[i / 2] =
                (uint8_t)(p->parsed->request_id[i / 2] << 4 | (digit - digits));
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
    case GLOBAL_PROFILE: p->parsed->profile = value; return 0;
    case GLOBAL_OUTPUT: return read_output(p, value);
    case GLOBAL_TIMEOUT: return read_timeout(p, value);
    case GLOBAL_REQUEST_ID: return read_request_id(p, value);
    case GLOBAL_UTC: p->parsed->utc = strcmp(value, "true") == 0; return 0;
    case GLOBAL_BOM: p->parsed->bom = strcmp(value, "true") == 0; return 0;
    case GLOBAL_RAW: p->parsed->raw = strcmp(value, "true") == 0; return 0;
    case GLOBAL_NO_PAGER: p->parsed->no_pager = strcmp(value, "true") == 0; return 0;
    case GLOBAL_HELP: p->parsed->help = true; return 0;
    case GLOBAL_VERSION: p->parsed->version = true; return 0;
    }
    return 0;
}

static int
find_argument(const struct argument *all, size_t n, const char *name, size_t length)
{
    for (size_t i = 0; i < n; i++)
        if (!all[i].place && strlen(all[i].name) == length &&
            strncmp(all[i].name, name, length) == 0)
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
    return (c && find_argument(c->arguments, c->n_arguments, word + 2, length) >= 0) ||
           find_argument(parse_globals, parse_n_globals, word + 2, length) >= 0;
}

/** The value of a flag: what stands behind its =, or else the next word. */
static int
flag_value(struct parser *p, const struct argument *a, const char *word, const char *behind,
           const char **ret)
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
    if (*ret)
        return 0;
    status_set(p->e, STATUS_USAGE, _("%.*s needs a value: %s"), (int)strcspn(word, "="), word,
               i18n_text(a->placeholder));
    return -1;
}

static int
parse_long(struct parser *p, const char *word)
{
    const struct command *c = p->parsed->command;
    size_t length = strcspn(word + 2, "=");
    const char *behind = word[2 + length] ? word + 2 + length + 1 : NULL, *value;
    int own = c ? find_argument(c->arguments, c->n_arguments, word + 2, length) : -1;
    if (own >= 0) {
        if (flag_value(p, &c->arguments[own], word, behind, &value) < 0)
            return -1;
        if (c->arguments[own].repeated)
            p->last_repeated = own;
        return take_argument_value(p, own, value);
    }
    int global = find_argument(parse_globals, parse_n_globals, word + 2, length);
    /* Behind a command, --version is the command's; where it has none, it is a mistake. */
    if (global < 0 || (global == GLOBAL_VERSION && c))
        return unknown_flag(p, word, 2 + length);
    if (flag_value(p, &parse_globals[global], word, behind, &value) < 0)
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
    if (flag_value(p, &parse_globals[GLOBAL_OUTPUT], "-o", behind, &value) < 0)
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
    if (!noun && strcmp(word, "help") == 0) {
        p->parsed->help = true; /* `jiayi help deal` is `jiayi deal --help` */
        return 0;
    }
    if (c && strchr(word, ' ') == NULL)
        return choose_command(p, c);
    if (name && strchr(word, ' ') == NULL && command_is_noun(p->commands, name)) {
        p->parsed->noun = name;
        return 0;
    }
    return unknown_command(p, word);
}

/** True where the word goes on with the command's name: `import list`, not `import deals`. */
static bool
is_longer_command(struct parser *p, const char *word)
{
    const struct command *c = p->parsed->command;
    if (p->next > 0 || strchr(c->name, ' ') || strchr(word, ' '))
        return false;
    for (size_t i = 0; i < c->n_arguments; i++)
        if (p->parsed->values[i].n)
            return false;
    const char *name = arena_print(p->arena, "%s %s", c->name, word);
    return name && command_find(p->commands, name);
}

static int
parse_positional(struct parser *p, const char *word)
{
    const struct command *c = p->parsed->command;
    if (is_longer_command(p, word))
        return choose_command(p, command_find(p->commands,
                                              arena_print(p->arena, "%s %s", c->name, word)));
    if (p->next < c->n_arguments && c->arguments[p->next].place) {
        size_t i = p->next;
        if (!c->arguments[i].repeated)
            p->next++;
        return take_argument_value(p, (int)i, word);
    }
    if (p->last_repeated >= 0)
        return take_argument_value(p, p->last_repeated, word);
    return status_set(p->e, STATUS_USAGE, _("one word too many: \"%s\"; see `%s --help`"), word,
                      help_words(p));
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

/** True when both go the same way down for @depth steps. */
static bool
is_same_path(const struct argument *a, const struct argument *b, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        if (a->path[i] != b->path[i])
            return false;
    return true;
}

/** True when another argument, an editor's, gave the field of @a. */
static bool
is_given_otherwise(const struct parsed *p, const struct argument *a)
{
    for (size_t i = 0; i < p->command->n_arguments; i++) {
        const struct argument *b = &p->command->arguments[i];
        if (b != a && p->values[i].n && b->depth == a->depth && a->depth &&
            is_same_path(a, b, a->depth))
            return true;
    }
    return false;
}

/**
 * True when some argument in the message around @a is given: then what is required in it is
 * required.
 */
static bool
is_parent_given(const struct parsed *p, const struct argument *a)
{
    for (size_t i = 0; i < p->command->n_arguments; i++) {
        const struct argument *b = &p->command->arguments[i];
        if (p->values[i].n && b->depth >= a->depth && is_same_path(a, b, a->depth - 1))
            return true;
    }
    return false;
}

/**
 * What is required must be there; a password may still be prompted for. A command made by hand may
 * know the fields of its request otherwise.
 */
static int
check_required_arguments(struct parser *p)
{
    const struct command *c = p->parsed->command;
    for (size_t i = 0; i < c->n_arguments; i++) {
        const struct argument *a = &c->arguments[i];
        bool applies = command_requires(c, a) ||
                       (a->required && c->is_general && is_parent_given(p->parsed, a));
        if (!applies || p->parsed->values[i].n || a->kind == ARGUMENT_PASSWORD ||
            is_given_otherwise(p->parsed, a))
            continue;
        if (a->kind == ARGUMENT_DOCUMENT)
            return status_set(p->e, STATUS_USAGE, _("--%s or --editor is missing; see `%s --help`"),
                              a->name, help_words(p));
        return status_set(p->e, STATUS_USAGE, _("%s is missing; see `%s --help`"),
                          command_label(p->arena, a), help_words(p));
    }
    return 0;
}

/** Begins to parse; -1 with @e set where a word is no text. */
static int
begin_parser(struct parser *p, struct arena *a, const struct commands *c, int argc,
             char *const *argv, struct parsed *ret, struct status *e)
{
    *ret = (struct parsed){0};
    *p = (struct parser){.arena = a,
                         .commands = c,
                         .argc = argc,
                         .argv = argv,
                         .parsed = ret,
                         .e = e,
                         .last_repeated = -1};
    for (int i = 0; i < argc; i++)
        if (!text_valid(argv[i], strlen(argv[i])))
            return status_set(e, STATUS_USAGE, _("word %d of the command is not valid UTF-8"),
                              i + 1);
    return 0;
}

int
parse_line(struct arena *a, const struct commands *c, int argc, char *const *argv,
           struct parsed *ret, struct status *e)
{
    struct parser p;
    if (begin_parser(&p, a, c, argc, argv, ret, e) < 0)
        return -1;
    for (; p.at < argc; p.at++)
        if (parse_word(&p, argv[p.at]) < 0)
            return -1;
    if (!ret->command || ret->help)
        return 0;
    return check_required_arguments(&p);
}

/* A line that is still being typed. */

/** The flag that @length bytes of @word name, "--owner" or "-o", where it takes a value. */
static const struct argument *
flag_with_value(const struct parser *p, const char *word, size_t length)
{
    const struct command *c = p->parsed->command;
    const struct argument *found = NULL;
    int i;
    if (p->only_words || length < 2)
        return NULL;
    if (strncmp(word, "-o", length) == 0)
        found = &parse_globals[GLOBAL_OUTPUT];
    else if (strncmp(word, "--", 2) != 0)
        return NULL;
    else if (c && (i = find_argument(c->arguments, c->n_arguments, word + 2, length - 2)) >= 0)
        found = &c->arguments[i];
    else if ((i = find_argument(parse_globals, parse_n_globals, word + 2, length - 2)) >= 0)
        found = &parse_globals[i];
    return found && found->placeholder ? found : NULL;
}

/** The argument of which a word without a flag is a value; NULL for none. */
static const struct argument *
next_argument(const struct parser *p)
{
    const struct command *c = p->parsed->command;
    if (c && p->next < c->n_arguments && c->arguments[p->next].place)
        return &c->arguments[p->next];
    return c && p->last_repeated >= 0 ? &c->arguments[p->last_repeated] : NULL;
}

int
parse_place(struct arena *a, const struct commands *c, int argc, char *const *argv,
            struct parsed *ret, struct parse_place *place, struct status *e)
{
    struct parser p;
    const char *word = argc > 0 ? argv[argc - 1] : "";
    *place = (struct parse_place){.word = word, .before = ""};
    if (begin_parser(&p, a, c, argc, argv, ret, e) < 0)
        return -1;
    for (; p.at + 1 < argc; p.at++) {
        const char *before = argv[p.at];
        if (p.at + 2 == argc && (place->argument = flag_with_value(&p, before, strlen(before))))
            return 0;
        if (parse_word(&p, before) < 0)
            return -1;
    }
    size_t length = strcspn(word, "=");
    if (word[length] && (place->argument = flag_with_value(&p, word, length))) {
        place->word = word + length + 1;
        place->before = arena_copy(a, word, length + 1);
        return place->before ? 0 : failure_memory(e);
    }
    place->may_be_flag = !p.only_words && word[0] == '-';
    place->argument = place->may_be_flag ? NULL : next_argument(&p);
    return 0;
}
