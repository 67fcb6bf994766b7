/**
 * The manual page, out of the schema. `jiayi man | man -l -` reads it.
 */
#include <stdio.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/run/help.h"
#include "client/run/session.h"

/**
 * Text as roff takes it: a backslash is \e, a hyphen stays one, and no line begins with a request.
 */
static void
put_roff(const char *text)
{
    for (const char *p = text; *p; p++) {
        if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
            fputs("\\&", stdout);
        if (*p == '\\')
            fputs("\\e", stdout);
        else if (*p == '-')
            fputs("\\-", stdout);
        else
            putchar(*p);
    }
}

static void
put_section(const char *title)
{
    printf(".SH ");
    put_roff(title);
    putchar('\n');
}

static void
put_item(const char *term, const char *text)
{
    printf(".TP\n.B ");
    put_roff(term);
    putchar('\n');
    put_roff(text);
    putchar('\n');
}

static void
argument_item(struct client *c, const struct argument *one)
{
    const char *label = command_label(c->arena, one);
    bool value = !one->place && one->placeholder;
    const char *term = one->place ? one->placeholder
                                  : arena_print(c->arena, "%s%s%s", label, value ? " " : "",
                                                value ? one->placeholder : "");
    const char *about = help_about(c->arena, one);
    put_item(term ? term : label, about ? about : "");
}

static void
command_section(struct client *c, const struct command *command)
{
    const char *usage = help_usage(c->arena, command), *rule;
    printf(".SS ");
    put_roff(usage ? usage : command->name);
    putchar('\n');
    put_roff(i18n_text(command->comment));
    putchar('\n');
    for (size_t i = 0; i < command->n_arguments; i++)
        argument_item(c, &command->arguments[i]);
    for (unsigned i = 0; (rule = help_rule(c->arena, command, i)); i++) {
        printf(".PP\n");
        put_roff(rule);
        putchar('\n');
    }
}

int
man_run(struct client *c, struct status *e)
{
    (void)e;
    printf(".TH JIAYI 1 \"\" \"jiayi %s\"\n", JIAYI_VERSION);
    put_section(_("NAME"));
    put_roff("jiayi - ");
    put_roff(_("companies that sell together: deals, KPIs and reports"));
    putchar('\n');
    put_section(_("SYNOPSIS"));
    printf(".B jiayi\n");
    put_roff(_("COMMAND [ARGUMENTS] [FLAGS]"));
    putchar('\n');
    put_section(_("COMMANDS"));
    for (size_t i = 0; i < c->commands->n; i++) {
        const struct command *command = command_open(c->commands, &c->commands->all[i]);
        if (command)
            command_section(c, command);
    }
    put_section(_("FLAGS OF EVERY COMMAND"));
    for (size_t i = 0; i < parse_n_globals; i++)
        argument_item(c, &parse_globals[i]);
    put_section(_("EXIT STATUS"));
    const char *status, *meaning;
    for (size_t i = 0; help_exit(c->arena, i, &status, &meaning); i++)
        put_item(status, meaning);
    put_section(_("FILES"));
    put_item("$XDG_CONFIG_HOME/jiayi/profiles/NAME",
             _("A sign-in: the server, its authority's certificate and the session's token. It is "
               "refused when others can "
               "read it. Where XDG_CONFIG_HOME is not set, it is ~/.config."));
    put_section(_("ENVIRONMENT"));
    put_item("VISUAL, EDITOR", _("The editor of --editor; vi where absent."));
    put_item("NO_COLOR", _("Where it is set, nothing is coloured."));
    put_item("LC_ALL, LC_MESSAGES, LANG, LANGUAGE",
             _("The language: English, Chinese (zh_CN) or Albanian (sq)."));
    return 0;
}
