/**
 * Text for people: what comes from a server is made harmless for terminals; widths are counted in
 * columns (Chinese takes two), lines are wrapped.
 */
#ifndef JIAYI_CLIENT_OUTPUT_DISPLAY_H
#define JIAYI_CLIENT_OUTPUT_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/arena.h"

/** What to do with line breaks. */
enum display_lines {
    /** Line breaks and tabs become a space: the text stays one line. */
    DISPLAY_ONE_LINE,
    /** They stay. */
    DISPLAY_LINES,
};

/**
 * display_clean() - a copy of @text that no terminal acts on and that hides nothing: control
 * characters, invisible ones and those that turn the direction of writing show as <U+001B>, bytes
 * that are no UTF-8 as U+FFFD, a byte order mark at the beginning not at all. Everything else is
 * as it was written.
 *
 * Returns NULL when the arena is full.
 */
char *display_clean(struct arena *a, const char *text, enum display_lines lines);

/** display_width() - the columns that the first @n bytes of the text @s take on a terminal. */
size_t display_width(const char *s, size_t n);

/**
 * display_turns() - true when part of the text @s is written from right to left: then it stands on
 * a terminal between the two marks below, so that it turns nothing beside it.
 */
bool display_turns(const char *s);

/** FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE; they take no column. */
#define DISPLAY_ISOLATE     "\xe2\x81\xa8"
#define DISPLAY_ISOLATE_END "\xe2\x81\xa9"

/** display_is_terminal() - true when @f is a terminal. */
bool display_is_terminal(FILE *f);

/** display_colour() - true when @f is a terminal that shows colour and NO_COLOR is not set. */
bool display_colour(FILE *f);

/** display_columns() - the width of the terminal @f; 80 where it is none. */
size_t display_columns(FILE *f);

/**
 * display_wrap() - print @text on lines of at most @columns columns.
 *
 * @indent: the columns before each line but the first, whose beginning the caller has printed
 *
 * Ends in a newline. Each line of a text that turns is isolated.
 */
void display_wrap(FILE *f, const char *text, size_t indent, size_t columns);

/** display_pad() - print @s and spaces up to @columns columns. */
void display_pad(FILE *f, const char *s, size_t columns);

#endif
