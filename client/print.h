/**
 * Answers on standard output: tables and lines for people, JSON and CSV for programs.
 */
#ifndef JIAYI_CLIENT_PRINT_H
#define JIAYI_CLIENT_PRINT_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "client/parse.h"
#include "common/message.h"

/** Where and how to print. */
struct print {
    FILE *file;
    /** A terminal: times relative to now, tables cut to its width. Else nothing is left out. */
    bool terminal;
    bool colour;
    /** The terminal's width. */
    size_t columns;
    time_t now;
};

/** print_to_stdout() - what fits standard output. */
struct print print_to_stdout(void);

/**
 * print_answer() - print an answer on standard output; notes such as "more" go to standard error.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE without memory.
 */
int print_answer(struct arena *a, const ProtobufCMessage *answer, enum output output,
                 struct status *e) MUST_CHECK;

/**
 * print_list_field() - the field that makes a message a list: repeated, and nothing but a page
 * token beside it.
 */
const struct schema_field *print_list_field(const struct schema_message *m);

/**
 * print_title() - a field's name for people, in their language: its column option, or its name in
 * words.
 */
const char *print_title(struct arena *a, const struct schema_field *f);

/**
 * print_cell() - a field of @message for people, on one line and harmless; "" when it is not set.
 * NULL when the arena is full.
 */
const char *print_cell(struct arena *a, const struct print *p, const ProtobufCMessage *message,
                       const struct schema_field *f);

/* The forms. Each returns 0, or -1 with @e set. */

/** print_table() - the @n messages of type @m as a table of the fields that have an order. */
int print_table(struct arena *a, const struct print *p, const struct schema_message *m,
                ProtobufCMessage *const *rows, size_t n, struct status *e) MUST_CHECK;

/**
 * print_object() - one message: a line for each field, then long texts, then tables of what is
 * repeated.
 */
int print_object(struct arena *a, const struct print *p, const ProtobufCMessage *message,
                 struct status *e) MUST_CHECK;

/**
 * print_csv() - RFC 4180, but lines end in LF: a header, then a row for each message.
 *
 * All fields, as declared; those of a message flattened as "amount.currency"; what is repeated as
 * JSON. Values are as the server gave them: a spreadsheet may take one that begins with = for a
 * formula.
 */
int print_csv(struct arena *a, const struct print *p, const struct schema_message *m,
              ProtobufCMessage *const *rows, size_t n, struct status *e) MUST_CHECK;

#endif
