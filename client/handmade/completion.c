/**
 * Completion scripts. They know nothing themselves: at each key press they ask the program what the
 * word may become.
 */
#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/handmade/complete.h"
#include "client/handmade/handmade.h"

/*
 * bash breaks words at = : and @, and has the last piece replaced, behind a quote that is open:
 * pieces without a blank between them are put together, and of what comes back the last piece is
 * given.
 */
static const char bash[] =
    "# bash completion for jiayi; use: source <(jiayi completion bash)\n"
    "_jiayi() {\n"
    "    local rest=$COMP_LINE words=() n=0 i blank piece cur before line\n"
    "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "        blank=${rest%%[![:blank:]]*}\n"
    "        rest=${rest#\"$blank\"}\n"
    "        [[ -n $blank || $i -eq 0 ]] && ((++n))\n"
    "        piece=${COMP_WORDS[i]}\n"
    "        rest=${rest#\"$piece\"}\n"
    "        [[ $i -lt $COMP_CWORD ]] || piece=${piece#[\\\"\\']}\n"
    "        words[n-1]+=$piece\n"
    "    done\n"
    "    cur=${words[n-1]}\n"
    "    before=${cur%\"${cur##*[\"$COMP_WORDBREAKS\"]}\"}\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        case $line in\n"
    "        $'\\tfile') compopt -o default ;;\n"
    "        *) line=${line%%$'\\t'*} && COMPREPLY+=(\"${line#\"$before\"}\") ;;\n"
    "        esac\n"
    "    done < <(command jiayi completion bash -- \"${words[@]:1}\" 2>/dev/null)\n"
    "    compopt -o nosort 2>/dev/null\n"
    "}\n"
    "complete -F _jiayi jiayi\n";

static const char zsh[] =
    "#compdef jiayi\n"
    "# zsh completion for jiayi; use: source <(jiayi completion zsh)\n"
    "_jiayi() {\n"
    "    local -a values labels\n"
    "    local line\n"
    "    while IFS= read -r line; do\n"
    "        if [[ $line = $'\\tfile' ]]; then\n"
    "            _files\n"
    "            return\n"
    "        fi\n"
    "        values+=(\"${line%%$'\\t'*}\")\n"
    "        labels+=(\"${line/$'\\t'/  }\")\n"
    "    done < <(command jiayi completion zsh -- \"${(@Q)words[2,CURRENT-1]}\" \"$PREFIX\" "
    "2>/dev/null)\n"
    "    (( $#values )) && compadd -l -V jiayi -d labels -a values\n"
    "}\n"
    "(( $+functions[compdef] )) || { autoload -U +X compinit && compinit }\n"
    "compdef _jiayi jiayi\n";

static const char fish[] =
    "# fish completion for jiayi; use: jiayi completion fish | source\n"
    "function __jiayi_complete\n"
    "    set -l words (commandline -opc)\n"
    "    set -l current (commandline -ct)\n"
    "    for line in (command jiayi completion fish -- $words[2..-1] \"$current\" 2>/dev/null)\n"
    "        if test \"$line\" = \\tfile\n"
    "            __fish_complete_path \"$current\"\n"
    "        else\n"
    "            printf '%s\\n' \"$line\"\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c jiayi -f -k -a '(__jiayi_complete)'\n";

/** The words of the command line to complete, the last of them being typed. */
static const struct values *
words_to_complete(const struct client *c)
{
    return &c->parsed.values[command_index(c->parsed.command, "WORD")];
}

int
completion_run(struct client *c, struct status *e)
{
    static const struct {
        const char *name, *script;
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    const char *shell = parse_value(&c->parsed, "SHELL");
    const struct values words = *words_to_complete(c);
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(shells[i].name, shell) != 0)
            continue;
        if (words.n)
            complete_print(c, (int)words.n, (char *const *)words.all);
        else
            fputs(shells[i].script, stdout);
        return 0;
    }
    return status_set(e, STATUS_USAGE,
                      _("there is no completion for \"%s\"; there is for bash, zsh and fish"),
                      shell);
}
