/**
 * Which field a column of a spreadsheet is: by its heading, in the words of people and of other
 * programs.
 */
#ifndef JIAYI_CLIENT_WORDS_COLUMNS_H
#define JIAYI_CLIENT_WORDS_COLUMNS_H

#include "client/base/failure.h"
#include "common/arena.h"
#include "common/schema.h"

/** What a heading says. */
struct column {
    /** The field of the row; NULL: none that is known. */
    const struct schema_field *field;
    /** What stands behind each of its values: "万元" of 金额（万元）; NULL for nothing. */
    const char *unit;
};

/**
 * columns_find() - the field of @row that a column with this heading is for.
 *
 * Headings are the fields' own names, common ones in Chinese and Albanian, and those of the
 * standard columns of well-known programs. What stands in brackets behind is its unit; a star for
 * "required" counts for nothing.
 */
struct column columns_find(struct arena *a, const struct schema_message *row, const char *heading);

/** columns_names() - the names of all fields that a column may have; NULL without memory. */
const char *columns_names(struct arena *a, const struct schema_message *row);

#endif
