/**
 * The dictionary: the words that people read and write for states, stages, kinds and decisions,
 * which on the wire, in JSON and in CSV are codes.
 *
 * Which list of the dictionary a field's values are of says its option `words` in the .proto. The
 * words of each language stand in po/, the list's name being the context.
 */
#ifndef JIAYI_CLIENT_WORDS_DICTIONARY_H
#define JIAYI_CLIENT_WORDS_DICTIONARY_H

#include <stddef.h>

/**
 * dictionary_word() - the word for @code in the reader's language.
 *
 * @list: the option `words` of the code's field, such as "stage"; NULL for none
 *
 * Returns @code itself where the dictionary has no word: of a stage that a company made, of a state
 * that only a newer server knows. A word lives as long as the program.
 */
const char *dictionary_word(const char *list, const char *code);

/**
 * dictionary_code() - the code that somebody means who typed @typed: a code or a word of the list,
 * of any language that the program speaks.
 *
 * Upper and lower case, full width, the dots and tails of ë and ç, and hyphens or underscores for
 * spaces make no difference.
 *
 * Returns NULL where no code of the list is meant; else a text that lives as long as the program.
 * Not while other threads run: it looks into the other languages.
 */
const char *dictionary_code(const char *list, const char *typed);

/** dictionary_at() - the @n-th code of a list, from 0; NULL past the last. */
const char *dictionary_at(const char *list, size_t n);

#endif
