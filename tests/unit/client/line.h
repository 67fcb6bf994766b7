/**
 * Command lines for tests, as a shell takes them apart that knows nothing but spaces.
 */
#ifndef JIAYI_TESTS_UNIT_CLIENT_LINE_H
#define JIAYI_TESTS_UNIT_CLIENT_LINE_H

#include <string.h>

#include "client/words/parse.h"

enum { LINE_WORDS = 32 };

/** line_parse() - parse_line() of the words of @line; they live in the arena as the result does. */
static inline int
line_parse(struct arena *a, const struct commands *all, const char *line, struct parsed *ret,
           struct status *e)
{
    char *copy = arena_copy(a, line, strlen(line));
    char **words = arena_alloc(a, LINE_WORDS * sizeof *words);
    int n = 0;
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        assert_true(n < LINE_WORDS);
        words[n++] = word;
    }
    return parse_line(a, all, n, words, ret, e);
}

#endif
