/**
 * Messages of one type as CSV: RFC 4180, but lines end in LF.
 */
#ifndef JIAYI_CLIENT_OUTPUT_PRINT_CSV_H
#define JIAYI_CLIENT_OUTPUT_PRINT_CSV_H

#include "client/base/failure.h"
#include "client/output/cell.h"

/**
 * print_csv() - a header, then a row for each of the @n messages of type @m.
 *
 * All fields, as declared; those of a message flattened as "amount.currency"; what is repeated as
 * JSON. Values are as the server gave them: a spreadsheet may take one that begins with = for a
 * formula.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE without memory.
 */
int print_csv(struct arena *a, const struct print *p, const struct schema_message *m,
              ProtobufCMessage *const *rows, size_t n, struct status *e) MUST_CHECK;

#endif
