/**
 * Answers on standard output: tables and lines for people, JSON and CSV for programs.
 */
#ifndef JIAYI_CLIENT_OUTPUT_PRINT_H
#define JIAYI_CLIENT_OUTPUT_PRINT_H

#include <time.h>

#include "client/output/cell.h"
#include "client/words/parse.h"
#include "common/message.h"

/** How an answer is to be printed. */
struct print_options {
    enum output output;
    /** The flags of the same names. */
    bool utc, bom, raw, no_pager;
    /** The server's clock; 0 where it did not tell. */
    time_t now;
    /** The labels of values, for terminals; NULL for none. */
    const struct labels *labels;
    /** The command has --all, to be named where there is more. */
    bool has_all;
};

/**
 * print_answer() - print an answer on standard output, on a terminal through the user's pager;
 * notes such as "more" go to standard error.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE without memory.
 */
int print_answer(struct arena *a, const ProtobufCMessage *answer, const struct print_options *o,
                 struct status *e) MUST_CHECK;

/**
 * print_news() - print each element of @answer's list @f on a line of its own, as it comes: JSON, a
 * row of CSV, or what its fields say. @is_first: nothing was printed before; then CSV has a head.
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE without memory, or where standard output takes
 * no more.
 */
int print_news(struct arena *a, const ProtobufCMessage *answer, const struct schema_field *f,
               bool is_first, const struct print_options *o, struct status *e) MUST_CHECK;

/**
 * print_list_field() - the field that makes a message a list: repeated, and nothing but a page
 * token beside it; NULL where there is none.
 */
const struct schema_field *print_list_field(const struct schema_message *m);

/* A list of many pages, as JSON or CSV: printed as it comes, one valid whole at its end. */

struct print_stream {
    struct print print;
    bool is_json;
    const struct schema_field *list;
    /** The rows that were printed. */
    size_t n_rows;
    /** There is something that wants an end. */
    bool is_begun;
};

/**
 * print_stream_begin() - begin with a list of type @m.
 *
 * @a: may go after the call, as with the other two
 *
 * Returns 0, or -1 with @e set: STATUS_FAILED_HERE without memory; as print_stream_rows().
 */
int print_stream_begin(struct print_stream *s, struct arena *a, const struct print_options *o,
                       const struct schema_message *m, struct status *e) MUST_CHECK;

/** print_stream_rows() - the rows of a page; of JSON all, or none where it fails. */
int print_stream_rows(struct print_stream *s, struct arena *a, const ProtobufCMessage *page,
                      struct status *e) MUST_CHECK;

/**
 * print_stream_end() - what makes it whole; @next_page_token: where the list goes on, as JSON; NULL
 * for nowhere.
 */
void print_stream_end(struct print_stream *s, const char *next_page_token);

#endif
