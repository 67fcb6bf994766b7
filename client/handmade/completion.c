/**
 * Completion scripts, written out of the schema: commands, flags, choices. They ask nobody while
 * completing.
 */
#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/handmade/handmade.h"
#include "client/run/session.h"

static bool
takes_file(const struct argument *argument)
{
    return argument->placeholder && strncmp(argument->placeholder, "FILE", 4) == 0;
}

/**
 * Prints the first words of commands, each once; with @noun, of so many bytes, the second words of
 * that noun.
 */
static void
print_words(const struct commands *c, const char *noun, int noun_length)
{
    const char *last = "";
    size_t last_length = 0;
    for (size_t i = 0; i < c->n; i++) {
        const char *name = c->all[i].name;
        if (noun && (strncmp(name, noun, (size_t)noun_length) != 0 || name[noun_length] != ' '))
            continue;
        const char *word = noun ? name + noun_length + 1 : name;
        size_t length = strcspn(word, " ");
        if (length == last_length && strncmp(word, last, length) == 0)
            continue;
        printf("%s%.*s", *last ? " " : "", (int)length, word);
        last = word;
        last_length = length;
    }
}

/** Calls @print for each noun once, which has @length bytes. */
static void
each_noun(struct client *c, void (*print)(struct client *c, const char *noun, int length))
{
    const char *last = "";
    int last_length = 0;
    for (size_t i = 0; i < c->commands->n; i++) {
        const char *name = c->commands->all[i].name, *space = strchr(name, ' ');
        int length = space ? (int)(space - name) : 0;
        if (!space || (length == last_length && strncmp(name, last, (size_t)length) == 0))
            continue;
        print(c, name, length);
        last = name;
        last_length = length;
    }
}

static void
print_flags(const struct command *command)
{
    for (size_t i = 0; i < command->n_arguments; i++)
        if (!command->arguments[i].place)
            printf("--%s ", command->arguments[i].name);
    for (size_t i = 0; i < parse_n_globals; i++)
        if (strcmp(parse_globals[i].name, "version") != 0)
            printf("%s--%s", i ? " " : "", parse_globals[i].name);
}

static void
print_choices(const struct argument *argument)
{
    const struct schema_field *f = command_field(argument);
    for (size_t i = 0; f && i < f->option->n_choices; i++)
        printf("%s%s", i ? " " : "", f->option->choices[i]);
}

static bool
has_choices(const struct argument *argument)
{
    const struct schema_field *f = command_field(argument);
    return f && f->option->n_choices;
}

/* bash. */

static void
bash_noun(struct client *c, const char *noun, int length)
{
    printf("    %.*s) words='", length, noun);
    print_words(c->commands, noun, length);
    printf("' ;;\n");
}

static void
bash_values(const struct command *command)
{
    for (size_t i = 0; i < command->n_arguments; i++) {
        const struct argument *one = &command->arguments[i];
        if (one->place || !(takes_file(one) || has_choices(one)))
            continue;
        printf("    '%s:--%s') ", command->name, one->name);
        if (has_choices(one)) {
            printf("words='");
            print_choices(one);
            printf("' ;;\n");
        } else {
            printf("files=1 ;;\n");
        }
    }
}

