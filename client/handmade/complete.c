#include "client/handmade/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "client/output/display.h"
#include "client/output/print.h"
#include "client/run/help.h"
#include "client/words/dictionary.h"
#include "client/words/offer.h"
#include "common/json_text.h"
#include "common/text.h"

enum {
    /** The most that is asked of a list: its first rows, which mostly are the newest. */
    MOST_ROWS = 200,
};

/** A word that is being typed, and what was found for it. */
struct completion {
    struct client *client;
    struct parse_place place;
    size_t n;
};

/**
 * True for a word that stands for itself in every shell, and is seen as what it is: letters, digits
 * and a few marks.
 */
static bool
is_plain_word(const char *s)
{
    size_t n = strlen(s), length;
    if (n == 0 || !text_valid(s, n))
        return false;
    for (size_t i = 0; i < n; i += length) {
        uint32_t c = text_decode(s + i, n - i, &length);
        bool fine = c < 0x80 ? isalnum((int)c) || strchr("-_.@:+/", (int)c)
                             : !text_is_deceptive(c) && display_width(s + i, length) > 0;
        if (!fine)
            return false;
    }
    return s[0] != '-' || strncmp(s, "--", 2) == 0;
}

/** True when @word begins as what is being typed. */
static bool
is_begun(const struct completion *o, const char *word)
{
    return strncmp(word, o->place.word, strlen(o->place.word)) == 0;
}

/** Prints @word, if it is what is being typed; @meaning may be NULL. */
static void
offer(struct completion *o, const char *word, const char *meaning)
{
    if (!is_begun(o, word) || !is_plain_word(word))
        return;
    char *clean =
        meaning && *meaning ? display_clean(o->client->arena, meaning, DISPLAY_ONE_LINE) : NULL;
    printf("%s%s%s%s\n", o->place.before, word, clean ? "\t" : "", clean ? clean : "");
    o->n++;
}

/* Commands and flags. */

/** The first words of commands, or behind a noun its second words, each once. */
static void
offer_commands(struct completion *o)
{
    const struct client *c = o->client;
    const char *noun = c->parsed.noun, *last = "";
    size_t skip = noun ? strlen(noun) + 1 : 0;
    for (size_t i = 0; i < c->commands->n; i++) {
        const struct command *one = &c->commands->all[i];
        if (noun && (strncmp(one->name, noun, skip - 1) != 0 || one->name[skip - 1] != ' '))
            continue;
        size_t length = strcspn(one->name + skip, " ");
        const char *word = arena_copy(c->arena, one->name + skip, length);
        if (!word || strcmp(word, last) == 0)
            continue;
        if (is_begun(o, word))
            offer(o, word,
                  one->name[skip + length] ? help_summary(c->arena, help_noun(o->client, word))
                                           : help_command(o->client, one));
        last = word;
    }
}

static void
offer_flag(struct completion *o, const struct argument *one)
{
    const char *label = command_label(o->client->arena, one);
    offer(o, label, help_summary(o->client->arena, i18n_text(one->comment)));
}

/** Those that can still be given. */
static void
offer_flags(struct completion *o)
{
    const struct parsed *p = &o->client->parsed;
    const struct command *command = p->command;
    for (size_t i = 0; command && i < command->n_arguments; i++) {
        const struct argument *one = &command->arguments[i];
        if (!one->place && (one->repeated || p->values[i].n == 0))
            offer_flag(o, one);
    }
    for (size_t i = 0; i < parse_n_globals; i++)
        if (!command || strcmp(parse_globals[i].name, "version") != 0)
            offer_flag(o, &parse_globals[i]);
}

/* Values that this machine knows. */

static void
offer_profiles(struct completion *o)
{
    const char *const *names;
    size_t n;
    struct status ignored;
    if (profile_names(o->client->arena, &names, &n, &ignored) < 0)
        return;
    for (size_t i = 0; i < n; i++)
        offer(o, names[i], NULL);
}

static void
offer_methods(struct completion *o)
{
    const struct schema *s = o->client->schema;
    for (size_t i = 0; i < s->n_methods; i++) {
        const struct schema_method *m = &s->methods[i];
        if (!is_begun(o, m->short_name))
            continue;
        schema_open(s, m);
        offer(o, m->short_name, help_summary(o->client->arena, i18n_text(m->comment)));
    }
}

