/**
 * Commands: their words, flags and positionals, made of the schema's methods (options command,
 * positional, flag, required, input).
 *
 * A command that is more than one call, or none, is made by hand, but described by the same table,
 * so that help, completion and suggestions know it too.
 */
#ifndef JIAYI_CLIENT_WORDS_COMMAND_H
#define JIAYI_CLIENT_WORDS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "client/base/failure.h"
#include "common/arena.h"
#include "common/schema.h"

/** How deep flags reach into the messages of a request: --currency sets amount.currency. */
#define ARGUMENT_DEPTH 4

/** Where an argument's value comes from. */
enum argument_kind {
    /** The word itself. */
    ARGUMENT_WORD,
    /** A flag that is there or not. */
    ARGUMENT_BOOL,
    /** A file's content, or standard input's. */
    ARGUMENT_DOCUMENT,
    /**
     * What the user writes in an editor, into the same field as the ARGUMENT_DOCUMENT of the path.
     */
    ARGUMENT_EDITOR,
    /** The rows of a repeated message, CSV or JSON in a file or on standard input. */
    ARGUMENT_TABLE,
    /**
     * A secret out of a file or standard input; prompted for when it is required and the flag
     * absent.
     */
    ARGUMENT_PASSWORD,
};

/** A flag, or a word without a flag. */
struct argument {
    /** A flag's name, without hyphens; a positional's placeholder. */
    const char *name;
    /** What stands for the value in help; NULL for ARGUMENT_BOOL and ARGUMENT_EDITOR. */
    const char *placeholder;
    /** What it means; English, shown through _(). */
    const char *comment;
    enum argument_kind kind;
    /** The place among the positionals, from 1; 0 for a flag. */
    unsigned place;
    bool required;
    bool repeated;
    /** What it names, as the option `refers` of a field says it; NULL where nothing is known. */
    const char *refers;
    /** The field it sets, from the request down; depth 0 for a client's own flag. */
    const struct schema_field *path[ARGUMENT_DEPTH];
    unsigned depth;
};

struct client;

/** A command: its words, and once command_open() was there all else. */
struct command {
    /** Its words: "deal move". */
    const char *name;
    /** The row of the table of those made by hand; NULL for the one general way. */
    const struct handmade *by_hand;
    /**
     * The method that it calls and whose request gives its arguments; NULL for some made by hand.
     */
    const struct schema_method *method;
    /** What it does; English, shown through _(). NULL before command_open(). */
    const char *comment;
    /** First the positionals in their order, then the flags. */
    const struct argument *arguments;
    size_t n_arguments;
    /**
     * What a command made by hand does; NULL for the one general way. Returns 0, or -1 with @e set.
     */
    int (*run)(struct client *c, struct status *e);
    /** What the method requires is required; else a command made by hand may know it otherwise. */
    bool is_general;
};

/** A row of a table of commands made by hand. */
struct handmade {
    /** Its words. */
    const char *name;
    /** What it does; NULL takes the method's comment. */
    const char *comment;
    /** The method whose request fields are arguments too, "AuthService/SignIn"; NULL for none. */
    const char *method;
    /** The client's own arguments, positionals first; ended by a name of NULL. May be NULL. */
    const struct argument *arguments;
    /** What it does: run of struct command. */
    int (*run)(struct client *c, struct status *e);
    /** It makes the method's request in the general way, and does more besides. */
    bool is_general;
};

/** All commands, by name. */
struct commands {
    const struct command *all;
    size_t n;
    struct arena *arena;
    const struct schema *schema;
};

/**
 * command_list() - the commands of a schema and those made by hand, which go before a method's of
 * the same name. By name alone, for one of them will be run.
 *
 * @by_hand: a table that is ended by a name of NULL, and outlives the list
 *
 * Returns NULL when the arena is full.
 */
const struct commands *command_list(struct arena *a, const struct schema *s,
                                    const struct handmade *by_hand);

/** command_is_paged() - true for a method that gives a list page by page: its command has --all. */
bool command_is_paged(const struct schema_method *method);

/** command_open() - complete a command of the list. Returns it; NULL when the arena is full. */
const struct command *command_open(const struct commands *c, const struct command *one);

/** command_find() - the command of that name, opened; NULL for none, and when the arena is full. */
const struct command *command_find(const struct commands *c, const char *name);

/** command_is_noun() - true when a command of more words begins with @word. */
bool command_is_noun(const struct commands *c, const char *word);

/** command_index() - the place of the argument @name among a command's; -1 when it has none. */
int command_index(const struct command *c, const char *name);

/**
 * command_has_version() - true for a change whose request takes the version that the user saw; such
 * a command has the client's own flag --force.
 */
bool command_has_version(const struct command *c);

/** command_label() - how errors and help name an argument: "--currency", "ID". In the arena. */
const char *command_label(struct arena *a, const struct argument *argument);

/**
 * command_requires() - true where @c cannot do without the argument: it is required, as is every
 * message that it is in.
 */
bool command_requires(const struct command *c, const struct argument *argument);

/** command_field() - the field that an argument sets; NULL for one of the client's own. */
const struct schema_field *command_field(const struct argument *argument);

/**
 * command_nearest() - the one of @n names that @word is most likely a misspelling of; NULL when
 * none is near.
 */
const char *command_nearest(const char *word, const char *const *names, size_t n);

#endif