static void
print_bash(struct client *c)
{
    printf("# bash completion for jiayi %s; use: source <(jiayi completion bash)\n"
           "_jiayi() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= "
           "words= files= i\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        case ${COMP_WORDS[i]} in\n"
           "        --profile|--output|-o|--timeout|--request-id) ((i++)) ;;\n"
           "        -*) [[ -n $command ]] && break ;;\n"
           "        *) case \" $command\" in\n"
           "            ' ') command=${COMP_WORDS[i]} ;;\n"
           "            *\\ *\\ *) break ;;\n"
           "            *) command+=\" ${COMP_WORDS[i]}\" ;;\n"
           "            esac ;;\n"
           "        esac\n"
           "    done\n"
           "    case $command in\n"
           "    '') words='",
           JIAYI_VERSION);
    print_words(c->commands, NULL, 0);
    printf("' ;;\n");
    each_noun(c, bash_noun);
    for (size_t i = 0; i < c->commands->n; i++) {
        printf("    '%s'%s) words='", c->commands->all[i].name,
               strchr(c->commands->all[i].name, ' ') ? "" : "*");
        print_flags(&c->commands->all[i]);
        printf("' ;;\n");
    }
    printf("    esac\n    case $prev in\n"
           "    -o|--output) words='table json csv' ;;\n"
           "    --profile) words=$(cd \"${XDG_CONFIG_HOME:-$HOME/.config}/jiayi/profiles\" "
           "2>/dev/null && ls | grep -v '\\.') ;;\n"
           "    esac\n    case $command:$prev in\n");
    for (size_t i = 0; i < c->commands->n; i++)
        bash_values(&c->commands->all[i]);
    printf(
        "    esac\n"
        "    if [[ -n $files ]]; then COMPREPLY=($(compgen -f -- \"$cur\")); compopt -o filenames\n"
        "    else COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")); fi\n"
        "}\n"
        "complete -F _jiayi jiayi\n");
}

/* fish. */

/** A comment's first sentence for a single-quoted word. */
static void
fish_text(const char *comment)
{
    const char *text = i18n_text(comment);
    size_t length = strcspn(text, ".");
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'' || text[i] == '\\')
            putchar('\\');
        putchar(text[i]);
    }
}

static void
fish_noun(struct client *c, const char *noun, int length)
{
    printf("complete -c jiayi -f -n __fish_use_subcommand -a %.*s\n", length, noun);
    printf("complete -c jiayi -f -n '__fish_seen_subcommand_from %.*s; and not "
           "__fish_seen_subcommand_from ",
           length, noun);
    print_words(c->commands, noun, length);
    printf("' -a '");
    print_words(c->commands, noun, length);
    printf("'\n");
}

static void
fish_flag(const struct command *command, const struct argument *one)
{
    const char *space = command ? strchr(command->name, ' ') : NULL;
    printf("complete -c jiayi");
    if (command) {
        printf(" -n '__fish_seen_subcommand_from %.*s", (int)strcspn(command->name, " "),
               command->name);
        if (space)
            printf("; and __fish_seen_subcommand_from %s", space + 1);
        putchar('\'');
    }
    printf(" -l %s", one->name);
    if (one->placeholder)
        printf(takes_file(one) ? " -r -F" : " -x");
    if (has_choices(one)) {
        printf(" -a '");
        print_choices(one);
        putchar('\'');
    }
    printf(" -d '");
    fish_text(one->comment);
    printf("'\n");
}

static void
print_fish(struct client *c)
{
    printf("# fish completion for jiayi %s; use: jiayi completion fish | source\n", JIAYI_VERSION);
    each_noun(c, fish_noun);
    for (size_t i = 0; i < c->commands->n; i++) {
        const struct command *command = &c->commands->all[i];
        if (!strchr(command->name, ' ')) {
            printf("complete -c jiayi -f -n __fish_use_subcommand -a %s -d '", command->name);
            fish_text(command->comment);
            printf("'\n");
        }
        for (size_t k = 0; k < command->n_arguments; k++)
            if (!command->arguments[k].place)
                fish_flag(command, &command->arguments[k]);
    }
    for (size_t i = 0; i < parse_n_globals; i++)
        fish_flag(NULL, &parse_globals[i]);
    printf("complete -c jiayi -s o -x -a 'table json csv'\n");
}

/* zsh takes bash's. */

static void
print_zsh(struct client *c)
{
    printf("# zsh completion for jiayi; use: source <(jiayi completion zsh)\n"
           "autoload -U +X compinit && compinit\n"
           "autoload -U +X bashcompinit && bashcompinit\n");
    print_bash(c);
}

int
completion_run(struct client *c, struct status *e)
{
    static const struct {
        const char *name;
        void (*print)(struct client *c);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    const char *shell = parse_value(&c->parsed, "SHELL");
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].print(c);
            return 0;
        }
    return status_set(e, STATUS_USAGE,
                      _("there is no completion for \"%s\"; there is for bash, zsh and fish"),
                      shell);
}