/** The choices of a placeholder in small letters: "table|json|csv". */
static void
offer_alternatives(struct completion *o, const char *placeholder)
{
    if (!strchr(placeholder, '|') || !islower((unsigned char)placeholder[0]))
        return;
    for (const char *one = placeholder; *one; one += strspn(one, "|")) {
        size_t length = strcspn(one, "|");
        const char *word = arena_copy(o->client->arena, one, length);
        if (word)
            offer(o, word, NULL);
        one += length;
    }
}

/** The field's choices, or else the codes of its list in the dictionary. */
static void
offer_codes(struct completion *o, const struct schema_field *f)
{
    const char *list = f->option->words, *code;
    for (size_t i = 0; i < f->option->n_choices; i++)
        offer(o, f->option->choices[i], dictionary_word(list, f->option->choices[i]));
    for (size_t i = 0; f->option->n_choices == 0 && (code = dictionary_at(list, i)); i++)
        offer(o, code, dictionary_word(list, code));
}

/* Values that the server has. */

static void
offer_rows(struct completion *o, const Jiayi__V1__Offer *what, const ProtobufCMessage *answer,
           const struct schema_field *list)
{
    struct arena *a = o->client->arena;
    const struct schema_field *value = schema_find_field(list->message, what->value);
    const struct schema_field *label =
        what->label ? schema_find_field(list->message, what->label) : NULL;
    const char *last = "";
    for (size_t i = 0; value && i < message_count(answer, list); i++) {
        const ProtobufCMessage *row = *(ProtobufCMessage *const *)message_value(answer, list, i);
        const char *word = message_text(a, row, value);
        if (!word || strcmp(word, last) == 0)
            continue;
        offer(o, word, label ? message_text(a, row, label) : NULL);
        last = word;
    }
}

static void
offer_answer(struct completion *o, const Jiayi__V1__Offer *what, const ProtobufCMessage *answer)
{
    const struct schema_field *list = print_list_field(schema_of(answer));
    const struct schema_field *f = schema_find_field(schema_of(answer), what->value);
    if (list)
        offer_rows(o, what, answer, list);
    for (size_t i = 0; !list && f && i < message_count(answer, f); i++) {
        const char *word = json_text(o->client->arena, answer, f, i);
        if (word)
            offer(o, word, NULL);
    }
}

static void
ask_server(struct completion *o, const char *of)
{
    struct client *c = o->client;
    struct status ignored = {0};
    struct offer what;
    if (!offer_find(c->schema, of, &what))
        return;
    ProtobufCMessage *request = message_new(c->arena, what.method->in), *answer;
    const struct schema_field *size = schema_find_field(what.method->in, "page_size");
    if (!request || (size && message_put_integer(c->arena, request, size, MOST_ROWS) < 0) ||
        session_open(c, &ignored) < 0)
        return;
    if (c->parsed.timeout_ms == 0)
        c->parsed.timeout_ms = COMPLETE_TIMEOUT_MS;
    if ((answer = session_call(c, what.method, request, &ignored)))
        offer_answer(o, what.option, answer);
}

static void
offer_values(struct completion *o, const struct argument *argument)
{
    const struct schema_field *f = command_field(argument);
    const char *refers = argument->refers ? argument->refers : "";
    if (argument->placeholder && strncmp(argument->placeholder, "FILE", 4) == 0) {
        printf("\tfile\n");
        return;
    }
    if (strcmp(refers, "profile") == 0)
        offer_profiles(o);
    else if (strcmp(refers, "method") == 0)
        offer_methods(o);
    else if (*refers)
        ask_server(o, refers);
    if (o->n == 0 && f)
        offer_codes(o, f);
    else if (o->n == 0 && argument->placeholder)
        offer_alternatives(o, argument->placeholder);
}

void
complete_print(struct client *c, int argc, char *const *argv)
{
    struct completion o = {.client = c};
    struct status ignored = {0};
    if (parse_place(c->arena, c->commands, argc, argv, &c->parsed, &o.place, &ignored) < 0)
        return;
    if (o.place.argument)
        offer_values(&o, o.place.argument);
    else if (!o.place.may_be_flag && !c->parsed.command)
        offer_commands(&o);
    else
        offer_flags(&o);
}
