/**
 * A title and a value on a line of their own: how one thing is shown, and a row that fits no table.
 */
#ifndef JIAYI_CLIENT_OUTPUT_RECORD_H
#define JIAYI_CLIENT_OUTPUT_RECORD_H

#include "client/output/cell.h"

/**
 * record_line() - print "title:  value", the value wrapped to the terminal beside it.
 *
 * @width: the columns of the widest title that stands above or below
 *
 * Returns 0, or -1 when the arena is full.
 */
int record_line(struct arena *a, const struct print *p, size_t width, const char *title,
                const char *value) MUST_CHECK;

#endif
