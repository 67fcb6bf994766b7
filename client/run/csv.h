/**
 * CSV (RFC 4180), cell by cell; commas, or other separators.
 */
#ifndef JIAYI_CLIENT_RUN_CSV_H
#define JIAYI_CLIENT_RUN_CSV_H

#include <stddef.h>

/** A place in CSV. */
struct csv {
    /** What is left of the text, which is changed meanwhile; a NUL ends it. */
    char *at;
    /** The line that @at is in, from 1. */
    size_t line;
    char separator;
};

/** What ends a cell. */
enum csv_end { CSV_CELL, CSV_LINE, CSV_FILE, CSV_BROKEN };

/**
 * csv_cell() - take a cell out: *@ret is its text, in place.
 *
 * A quote that was closed, then more text, is a broken cell, and so is one that is not closed.
 */
enum csv_end csv_cell(struct csv *c, char **ret);

/**
 * csv_separator() - the comma, semicolon or tab of which the first line has most, outside of
 * quotes; a comma where it has none.
 */
char csv_separator(const char *text);

#endif
