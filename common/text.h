/**
 * Text as the product knows it: UTF-8, without NUL.
 */
#ifndef JIAYI_COMMON_TEXT_H
#define JIAYI_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * text_valid() - true when the @n bytes at @s are UTF-8 (no surrogates, no overlong forms) without
 * NUL.
 */
bool text_valid(const char *s, size_t n);

/** text_length() - the number of characters (code points) in the valid text @s. */
size_t text_length(const char *s);

/**
 * text_is_blank() - true when the valid text @s shows nothing: empty, or white space and invisible
 * characters.
 */
bool text_is_blank(const char *s);

/**
 * text_fit() - the greatest length up to @n that does not cut a character of the @n bytes at @s.
 */
size_t text_fit(const char *s, size_t n);

/**
 * text_decode() - the character at the beginning of the @n bytes at @s, n > 0; U+FFFD for a byte
 * that begins none.
 *
 * @length: its length in bytes; 1 for a byte that begins none
 */
uint32_t text_decode(const char *s, size_t n, size_t *length);

/**
 * text_is_deceptive() - true for a character that a terminal acts on, that turns the direction of
 * all that follows, or that cannot be seen although it makes another text.
 *
 * Not for joiners, variation selectors and single marks of direction: they have their use in
 * Persian, Hindi, Arabic and emoji.
 */
bool text_is_deceptive(uint32_t c);

#endif
