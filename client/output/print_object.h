/**
 * One message in full.
 */
#ifndef JIAYI_CLIENT_OUTPUT_PRINT_OBJECT_H
#define JIAYI_CLIENT_OUTPUT_PRINT_OBJECT_H

#include "client/base/failure.h"
#include "client/output/cell.h"

/**
 * print_object() - one message: a line for each field, then long texts, then tables of what is
 * repeated. On a terminal times are exact, and nothing is cut.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE without memory.
 */
int print_object(struct arena *a, const struct print *p, const ProtobufCMessage *message,
                 struct status *e) MUST_CHECK;

#endif
