/**
 * Answers on standard output: tables and lines for people, JSON and CSV for programs.
 */
#ifndef JIAYI_CLIENT_OUTPUT_PRINT_H
#define JIAYI_CLIENT_OUTPUT_PRINT_H

#include "client/words/parse.h"
#include "common/message.h"

/**
 * print_answer() - print an answer on standard output; notes such as "more" go to standard error.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE without memory.
 */
int print_answer(struct arena *a, const ProtobufCMessage *answer, enum output output,
                 struct status *e) MUST_CHECK;

/**
 * print_list_field() - the field that makes a message a list: repeated, and nothing but a page
 * token beside it; NULL where there is none.
 */
const struct schema_field *print_list_field(const struct schema_message *m);

#endif
