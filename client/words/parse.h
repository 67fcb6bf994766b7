/**
 * A command line, understood: which command, with which values, and the flags of every command.
 */
#ifndef JIAYI_CLIENT_WORDS_PARSE_H
#define JIAYI_CLIENT_WORDS_PARSE_H

#include <stdint.h>

#include "client/words/command.h"

/** The longest --timeout that a server grants, in milliseconds. */
#define PARSE_MAX_TIMEOUT_MS 300000

/** How answers are written. */
enum output {
    /** Nothing was said: tables. */
    OUTPUT_DEFAULT,
    OUTPUT_TABLE,
    OUTPUT_JSON,
    OUTPUT_CSV,
};

/** The values given for one argument, in their order. */
struct values {
    const char **all;
    size_t n;
};

/** A command line, understood. */
struct parsed {
    /** What is to be run; NULL when no command, or only its first word, is there. */
    const struct command *command;
    /** The first word when that is all there is, such as "deal"; else NULL. */
    const char *noun;
    /** One for each of the command's arguments. */
    struct values *values;
    /** --profile; NULL where absent. */
    const char *profile;
    enum output output;
    /** --timeout; 0 where absent. */
    int64_t timeout_ms;
    /** --request-id; all of its bytes count when has_request_id. */
    uint8_t request_id[16];
    bool has_request_id;
    /** --utc, --bom, --raw, --no-pager. */
    bool utc, bom, raw, no_pager;
    bool help;
    bool version;
};

/** The flags that every command takes. */
extern const struct argument parse_globals[];
extern const size_t parse_n_globals;

/**
 * parse_line() - understand a command line.
 *
 * @argv: @argc words without the program's name; the result points into them
 *
 * Files are not read and nothing is asked here. Returns 0, or -1 with @e set: STATUS_USAGE.
 */
int parse_line(struct arena *a, const struct commands *c, int argc, char *const *argv,
               struct parsed *ret, struct status *e) MUST_CHECK;

/** What may stand where a word is being typed. */
struct parse_place {
    /** The word, as far as it is typed; of --flag=WORD what stands behind the =. */
    const char *word;
    /** What stands before it in the same word, such as "--owner="; else "". */
    const char *before;
    /** The argument that would have the word as its value, one of the command or a global flag. */
    const struct argument *argument;
    /** Flags may stand there, by what is typed. */
    bool may_be_flag;
};

/**
 * parse_place() - understand a command line up to its last word, which is still being typed, and
 * may be empty.
 *
 * Nothing needs to be there yet but what is typed. Returns 0, or -1 with @e set: STATUS_USAGE where
 * the words before make no sense.
 */
int parse_place(struct arena *a, const struct commands *c, int argc, char *const *argv,
                struct parsed *ret, struct parse_place *place, struct status *e) MUST_CHECK;

/**
 * parse_value() - the value of the client's own argument @name of a parsed command; NULL where
 * absent.
 */
const char *parse_value(const struct parsed *p, const char *name);

#endif
