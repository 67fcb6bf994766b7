#include "client/run/help.h"

#include <string.h>

#include "client/base/i18n.h"
#include "client/output/display.h"
#include "client/output/pager.h"

enum {
    /** Lines are no longer than this, however wide the terminal is. */
    MAX_COLUMNS = 100,
    /** Where the explanations begin. */
    INDENT = 28,
    NOUN_INDENT = 16,
};

/** What the exit statuses mean that people meet. */
static const struct {
    enum status_code code;
    const char *meaning;
} exits[] = {
    {STATUS_OK, N_("done")},
    {STATUS_FAILED_HERE, N_("something failed on this machine: a file, a profile, the terminal")},
    {STATUS_USAGE, N_("the command line is wrong")},
    {STATUS_INVALID_ARGUMENT, N_("the request is wrong in itself")},
    {STATUS_DEADLINE_EXCEEDED, N_("the deadline passed")},
    {STATUS_NOT_FOUND, N_("there is no such thing, or you may not see it")},
    {STATUS_ALREADY_EXISTS, N_("it exists already")},
    {STATUS_PERMISSION_DENIED, N_("your role does not allow it")},
    {STATUS_RESOURCE_EXHAUSTED, N_("too much at the moment")},
    {STATUS_FAILED_PRECONDITION, N_("the present state forbids it")},
    {STATUS_ABORTED, N_("somebody else was faster")},
    {STATUS_UNAVAILABLE,
     N_("the server cannot be reached, is busy, or is not trusted: wrong CA, name or date")},
    {STATUS_UNAUTHENTICATED, N_("sign in first")},
};
enum { N_EXITS = sizeof exits / sizeof *exits };

/** Where help goes, as it was found before the pager came between. */
struct page {
    FILE *file;
    size_t columns;
    bool bold;
};

static void
help_heading(const struct page *to, const char *text)
{
    fprintf(to->file, "\n%s%s%s\n", to->bold ? "\033[1m" : "", text, to->bold ? "\033[m" : "");
}

/** "  term      text", the text wrapped beside the term, or below it when the term is long. */
static void
help_row(const struct page *to, const char *term, const char *text, size_t indent)
{
    fputs("  ", to->file);
    display_pad(to->file, term, indent - 2);
    if (display_width(term, strlen(term)) > indent - 4)
        fprintf(to->file, "\n%*s", (int)indent, "");
    display_wrap(to->file, text, indent, to->columns);
}

/* Words about arguments. */

/** " At most 500 characters." and the like; "" where there is nothing to say. */
static const char *
limits_of(struct arena *a, const struct argument *argument)
{
    const struct schema_field *f = command_field(argument);
    bool text = f && f->pb->type == PROTOBUF_C_TYPE_STRING && argument->kind != ARGUMENT_EDITOR;
    if (!f)
        return "";
    if (f->option->has_minimum && f->option->has_maximum)
        return arena_print(a, _(" From %lld to %lld."), (long long)f->option->minimum,
                           (long long)f->option->maximum);
    if (f->option->has_minimum)
        return arena_print(a, _(" At least %lld."), (long long)f->option->minimum);
    if (text && f->option->n_choices == 0 && f->option->format == JIAYI__V1__FORMAT__TEXT &&
        f->option->min_length > 1)
        return arena_print(a, _(" From %d to %d characters."), f->option->min_length,
                           f->option->max_length);
    if (text && f->option->n_choices == 0 && f->option->format == JIAYI__V1__FORMAT__TEXT)
        return arena_print(a,
                           ngettext(" At most %d character.", " At most %d characters.",
                                    (unsigned long)f->option->max_length),
                           f->option->max_length);
    return "";
}

/** How a document or a password comes. */
static const char *
source_of(const struct argument *argument)
{
    if (argument->kind == ARGUMENT_DOCUMENT)
        return _(" Out of a file, or - for standard input.");
    if (argument->kind == ARGUMENT_TABLE)
        return _(" Out of a file, or - for standard input: CSV whose first line names the columns, "
                 "or a JSON array.");
    if (argument->kind != ARGUMENT_PASSWORD)
        return "";
    return argument->required ? _(" Out of a file, or - for a line of standard input; asked for on "
                                  "the terminal where absent.")
                              : _(" Out of a file, or - for a line of standard input.");
}

const char *
help_about(struct arena *a, const struct argument *argument)
{
    const char *limits = limits_of(a, argument);
    bool required = argument->required && !argument->place && argument->depth == 1 &&
                    argument->kind != ARGUMENT_PASSWORD && argument->kind != ARGUMENT_DOCUMENT;
    return limits ? arena_print(a, "%s%s%s%s", i18n_text(argument->comment), limits,
                                source_of(argument), required ? _(" Required.") : "")
                  : NULL;
}

