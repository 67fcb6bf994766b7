/**
 * Rows out of a file: CSV (RFC 4180) or a JSON array becomes the messages of a repeated field.
 */
#ifndef JIAYI_CLIENT_RUN_TABLE_H
#define JIAYI_CLIENT_RUN_TABLE_H

#include "client/base/failure.h"
#include "client/words/typed.h"
#include "common/arena.h"
#include "common/message.h"

/**
 * table_put() - add a message to @f of @message for each row of @text.
 *
 * What begins with a bracket is JSON. Of CSV the first line names the row's fields, in any order;
 * an empty cell is an absent field, and a cell may be typed as on the command line. Lines may end
 * in CR LF; empty lines are passed over.
 *
 * @text: @size bytes, a NUL after them; changed meanwhile
 *
 * Returns 0, or -1 with @e set: STATUS_INVALID_ARGUMENT, which names line and column.
 */
int table_put(struct arena *a, ProtobufCMessage *message, const struct schema_field *f, char *text,
              size_t size, const struct typed_here *here, struct status *e) MUST_CHECK;

#endif
