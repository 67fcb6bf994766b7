/**
 * Messages of one type as a table.
 */
#ifndef JIAYI_CLIENT_OUTPUT_PRINT_TABLE_H
#define JIAYI_CLIENT_OUTPUT_PRINT_TABLE_H

#include "client/base/failure.h"
#include "client/output/cell.h"

/**
 * print_table() - the @n messages of type @m as a table of the fields that have an order.
 *
 * On a terminal it is as wide as that: columns that nobody filled are left out; where it does not
 * fit, those go whose rows all say the same, which is told below, then the least important (option
 * rank), and texts are cut. Dates, periods, states and numbers never are. Where that is not enough,
 * and where all is to be shown in full, each row is a record: a line for each field.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE without memory.
 */
int print_table(struct arena *a, const struct print *p, const struct schema_message *m,
                ProtobufCMessage *const *rows, size_t n, struct status *e) MUST_CHECK;

#endif