/** "--reason TEXT", "--all", "ID". */
static const char *
term_of(struct arena *a, const struct argument *argument)
{
    const char *label = command_label(a, argument);
    if (argument->place)
        return argument->placeholder;
    return argument->placeholder ? arena_print(a, "%s %s", label, argument->placeholder) : label;
}

static bool
is_document_pair(const struct command *c, size_t i)
{
    return c->arguments[i].kind == ARGUMENT_DOCUMENT && i + 1 < c->n_arguments &&
           c->arguments[i + 1].kind == ARGUMENT_EDITOR;
}

const char *
help_usage(struct arena *a, const struct command *c)
{
    const char *line = c->name;
    for (size_t i = 0; line && i < c->n_arguments; i++) {
        const struct argument *one = &c->arguments[i];
        const char *term = term_of(a, one), *more = one->repeated ? " ..." : "";
        bool required = command_requires(c, one) && one->kind != ARGUMENT_PASSWORD;
        if (is_document_pair(c, i))
            line = arena_print(a, required ? "%s (%s | --%s)" : "%s [%s | --%s]", line,
                               term ? term : "", c->arguments[i + 1].name);
        else if (one->kind != ARGUMENT_EDITOR)
            line = arena_print(a, required ? "%s %s%s" : "%s [%s%s]", line, term ? term : "", more);
    }
    return line;
}

const char *
help_labels(struct arena *a, const struct command *c, char *const *names, size_t n)
{
    const char *all = "";
    for (size_t k = 0; all && k < n; k++)
        for (size_t i = 0; all && i < c->n_arguments; i++)
            if (c->arguments[i].depth && strcmp(c->arguments[i].path[0]->pb->name, names[k]) == 0)
                all = arena_print(a, "%s%s%s", all, *all ? ", " : "",
                                  command_label(a, &c->arguments[i]));
    return all;
}

const char *
help_rule(struct arena *a, const struct command *c, unsigned n)
{
    const Jiayi__V1__MessageOption *o = c->method ? c->method->in->option : NULL;
    const struct {
        size_t n;
        char **names;
        const char *text;
    } rules[] = {
        {o ? o->n_exactly_one : 0, o ? o->exactly_one : NULL, _("Exactly one of: %s")},
        {o ? o->n_together : 0, o ? o->together : NULL, _("All of them or none: %s")},
        {o ? o->n_at_least_one : 0, o ? o->at_least_one : NULL, _("At least one of: %s")},
        {o ? o->n_at_most_one : 0, o ? o->at_most_one : NULL, _("At most one of: %s")},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (!rules[i].n || n-- > 0)
            continue;
        const char *fields = help_labels(a, c, rules[i].names, rules[i].n);
        return fields ? arena_print(a, rules[i].text, fields) : NULL;
    }
    return NULL;
}

bool
help_exit(struct arena *a, size_t n, const char **ret_status, const char **ret_meaning)
{
    if (n >= N_EXITS)
        return false;
    const struct status e = {.code = exits[n].code};
    const char *meaning = _(exits[n].meaning), *number = arena_print(a, "%d", failure_exit(&e));
    if ((int)e.code > STATUS_OK)
        /* TRANSLATORS: what an exit status means, and what its code is called. */
        meaning = arena_print(a, _("%s (%s)"), meaning, status_name(e.code));
    *ret_status = number ? number : "";
    *ret_meaning = meaning ? meaning : "";
    return true;
}

const char *
help_noun(struct client *c, const char *noun)
{
    size_t length = strlen(noun);
    for (size_t i = 0; i < c->commands->n; i++) {
        const struct command *command = &c->commands->all[i];
        if (strncmp(command->name, noun, length) == 0 && command->name[length] == ' ' &&
            command->method)
            return i18n_text(schema_head(c->schema, command->method));
    }
    return strcmp(noun, "profile") == 0
               ? _("Sign-ins that are kept on this machine, one for each person and company.")
               : _("Every method of the server, with JSON.");
}

const char *
help_summary(struct arena *a, const char *text)
{
    const char *end = strstr(text, ". "), *wide = strstr(text, "。");
    if (wide && (!end || wide < end))
        return arena_copy(a, text, (size_t)(wide - text) + strlen("。"));
    return end ? arena_copy(a, text, (size_t)(end - text) + 1) : text;
}

const char *
help_command(struct client *c, const struct command *command)
{
    const struct command *one = command_open(c->commands, command);
    const char *text = one ? help_summary(c->arena, i18n_text(one->comment)) : NULL;
    return text ? text : "";
}

/* The pages. */

