/**
 * How a column of a spreadsheet is read: what cannot be told of one cell - is 03/04/2026 a day of
 * March or of April, is 1.234 a thousand or one - is decided by the whole column, or not at all.
 */
#ifndef JIAYI_CLIENT_WORDS_READING_H
#define JIAYI_CLIENT_WORDS_READING_H

#include "client/words/typed.h"

/** The order of a day in numbers that are separated by slashes or hyphens, the year behind. */
enum reading_days { DAYS_UNKNOWN, DAYS_DMY, DAYS_MDY };

/** What separates what is behind the units. */
enum reading_decimal { DECIMAL_UNKNOWN, DECIMAL_POINT, DECIMAL_COMMA };

/** How a column is read. */
struct reading {
    enum reading_days days;
    enum reading_decimal decimal;
};

/** What stands beside an amount: a currency. */
struct reading_beside {
    /** Its code; NULL where there is none. */
    const char *currency;
};

/**
 * reading_look() - have a cell say how its column is to be read, where it does.
 *
 * Returns 0; -1 where it says other than a cell before it.
 */
int reading_look(struct reading *r, const struct schema_field *f, const char *cell);

/**
 * reading_is_open() - true for a cell that may mean one thing or another as long as the column says
 * no more than that.
 */
bool reading_is_open(const struct reading *r, const struct schema_field *f, const char *cell);

/**
 * reading_value() - the value of a cell for the field; the cell itself where it is not understood,
 * which the field's checks then refuse. NULL without memory.
 *
 * @unit:   what stands behind the cell by its heading, such as "万元"; NULL for nothing
 * @beside: gets the currency that stands beside an amount
 */
const char *reading_value(struct arena *a, const struct reading *r, const struct schema_field *f,
                          const char *cell, const char *unit, const struct typed_here *here,
                          struct reading_beside *beside);

#endif
