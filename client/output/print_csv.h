/**
 * Messages of one type as CSV: RFC 4180, but lines end in LF.
 */
#ifndef JIAYI_CLIENT_OUTPUT_PRINT_CSV_H
#define JIAYI_CLIENT_OUTPUT_PRINT_CSV_H

#include <stdbool.h>

#include "client/base/failure.h"
#include "client/output/cell.h"

/*
 * All fields, as declared; those of a message flattened as "amount.currency"; what is repeated as
 * JSON. For people (struct print's raw is false) times are in their zone, and a text that begins as
 * a formula does, with = + - @ or a tab, has an apostrophe before it; numbers are left. Raw values
 * are as the server gave them.
 *
 * Both return 0, or -1 with @e set: STATUS_FAILED_HERE without memory.
 */

/** print_csv_head() - the byte order mark where it is asked for, and the names of the fields. */
int print_csv_head(struct arena *a, const struct print *p, const struct schema_message *m,
                   struct status *e) MUST_CHECK;

/** print_csv_rows() - a row for each of the @n messages of type @m. */
int print_csv_rows(struct arena *a, const struct print *p, const struct schema_message *m,
                   ProtobufCMessage *const *rows, size_t n, struct status *e) MUST_CHECK;

/**
 * print_csv_cell() - a value as a cell: in quotes where it has one of @special or blanks at an end,
 * else the text itself. NULL without memory.
 */
const char *print_csv_cell(struct arena *a, const char *text, const char *special);

/**
 * print_csv_is_formula() - true for a text that a spreadsheet would take for a formula: by what it
 * begins with, also in full width; numbers are none.
 */
bool print_csv_is_formula(const char *text);

#endif