static void
print_globals(struct client *c, const struct page *to)
{
    help_heading(to, _("Flags of every command:"));
    for (size_t i = 0; i < parse_n_globals; i++)
        help_row(to, term_of(c->arena, &parse_globals[i]), help_about(c->arena, &parse_globals[i]),
                 INDENT);
}

static void
print_exits(struct client *c, const struct page *to)
{
    const char *status, *meaning;
    help_heading(to, _("Exit status:"));
    for (size_t i = 0; help_exit(c->arena, i, &status, &meaning); i++)
        help_row(to, status, meaning, NOUN_INDENT);
}

static void
print_command(struct client *c, const struct page *to)
{
    const struct command *command = c->parsed.command;
    const char *rule;
    const char *example = command->method ? command->method->option->example : NULL;
    display_wrap(to->file, i18n_text(command->comment), 0, to->columns);
    if (example)
        fprintf(to->file, "\n%s\n  jiayi %s\n", _("Example:"), example);
    fprintf(to->file, "\n%s jiayi ", _("Usage:"));
    display_wrap(to->file, help_usage(c->arena, command), strlen("       jiayi "), to->columns);
    for (int flags = 0; flags < 2; flags++) {
        bool any = false;
        for (size_t i = 0; i < command->n_arguments; i++) {
            const struct argument *one = &command->arguments[i];
            if ((one->place == 0) != flags)
                continue;
            if (!any)
                help_heading(to, flags ? _("Flags:") : _("Arguments:"));
            any = true;
            help_row(to, term_of(c->arena, one), help_about(c->arena, one), INDENT);
        }
    }
    for (unsigned i = 0; (rule = help_rule(c->arena, command, i)); i++) {
        fputs(i == 0 ? "\n" : "", to->file);
        display_wrap(to->file, rule, 0, to->columns);
    }
    if (command->method && command->method->option->permission)
        fprintf(to->file, _("\nMethod: %s, permission: %s\n"), command->method->short_name,
                command->method->option->permission);
    fprintf(to->file, "\n%s\n", _("Flags of every command and the exit statuses: jiayi --help"));
}

static void
print_noun(struct client *c, const struct page *to)
{
    size_t length = strlen(c->parsed.noun);
    display_wrap(to->file, help_noun(c, c->parsed.noun), 0, to->columns);
    fprintf(to->file, "\n%s jiayi %s %s\n", _("Usage:"), c->parsed.noun,
            _("COMMAND [ARGUMENTS] [FLAGS]"));
    help_heading(to, _("Commands:"));
    for (size_t i = 0; i < c->commands->n; i++) {
        const struct command *one = &c->commands->all[i];
        if (strncmp(one->name, c->parsed.noun, length) == 0 && one->name[length] == ' ')
            help_row(to, one->name + length + 1, help_command(c, one), NOUN_INDENT);
    }
    fprintf(to->file, _("\nMore about one: jiayi %s COMMAND --help\n"), c->parsed.noun);
}

static void
print_all(struct client *c, const struct page *to)
{
    const char *last = "";
    fprintf(to->file, "jiayi %s - %s\n", JIAYI_VERSION,
            _("companies that sell together: deals, KPIs and reports"));
    fprintf(to->file, "\n%s jiayi %s\n", _("Usage:"), _("COMMAND [ARGUMENTS] [FLAGS]"));
    for (int nouns = 0; nouns < 2; nouns++) {
        help_heading(to, nouns ? _("Commands of two words:") : _("Commands of one word:"));
        for (size_t i = 0; i < c->commands->n; i++) {
            const struct command *one = &c->commands->all[i];
            bool two = strchr(one->name, ' ') != NULL;
            const char *word = arena_copy(c->arena, one->name, strcspn(one->name, " "));
            if (two != nouns || !word || strcmp(word, last) == 0)
                continue;
            help_row(to, word,
                     nouns ? help_summary(c->arena, help_noun(c, word)) : help_command(c, one),
                     NOUN_INDENT);
            last = word;
        }
    }
    print_globals(c, to);
    print_exits(c, to);
    fprintf(to->file, _("\nBegin with: jiayi login --server HOST:PORT --ca FILE --user EMAIL\n"
                        "More about one: jiayi COMMAND --help\n"));
}

int
help_print(struct client *c, struct status *e)
{
    size_t columns = display_columns(stdout);
    const struct page to = {
        .file = stdout,
        .columns = columns < MAX_COLUMNS ? columns : MAX_COLUMNS,
        .bold = display_colour(stdout),
    };
    if (display_is_terminal(stdout) && !c->parsed.no_pager)
        pager_start();
    if (c->parsed.command)
        print_command(c, &to);
    else if (c->parsed.noun)
        print_noun(c, &to);
    else
        print_all(c, &to);
    return pager_end(e);
}
