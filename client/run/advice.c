#include "client/run/advice.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "client/base/i18n.h"
#include "client/output/display.h"

/* Words as a shell takes them. */

/** A word with what a terminal would not show, or not as it is: $'...'. */
static const char *
quote_bytes(struct arena *a, const char *word)
{
    const char *quoted = "$'";
    for (const char *p = word; quoted && *p; p++) {
        bool plain = *p >= ' ' && *p < 0x7f && *p != '\\' && *p != '\'';
        quoted = plain ? arena_print(a, "%s%c", quoted, *p)
                       : arena_print(a, "%s\\x%02x", quoted, (unsigned char)*p);
    }
    return quoted ? arena_print(a, "%s'", quoted) : NULL;
}

static const char *
quote_word(struct arena *a, const char *word)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               "@%+=:,./_-";
    const char *shown = display_clean(a, word, DISPLAY_ONE_LINE);
    if (*word && strspn(word, safe) == strlen(word))
        return word;
    if (!shown || strcmp(shown, word) != 0)
        return quote_bytes(a, word);
    const char *quoted = "'";
    for (const char *p = word, *end; quoted; p = end + 1) {
        end = strchrnul(p, '\'');
        quoted = arena_print(a, "%s%.*s%s", quoted, (int)(end - p), p, *end ? "'\\''" : "'");
        if (!*end)
            break;
    }
    return quoted;
}

/* The command once more. */

static bool
is_flag(const char *word, const char *name)
{
    size_t length = strlen(name);
    return strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, length) == 0 &&
           (!word[2 + length] || word[2 + length] == '=');
}

/** The document that the editor's flag @word stands for; NULL where it is another's. */
static const struct argument *
document_of(const struct command *command, const char *word)
{
    for (size_t i = 1; i < command->n_arguments; i++)
        if (command->arguments[i].kind == ARGUMENT_EDITOR &&
            is_flag(word, command->arguments[i].name))
            return &command->arguments[i - 1];
    return NULL;
}

static bool
is_open(const struct client *c)
{
    return c->is_guarded && (c->fate == FATE_OPEN || c->fate == FATE_GIVEN_UP);
}

/** The program, with the profile where somebody chose it. */
static const char *
begin_line(struct client *c)
{
    struct status ignored;
    const char *profile = session_profile_name(c, &ignored);
    return profile && c->is_profile_chosen ? arena_print(c->arena, "jiayi --profile %s", profile)
                                           : "jiayi";
}

const char *
advice_command(struct client *c, size_t n, const char *const *words)
{
    const char *line = begin_line(c);
    for (size_t i = 0; line && i < n; i++) {
        const char *word = quote_word(c->arena, words[i]);
        line = word ? arena_print(c->arena, "%s %s", line, word) : NULL;
    }
    return line;
}

/* With the text that was written for the editor, under the open request_id. */
const char *
advice_again(struct client *c)
{
    char id[2 * CALL_ID_BYTES + 1];
    const struct argument *document;
    const char *line = begin_line(c);
    bool only_words = false;
    for (int i = 0; line && i < c->argc; i++) {
        const char *word = c->argv[i];
        bool other = !only_words && (is_flag(word, "profile") || is_flag(word, "request-id"));
        only_words = only_words || strcmp(word, "--") == 0;
        if (other)
            i += !strchr(word, '=');
        else if (c->draft && !only_words && (document = document_of(c->parsed.command, word)))
            line = arena_print(c->arena, "%s --%s %s", line, document->name,
                               quote_word(c->arena, c->draft));
        else if ((word = quote_word(c->arena, word)))
            line = arena_print(c->arena, "%s %s", line, word);
    }
    if (!line || !is_open(c))
        return line;
    call_id_text(c->own_id, id);
    /* Before the words, for behind a -- there are no flags. */
    return arena_print(c->arena, "jiayi --request-id %s%s", id, line + strlen("jiayi"));
}

void
advice_give(struct client *c, struct status *e)
{
    struct status before = *e;
    if (c->fate == FATE_UNSENT)
        status_set(e, before.code, _("%s (nothing was sent)"), before.message);
    else if (c->fate == FATE_OPEN)
        status_set(e, before.code, _("%s (it was sent, and no answer came: it may have been done)"),
                   before.message);
    else if (c->fate == FATE_GIVEN_UP)
        status_set(e, before.code, _("%s (it may have been done all the same)"), before.message);
    before = *e;
    if (c->draft)
        status_set(e, before.code, _("%s (your text is kept in %s)"), before.message, c->draft);
    if (c->draft || is_open(c))
        c->go_on = advice_again(c);
}
