/**
 * A table in a file, as `jiayi import` takes it: CSV, or an array of JSON objects whose members'
 * names are the headings.
 */
#ifndef JIAYI_CLIENT_HANDMADE_SHEET_H
#define JIAYI_CLIENT_HANDMADE_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "client/words/columns.h"
#include "client/words/reading.h"
#include "common/arena.h"
#include "common/status.h"

enum { SHEET_MOST_COLUMNS = 200 };

/** A column of the file. */
struct sheet_column {
    const char *heading;
    /** What it is; without a field it is left out. */
    struct column is;
    struct reading reading;
};

/** A row: its cells, and the line in which it begins. */
struct sheet_row {
    const char **cells;
    size_t line;
};

/** The file, in memory. */
struct sheet {
    /** What its cells live in, and where it came from. */
    struct arena *arena;
    const char *path;
    char *text;
    size_t size;
    /** An array of objects, and no table: then what is in it is as it was meant. */
    bool is_json;
    char separator;
    struct sheet_column columns[SHEET_MOST_COLUMNS];
    size_t n_columns;
    struct sheet_row *rows;
    size_t n_rows;
};

/**
 * sheet_open() - the file at @path in memory, and what it is: in @encoding, or what its bytes look
 * like where that is NULL. What it was taken for is told. Returns 0, or -1 with the error.
 */
int sheet_open(struct sheet *ret, struct arena *a, const char *path, const char *encoding,
               struct status *e);

/** sheet_read() - the headings and rows of @s, without those that are empty. Returns 0, or -1. */
int sheet_read(struct sheet *s, struct status *e);

/** sheet_heading() - the heading over a field; the field's name where it has none. */
const char *sheet_heading(const struct sheet *s, const char *field);

/** sheet_without_apostrophe() - @cell without the apostrophe that keeps it from being a formula. */
const char *sheet_without_apostrophe(const char *cell);

/** sheet_trimmed() - @cell without blanks around it. NULL: no memory. */
const char *sheet_trimmed(struct arena *a, const char *cell);

/**
 * sheet_one_line() - @cell with blanks for its breaks: what is a line in jiayi may be several in a
 * spreadsheet. NULL: no memory.
 */
char *sheet_one_line(struct arena *a, const char *cell);

#endif
