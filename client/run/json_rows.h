/**
 * Rows out of a JSON array of flat objects, object by object.
 */
#ifndef JIAYI_CLIENT_RUN_JSON_ROWS_H
#define JIAYI_CLIENT_RUN_JSON_ROWS_H

#include <stdbool.h>
#include <stddef.h>

/** A place in JSON. */
struct json_rows {
    const char *at, *end;
    /** The line that @at is in, from 1; and that in which the row begins that was taken last. */
    size_t line, row_line;
    bool is_begun;
    /** Set by the caller: arrays and objects are taken as the JSON that they are. */
    bool takes_nested;
    /** Its first member whose value is neither text nor a number nor true or false; else "". */
    char wrong[100];
};

/** What json_rows_next() found. JSON_ROWS_SHORT: memory is short, or @take said so. */
enum json_rows_found { JSON_ROWS_ROW, JSON_ROWS_END, JSON_ROWS_BROKEN, JSON_ROWS_SHORT };

/** json_rows_are() - true for a text that begins as an array does. */
bool json_rows_are(const char *text);

/** json_rows_begin() - before the first row of @text, @size bytes with a NUL after them. */
struct json_rows json_rows_begin(const char *text, size_t size);

/**
 * json_rows_next() - take the next object out, each of its members by @take; what is null is not
 * there.
 *
 * @take: @name and @value are gone when it has returned; not 0 ends the call
 */
enum json_rows_found json_rows_next(struct json_rows *j,
                                    int (*take)(void *arg, const char *name, const char *value),
                                    void *arg);

#endif
